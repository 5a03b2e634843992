using Fastbridge.Tests.Metrics;
using Fastbridge.Tests.Otlp;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>What the published executable tells of messages that went through it: to a scraper and to a collector.</summary>
public class MetricsTests(Lab lab) : EndToEndTest(lab)
{
    [Fact]
    public async Task the_numbers_of_both_ways_out_are_those_of_the_messages()
    {
        const string secret = "s3cr3t-of-the-collector";
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "metrics");
        Mosquitto broker = await MosquittoAsync();
        var collector = Own(new Collector());
        string file = new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka, topic).Write(Folder);
        int port = Ports.Free();
        var environment = new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
            ["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-key={secret}",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "86400000", // Its last words alone.
        };
        BridgeProcess bridge = Own(BridgeProcess.Start(file, environment, "--admin", $"127.0.0.1:{port}"));
        await bridge.WaitForSubscriptionAsync(Name);
        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 500 });

        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var guard = new CancellationTokenSource(TestTools.Guard);
        MetricsText text;
        do
        {
            // The last report comes a moment after the last record.
            text = MetricsText.Read(await http.GetStringAsync("/metrics", guard.Token), open: false);
        }
        while (text.Value("fastbridge_delivered_records_total", ("connector", Name)) < fleet.Acknowledged);

        Assert.Equal(fleet.Acknowledged, text.Value("fastbridge_received_messages_total", ("connector", Name)));
        Assert.Equal(fleet.Acknowledged, text.Value("mqtt_connector_messages_sent_success_total", ("connector_name", Name)));
        Assert.InRange(text.Value("fastbridge_ack_latency_seconds_count"), fleet.Acknowledged / 64, fleet.Acknowledged);
        Assert.InRange(text.Value("fastbridge_produce_latency_seconds_sum"), 1e-9, 60.0 * fleet.Acknowledged);
        Assert.Equal(1, text.Value("fastbridge_connector_state", ("connector", Name), ("state", "Running")));
        Assert.Equal(0, text.Value("fastbridge_window_messages"));

        await EndAsync(bridge);
        (System.Net.WebHeaderCollection headers, ProtoReader body) = await collector.NextAsync("/v1/metrics");
        Assert.Equal(secret, headers["x-key"]);
        ProtoReader delivered = Assert.Single(body.One(1).One(2).All(2), m => m.Text(1) == "fastbridge_delivered_records");
        Assert.Equal((ulong)fleet.Acknowledged, delivered.One(7).One(1).Number(6));
        Assert.DoesNotContain(secret, bridge.Log.Tail, StringComparison.Ordinal);
    }

    /// <summary>By default .NET collects when the third-level cache is full of garbage, which is hundreds of MB on a server.</summary>
    [Fact]
    public async Task being_asked_for_metrics_all_day_takes_no_memory()
    {
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url).Add(Name, "fleet/#", await Lab.KafkaAsync(), "unused").Write(Folder);
        int port = Ports.Free();
        BridgeProcess bridge = Own(BridgeProcess.Start(file, null, "--admin", $"127.0.0.1:{port}"));
        await bridge.WaitForSubscriptionAsync(Name);

        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var guard = new CancellationTokenSource(TestTools.Guard);
        double most = 0;
        MetricsText text;
        do
        {
            text = MetricsText.Read(await http.GetStringAsync("/metrics", guard.Token), open: false);
            most = Math.Max(most, text.Value("dotnet_gc_heap_bytes"));
        }
        while (text.Value("dotnet_gc_allocated_bytes_total") < 64 * 1024 * 1024);
        Assert.InRange(most, 1, 24 * 1024 * 1024);
        await EndAsync(bridge);
    }
}
