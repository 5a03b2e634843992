using System.Net;
using Fastbridge.Cli;
using Fastbridge.Core.Metrics;
using Fastbridge.Otlp;
using Fastbridge.Tests.Admin;
using Fastbridge.Tests.Metrics;
using Fastbridge.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Tests.Otlp;

/// <summary>What a collector gets over HTTP, taken apart by a reader that knows protobuf alone.</summary>
public sealed class OtlpExportTests : IAsyncLifetime
{
    private const string Secret = "Bearer s3cr3t-of-the-collector";

    private readonly Collector _collector = new();
    private readonly FakeBridge _bridge = new();
    private readonly Lines _lines = new();
    private OtlpLogs? _logs;
    private ILoggerFactory? _loggers;
    private OtlpExport? _export;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_export is not null) await _export.DisposeAsync();
        _loggers?.Dispose();
        await _collector.DisposeAsync();
        Assert.DoesNotContain(_lines.All, l => l.Contains("s3cr3t", StringComparison.Ordinal));
    }

    [Fact]
    public async Task metrics_come_with_the_names_labels_and_values_of_the_status()
    {
        _bridge.Status = _bridge.Status with { Connectors = [MetricsCallTests.Full with { StartedAt = FakeBridge.Start.AddHours(1) }] };
        Start();
        (WebHeaderCollection headers, ProtoReader body) = await _collector.NextAsync("/v1/metrics");
        Assert.Equal(("application/x-protobuf", Secret), (headers["Content-Type"], headers["Authorization"]));
        ProtoReader resource = body.One(1);
        Dictionary<string, string> about = resource.One(1).Attributes(1);
        Assert.Equal(("gateway 7", "north,1", Fastbridge.Cli.Version.Text), (about["service.name"], about["site"], about["service.version"]));
        Dictionary<string, ProtoReader> metrics = resource.One(2).All(2).ToDictionary(m => m.Text(1));
        Assert.Equal("fastbridge", resource.One(2).One(1).Text(1));

        ProtoReader received = metrics["fastbridge_received_bytes"];
        Assert.Equal("By", received.Text(3));
        Assert.Equal((2UL, 1UL), (received.One(7).Number(2), received.One(7).Number(3)));
        ProtoReader point = received.One(7).One(1);
        Assert.Equal(1_100UL, point.Number(6));
        Assert.Equal(new Dictionary<string, string> { ["cluster_name"] = "default", ["connector"] = "k1" }, point.Attributes(7));
        Assert.Equal((ulong)FakeBridge.Start.AddHours(1).ToUnixTimeMilliseconds() * 1_000_000, point.Number(2));
        Assert.True(point.Number(3) > point.Number(2));

        Assert.Equal(1_767_323_045.678, metrics["fastbridge_last_message_timestamp_seconds"].One(5).One(1).Double(4));
        Assert.Equal(["0", "1", "0", "0"], metrics["fastbridge_connector_state"].One(5).All(1).Select(p => p.Number(6).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        ProtoReader times = metrics["fastbridge_ack_latency_seconds"].One(9).One(1);
        Assert.Equal((4UL, 61.5), (times.Number(4), times.Double(5)));
        Assert.Equal([1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], times.Packed(6));
        Assert.Equal(LatencyHistogram.Bounds, times.Packed(7).Select(BitConverter.UInt64BitsToDouble));
        Assert.True(metrics["process_cpu_seconds"].One(7).One(1).Double(4) > 0);
        Assert.DoesNotContain(metrics.Keys, n => n.StartsWith("mqtt_connector_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task log_lines_come_with_severity_text_and_id_in_order_and_once()
    {
        Start();
        ILogger log = _loggers!.CreateLogger("k1");
        log.Log(LogLevel.Warning, new EventId(2_001), "first", null, (s, _) => s);
        log.Log(LogLevel.Error, new EventId(2_002), "second", new InvalidOperationException("why"), (s, _) => s);
        var got = new List<ProtoReader>();
        while (got.Count < 3) got.AddRange((await _collector.NextAsync("/v1/logs")).Body.One(1).One(2).All(2));
        Assert.StartsWith("OpenTelemetry: metrics go to http://127.0.0.1:", got[0].One(5).Text(1), StringComparison.Ordinal);
        Assert.Equal((13UL, "WARN", "first"), (got[1].Number(2), got[1].Text(3), got[1].One(5).Text(1)));
        Assert.Equal(new Dictionary<string, string> { ["logger"] = "k1", ["event.id"] = "2001" }, got[1].Attributes(6));
        Assert.Equal((17UL, "second: InvalidOperationException: why"), (got[2].Number(2), got[2].One(5).Text(1)));
        Assert.Equal(3, got.Count);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(401)]
    public async Task a_collector_that_refuses_is_one_warning_and_one_line_when_it_takes_again(int status)
    {
        _collector.Status = status;
        Start(("OTEL_LOGS_EXPORTER", "none"));
        for (int i = 0; i < 4; i++) await _collector.NextAsync("/v1/metrics");
        await _lines.UntilAsync(l => l.StartsWith("Warning 4201 ", StringComparison.Ordinal));
        _collector.Status = 200;
        await _lines.UntilAsync(l => l.StartsWith("Information 4202 ", StringComparison.Ordinal));
        Assert.Single(_lines.All, l => l.StartsWith("Warning 4201 ", StringComparison.Ordinal) && l.Contains($"HTTP {status}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task the_last_words_are_sent_at_the_end()
    {
        Start(("OTEL_METRIC_EXPORT_INTERVAL", "86400000"), ("OTEL_BLRP_SCHEDULE_DELAY", "86400000"));
        _loggers!.CreateLogger("k1").Log(LogLevel.Information, new EventId(4_002), "stopped", null, (s, _) => s);
        await _export!.DisposeAsync();
        _export = null;
        await _collector.NextAsync("/v1/metrics");
        Assert.Contains((await _collector.NextAsync("/v1/logs")).Body.One(1).One(2).All(2), r => r.One(5).Text(1) == "stopped");
    }

    [Fact]
    public void lines_wait_while_the_collector_is_away_and_the_oldest_go_first_and_are_counted()
    {
        OtlpSettings settings = Settings()!;
        using var logs = new OtlpLogs(settings, TimeProvider.System);
        ILogger log = logs.CreateLogger("k");
        for (int i = 0; i < OtlpLogs.Most + 3; i++) log.Log(LogLevel.Information, new EventId(1), $"{i}", null, (s, _) => s);
        string[] first = Texts(logs.Next());
        Assert.StartsWith("3 log lines before these were not sent", first[0], StringComparison.Ordinal);
        Assert.Equal(("3", "4", 513), (first[1], first[2], first.Length));
        Assert.Equal(first, Texts(logs.Next()));
        logs.Sent();
        Assert.Equal("515", Texts(logs.Next())[0]);
        for (int i = 0; i < 3; i++)
        {
            logs.Next();
            logs.Sent();
        }

        Assert.True(logs.Next().IsEmpty);

        static string[] Texts(ReadOnlyMemory<byte> body) => [.. new ProtoReader(body.Span).One(1).One(2).All(2).Select(r => r.One(5).Text(1))];
    }

    [Fact]
    public void without_an_endpoint_or_when_disabled_nothing_is_started()
    {
        Assert.Null(OtlpSettings.Read(_ => null));
        Assert.Null(Settings(("OTEL_SDK_DISABLED", "True")));
        Assert.Null(Settings(("OTEL_METRICS_EXPORTER", "none"), ("OTEL_LOGS_EXPORTER", "none")));
        Assert.Null(Settings(("OTEL_LOGS_EXPORTER", "none"))!.Logs);
        Assert.Equal(("http://a:1/x", "http://127.0.0.1:4318/y/v1/logs"), (Settings(("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://a:1/x"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318/y"))!.Metrics!.ToString(), Settings(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318/y/"))!.Logs!.ToString()));
        OtlpSettings standard = OtlpSettings.Read(name => name == "OTEL_EXPORTER_OTLP_ENDPOINT" ? "http://h" : null)!;
        Assert.Equal((60, 1, 10), (standard.Interval.TotalSeconds, standard.LogDelay.TotalSeconds, standard.Timeout.TotalSeconds));
        Assert.Contains(new("service.name", "fastbridge"), standard.Resource);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:s3cr3t@h")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "1m")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "5")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "-1")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "authorization s3cr3t")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "a=b%0D%0Ac: s3cr3t")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES", "=x")]
    public void what_cannot_be_followed_is_told_by_its_name_and_no_secret(string name, string value)
    {
        string message = Assert.Throws<SettingsException>(() => Settings((name, value))).Message;
        Assert.StartsWith(name, message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private OtlpSettings? Settings(params (string Name, string Value)[] more)
    {
        var all = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_EXPORTER_OTLP_HEADERS"] = $"authorization={Uri.EscapeDataString(Secret)}, x-scope = a",
            ["OTEL_SERVICE_NAME"] = "gateway 7",
            ["OTEL_RESOURCE_ATTRIBUTES"] = "site=north%2C1,service.name=other",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
            ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
            ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "60000",
        };
        foreach ((string name, string value) in more) all[name] = value;
        return OtlpSettings.Read(all.GetValueOrDefault);
    }

    private void Start(params (string Name, string Value)[] more)
    {
        OtlpSettings settings = Settings(more)!;
        _logs = settings.Logs is null ? null : new OtlpLogs(settings, TimeProvider.System);
        _loggers = LoggerFactory.Create(b =>
        {
            b.AddProvider(_lines);
            if (_logs is not null) b.AddProvider(_logs);
        });
        _export = OtlpExport.Start(settings, _bridge, _logs, _loggers, TimeProvider.System);
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly List<string> _all = [];

        public string[] All
        {
            get
            {
                lock (_all) return [.. _all];
            }
        }

        public async Task UntilAsync(Func<string, bool> what)
        {
            using var guard = new CancellationTokenSource(TestTools.Guard);
            while (!All.Any(what)) await Task.Delay(10, guard.Token);
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_all) _all.Add($"{logLevel} {eventId.Id} {formatter(state, exception)}");
        }

        public void Dispose()
        {
        }
    }
}
