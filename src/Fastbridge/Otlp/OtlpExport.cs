using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Fastbridge.Admin;
using Fastbridge.Core;
using Fastbridge.Metrics;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Otlp;

/// <summary>
/// Sends metrics and logs to a collector, OTLP over HTTP with protobuf. A collector that is away is one warning and one line when it is back; metrics of that time are
/// not sent later (the next ones hold all counters), logs wait. Nothing here is on a message's way.
/// </summary>
internal sealed class OtlpExport : IAsyncDisposable
{
    /// <summary>The most of the process' end that telemetry may take for its last words.</summary>
    private static readonly TimeSpan EndingTime = TimeSpan.FromMilliseconds(500);

    private readonly OtlpSettings _settings;
    private readonly IBridgeControl _bridge;
    private readonly AdminCounts? _admin;
    private readonly OtlpLogs? _logs;
    private readonly OtlpMetrics _metrics;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private string? _metricsFault;
    private string? _logsFault;

    private OtlpExport(OtlpSettings settings, IBridgeControl bridge, OtlpLogs? logs, ILogger log, TimeProvider time, AdminCounts? admin)
    {
        (_settings, _bridge, _logs, _log, _time, _admin) = (settings, bridge, logs, log, time, admin);
        _metrics = new OtlpMetrics(settings);
        // As everywhere: what cannot be fetched must not stop it, and a server names nothing to be loaded.
        var tls = new SslClientAuthenticationOptions { CertificateChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true } };
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, SslOptions = tls }) { Timeout = settings.Timeout };
        _running = Task.WhenAll(Task.Run(MetricsAsync), Task.Run(LogsAsync));
    }

    /// <param name="settings">Null: nothing is started, and null comes back.</param>
    /// <param name="logs">Where the log's lines gather; null where none are to be sent.</param>
    /// <param name="admin">What came to the admin API; null: there is none.</param>
    public static OtlpExport? Start(OtlpSettings? settings, IBridgeControl bridge, OtlpLogs? logs, ILoggerFactory loggers, TimeProvider time, AdminCounts? admin = null)
    {
        if (settings is null)
            return null;
        ILogger log = loggers.CreateLogger("fastbridge.otlp");
        OtlpLog.Starting(log, Named(settings.Metrics), Named(settings.Logs));
        return new OtlpExport(settings, bridge, logs, log, time, admin);

        static string Named(Uri? target) => target?.GetLeftPart(UriPartial.Path) ?? "nowhere";
    }

    /// <summary>Sends once more what there is, and ends; within half a second.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        using (var limit = new CancellationTokenSource(EndingTime))
        {
            await SendMetricsAsync(limit.Token).ConfigureAwait(false);
            await SendLogsAsync(limit.Token).ConfigureAwait(false);
        }

        _http.Dispose();
        _stop.Dispose();
    }

    private async Task MetricsAsync()
    {
        while (_settings.Metrics is not null && await WaitAsync(_settings.Interval).ConfigureAwait(false))
            await SendMetricsAsync(_stop.Token).ConfigureAwait(false);
    }

    private async Task LogsAsync()
    {
        while (_logs is not null && await WaitAsync(_logsFault is null ? _settings.LogDelay : TimeSpan.FromSeconds(5)).ConfigureAwait(false))
            await SendLogsAsync(_stop.Token).ConfigureAwait(false);
    }

    private async Task<bool> WaitAsync(TimeSpan time)
    {
        await Task.Delay(time, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_stop.IsCancellationRequested;
    }

    private async Task SendMetricsAsync(CancellationToken stop)
    {
        if (_settings.Metrics is not { } target)
            return;
        ReadOnlyMemory<byte> body = _metrics.Write(new Snapshot(_bridge.Status, ProcessUse.Now(), _admin), _time.GetUtcNow());
        (_, string? fault) = await SendAsync(target, body, stop).ConfigureAwait(false);
        if (!stop.IsCancellationRequested)
            Say("metrics", ref _metricsFault, fault);
    }

    private async Task SendLogsAsync(CancellationToken stop)
    {
        while (_logs is not null && _logs.Next() is { IsEmpty: false } body)
        {
            (bool settled, string? fault) = await SendAsync(_settings.Logs!, body, stop).ConfigureAwait(false);
            if (settled)
                _logs.Sent();
            if (!stop.IsCancellationRequested)
                Say("logs", ref _logsFault, fault);
            if (!settled)
                return;
        }
    }

    /// <returns>Settled: the collector has it, or will never take it, so that it need not be sent again.</returns>
    private async Task<(bool Settled, string? Fault)> SendAsync(Uri target, ReadOnlyMemory<byte> body, CancellationToken stop)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ReadOnlyMemoryContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
            foreach ((string name, string value) in _settings.Headers)
                request.Headers.TryAddWithoutValidation(name, value);
            using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
            bool later = answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
            return (!later, answer.IsSuccessStatusCode ? null : $"the collector answers HTTP {(int)answer.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or InvalidOperationException)
        {
            return (false, e is OperationCanceledException ? "the collector does not answer in time" : (e.GetBaseException().Message).ReplaceLineEndings(" ").TrimEnd('.'));
        }
    }

    private void Say(string what, ref string? before, string? fault)
    {
        bool changed = before is null != fault is null;
        before = fault;
        if (!changed)
            return;
        if (fault is null)
            OtlpLog.Works(_log, what);
        else
            OtlpLog.Fails(_log, what, fault);
    }
}

/// <summary>Log lines of the export, ids 4200 to 4299.</summary>
internal static partial class OtlpLog
{
    [LoggerMessage(4200, LogLevel.Information, "OpenTelemetry: metrics go to {Metrics}, logs to {Logs}")]
    public static partial void Starting(ILogger log, string metrics, string logs);

    [LoggerMessage(4201, LogLevel.Warning, "OpenTelemetry: {What} cannot be sent ({Fault}); see OTEL_EXPORTER_OTLP_ENDPOINT and the collector; it is tried again, and the bridge goes on")]
    public static partial void Fails(ILogger log, string what, string fault);

    [LoggerMessage(4202, LogLevel.Information, "OpenTelemetry: {What} are sent again")]
    public static partial void Works(ILogger log, string what);
}
