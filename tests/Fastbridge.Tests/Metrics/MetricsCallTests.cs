using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using Fastbridge.Admin;
using Fastbridge.Core;
using Fastbridge.Core.Metrics;
using Fastbridge.Metrics;
using Fastbridge.Tests.Admin;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Metrics;

/// <summary>GET /metrics as a scraper sees it.</summary>
public class MetricsCallTests : AdminTest
{
    internal static readonly ConnectorStatus Full = new("k1", ConnectorState.Running, "", FakeBridge.Start, "new")
    {
        Received = 11,
        ReceivedBytes = 1_100,
        Delivered = 7,
        DeadLettered = 2,
        DeadLetterReasons = [new("MSG_SIZE_TOO_LARGE", 1), new("illegal_topic", 1)],
        Discarded = 3,
        DiscardReasons = [new("_MSG_TIMED_OUT", 3)],
        FailureReasons = [new("_MSG_TIMED_OUT", 9)],
        Strategy = "discard",
        ProducedAgain = 4,
        Connections = 3,
        ConnectFailures = 5,
        ConnectionsLost = 2,
        InFlight = 6,
        Buffer = FakeBridge.Buffer,
        LastMessageAt = FakeBridge.Start,
        AckLatency = new LatencyStatus([1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 61.5),
        ProduceLatency = new LatencyStatus([0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0.008),
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task every_number_of_the_status_is_there_with_its_labels(bool open)
    {
        Bridge.Status = Bridge.Status with { Reloads = 2, FailedReloads = 1, Faults = ["f"], Connectors = [Full] };
        MetricsText text = await ScrapeAsync(open);
        (string, string)[] own = [("cluster_name", "default"), ("connector", "k1")];
        (string, string)[] robust = [("connector_type", "kafka"), ("connector_name", "k1")];
        Assert.Equal(11, text.Value("fastbridge_received_messages_total", own));
        Assert.Equal(1_100, text.Value("fastbridge_received_bytes_total", own));
        Assert.Equal(7, text.Value("fastbridge_delivered_records_total", own));
        Assert.Equal(9, text.Value("fastbridge_produce_failures_total", [.. own, ("reason", "_MSG_TIMED_OUT")]));
        Assert.Equal(1, text.Value("fastbridge_dead_letters_total", [.. own, ("reason", "illegal_topic")]));
        Assert.Equal(3, text.Value("fastbridge_dropped_messages_total", [.. own, ("reason", "_MSG_TIMED_OUT")]));
        Assert.Equal(4, text.Value("fastbridge_dropped_messages_total", [.. own, ("reason", "buffer_full")]));
        Assert.Equal((1, 0), (text.Value("fastbridge_connector_state", [.. own, ("state", "Running")]), text.Value("fastbridge_connector_state", [.. own, ("state", "Error")])));
        Assert.Equal((3, 2, 2, 5), (text.Value("fastbridge_mqtt_connections_total"), text.Value("fastbridge_mqtt_reconnects_total"), text.Value("fastbridge_mqtt_connections_lost_total"), text.Value("fastbridge_mqtt_connect_failures_total")));
        Assert.Equal((6, 65_535), (text.Value("fastbridge_window_messages", own), text.Value("fastbridge_window_max_messages", own)));
        Assert.Equal(1_767_323_045.678, text.Value("fastbridge_last_message_timestamp_seconds", own));
        Assert.DoesNotContain(text.Samples, s => s.Name == "fastbridge_last_delivery_timestamp_seconds");
        Assert.Equal((1, 3, 4), (text.Value("fastbridge_ack_latency_seconds_bucket", ("le", "0.0025")), text.Value("fastbridge_ack_latency_seconds_bucket", ("le", "60.0")), text.Value("fastbridge_ack_latency_seconds_bucket", ("le", "+Inf"))));
        Assert.Equal((61.5, 4), (text.Value("fastbridge_ack_latency_seconds_sum"), text.Value("fastbridge_ack_latency_seconds_count")));
        Assert.Equal((1, 2, 3, 5), (text.Value("fastbridge_buffer_records", own), text.Value("fastbridge_buffer_bytes", own), text.Value("fastbridge_buffer_max_bytes", own), text.Value("fastbridge_buffer_damaged_records_total", own)));
        Assert.Equal((7, 5, 1), (text.Value("mqtt_connector_messages_sent_success_total", robust), text.Value("mqtt_connector_messages_sent_failure_total", robust), text.Value("mqtt_connector_up", robust)));
        Assert.Equal((4, 3, 2), (text.Value("mqtt_connector_retry_total", [.. robust, ("strategy", "discard")]), text.Value("mqtt_connector_messages_discarded_total", [.. robust, ("strategy", "discard")]), text.Value("mqtt_connector_dlq_messages_total", [.. robust, ("result", "success")])));
        Assert.Equal((4, 8), (text.Value("mqtt_connector_send_duration_ms_bucket", ("le", "2.5")), text.Value("mqtt_connector_send_duration_ms_sum")));
        Assert.Equal((2, 1, 1), (text.Value("fastbridge_config_reloads_total", ("result", "applied")), text.Value("fastbridge_config_reloads_total", ("result", "refused")), text.Value("fastbridge_config_faults")));
        Assert.Equal(1, text.Value("fastbridge_build_info"));
        Assert.True(text.Value("process_resident_memory_bytes") > 1_000_000);
        Assert.True(text.Value("process_cpu_seconds_total") > 0);
        Assert.True(text.Value("process_open_fds") > 3);
        Assert.True(text.Value("dotnet_gc_allocated_bytes_total") > 0);
    }

    [Fact]
    public async Task no_counter_of_a_connectors_status_is_left_out()
    {
        // Each whole number has a value of its own, and each must come back. What other families say of the same is left out.
        ConnectorStatus status = new("k", ConnectorState.Idle, "", FakeBridge.Start, "");
        PropertyInfo[] counters = [.. typeof(ConnectorStatus).GetProperties().Where(p => p.PropertyType == typeof(long) && p.Name is not (nameof(status.DeadLettered) or nameof(status.Discarded)))];
        for (int i = 0; i < counters.Length; i++) counters[i].SetValue(status, 1_000_001L + i * 1_000);
        Bridge.Status = Bridge.Status with { Connectors = [status] };
        double[] values = [.. (await ScrapeAsync(open: false)).Samples.Where(s => s.Name.StartsWith("fastbridge_", StringComparison.Ordinal)).Select(s => s.Value)];
        Assert.All(counters, c => Assert.Contains((double)(long)c.GetValue(status)!, values));
    }

    [Theory]
    [InlineData("a\"b\\c\nd", "t\\")]
    [InlineData("Wärme 🏭", "}{")]
    [InlineData("x\",connector=\"y", "\n# TYPE up counter")]
    public async Task names_of_any_kind_are_escaped(string name, string tenant)
    {
        Bridge.Status = Bridge.Status with { Connectors = [Full with { Name = name, ClusterName = tenant }] };
        foreach (bool open in (bool[])[false, true])
            Assert.Equal(11, (await ScrapeAsync(open)).Value("fastbridge_received_messages_total", ("cluster_name", tenant), ("connector", name)));
    }

    [Fact]
    public async Task a_connector_that_drains_beside_its_successor_makes_no_series_twice()
    {
        Bridge.Status = Bridge.Status with { Connectors = [Full, Full with { Name = "k2" }, Full with { Received = 99, State = ConnectorState.Stopped }] };
        MetricsText text = await ScrapeAsync(open: true);
        Assert.Equal(11, text.Value("fastbridge_received_messages_total", ("connector", "k1")));
        Assert.Equal(14, text.Value("mqtt_connector_messages_sent_success_agg_total"));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("*/*", false)]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", false)]
    [InlineData("application/openmetrics-text", true)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", true)]
    [InlineData("application/openmetrics-text; version=1.0.0; charset=utf-8", true)]
    [InlineData("application/openmetrics-text;version=\"1.0.0\";escaping=allow-utf-8;q=0.6,*/*;q=0.1", true)]
    [InlineData("application/openmetrics-text;version=0.0.1", false)]
    [InlineData("application/openmetrics-text;q=0", false)]
    [InlineData("application/openmetrics-text;q=2", false)]
    [InlineData("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;version=1.0.0;q=0.8", false)]
    [InlineData(";;q=;,,application", false)]
    public void open_metrics_comes_only_to_who_prefers_it(string accept, bool open) => Assert.Equal(open, AcceptedFormat.IsOpenMetrics(accept));

    [Fact]
    public async Task a_scraper_needs_the_token_as_anyone_else_and_a_query_is_refused()
    {
        Assert.Contains("unknown", FaultOf((await GetAsync("/metrics?name=x")).Body), StringComparison.Ordinal);
        const string token = "0123456789abcdef-token";
        await StartAsync(AdminOptions.Create(Options.Endpoint.ToString(), token));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Http.GetAsync("/metrics", TestContext.Current.CancellationToken)).StatusCode);
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        await ScrapeAsync(open: false);
    }

    [Fact]
    public async Task a_thousand_connectors_are_one_scrape_and_scrapes_at_once_do_not_share_a_buffer()
    {
        Bridge.Status = Bridge.Status with { Connectors = [.. Enumerable.Range(0, 1_000).Select(i => Full with { Name = $"connector-{i}", Received = i })] };
        MetricsText[] texts = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => ScrapeAsync(i % 2 == 0)));
        Assert.All(texts, text => Assert.Equal(999 * 500, text.Samples.Where(s => s.Name == "fastbridge_received_messages_total").Sum(s => s.Value)));
    }

    [Fact]
    public async Task promtool_finds_nothing_but_robust_mqs_milliseconds()
    {
        string promtool = TestTools.RequirePromtool();
        Bridge.Status = Bridge.Status with { Connectors = [Full, Full with { Name = "a\"b\\c\nd" }] };
        string text = await TextAsync(open: false);
        using var folder = new TempFolder("promtool");
        (int code, string output, string error) = await ChildProcess.RunAsync("sh", ["-c", $"'{promtool}' check metrics < '{folder.Write("metrics.txt", text)}'"]);
        string[] complaints = [.. (output + error).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Assert.All(complaints, c => Assert.StartsWith("mqtt_connector_send_duration_ms ", c, StringComparison.Ordinal));
        Assert.Contains(code, new[] { 0, 3 });
    }

    private async Task<MetricsText> ScrapeAsync(bool open) => MetricsText.Read(await TextAsync(open), open);

    private async Task<string> TextAsync(bool open)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", open ? "application/openmetrics-text; version=1.0.0" : "text/plain");
        request.Headers.Authorization = Http.DefaultRequestHeaders.Authorization;
        using HttpResponseMessage answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(open ? "application/openmetrics-text; version=1.0.0; charset=utf-8" : "text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
