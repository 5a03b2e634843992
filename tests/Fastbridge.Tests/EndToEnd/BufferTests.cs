using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>The disk buffer of the published executable, on a Kafka that is stopped and started.</summary>
[Collection(HeavyTests.Name)]
public class BufferTests(Lab lab) : EndToEndTest(lab)
{
    [Fact]
    public async Task all_messages_are_acknowledged_from_disk_while_kafka_is_away_and_survive_a_killed_bridge_in_order()
    {
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "buffered");
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka.Bootstrap, topic, Buffered("kafka_down")).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        Fleet first = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 500 });
        using (var before = new Ledger(kafka.Bootstrap, topic))
            await before.ReadAllAsync([first]);
        await kafka.StopAsync();
        await bridge.WaitForAsync(Name, "go by the disk buffer");

        Fleet second = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 5_000, Size = 256, FirstPublisher = 4 });
        await RecordsAsync(file, 20_000);
        await bridge.StopAsync(UnixSignal.Kill);
        Assert.Equal(20_000, await RecordsAsync(file, 20_000));

        BridgeProcess again = await StartSubscribedAsync(file);
        Fleet third = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 1_000, FirstPublisher = 8 });
        // What was written when the bridge was killed, and not yet acknowledged, has come again.
        await RecordsAsync(file, 24_000, orMore: true);
        await kafka.StartAgainAsync();
        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await ledger.ReadAllAsync([first, second, third]);
        await again.WaitForAsync(Name, "straight to Kafka again");
        Assert.Equal(0, await RecordsAsync(file, 0));
        await EndAsync(again);
        await ledger.ReadToEndAsync();
        Note($"{ledger.Repeats([first, second, third])} repeats");
        ledger.Check([first, second, third], AnyRepeats);
        Assert.True(ledger.Repeats([first, second, third]) <= 65_535, "more than a window was repeated");
    }

    [Fact]
    public async Task sigterm_with_kafka_away_leaves_everything_on_disk_at_once_and_the_next_start_delivers_it()
    {
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "kept");
        await kafka.StopAsync();
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka.Bootstrap, topic, Buffered("always")).Write(Folder);
        // Were it to wait for Kafka, it would wait an hour.
        BridgeProcess bridge = Start(file, new Dictionary<string, string?> { ["FASTBRIDGE_DRAIN_SECONDS"] = "3600" });
        await bridge.WaitForSubscriptionAsync(Name);
        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 2_000 });
        await RecordsAsync(file, 8_000);
        (int code, TimeSpan took) = await bridge.StopAsync();
        Assert.Equal(0, code);
        Note($"SIGTERM to exit: {took.TotalMilliseconds:F0} ms");
        Assert.Contains("8000 records stay in the disk buffer", bridge.Log.Tail, StringComparison.Ordinal);
        Assert.Contains("stopped; 0 messages left to the broker", bridge.Log.Tail, StringComparison.Ordinal);

        await kafka.StartAgainAsync();
        BridgeProcess again = await StartSubscribedAsync(file);
        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(again);
        await ledger.ReadToEndAsync();
        ledger.Check([fleet]);
    }

    [Fact]
    public async Task an_edited_connector_takes_over_its_buffer_with_what_is_in_it()
    {
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "edited");
        await kafka.StopAsync();
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka.Bootstrap, topic, Buffered("always")).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        Fleet first = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 500 });
        await RecordsAsync(file, 2_000);
        int said = bridge.Log.Count;

        JsonNode edited = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!;
        edited["connectors"]![0]!["config"]!["linger_ms"] = 7;
        await File.WriteAllTextAsync(file, edited.ToJsonString(), TestContext.Current.CancellationToken);
        await bridge.WaitForAsync(Name, "stopped;", said);
        await bridge.WaitForSubscriptionAsync(Name, said);
        Fleet second = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 500, FirstPublisher = 4 });
        await RecordsAsync(file, 4_000, orMore: true);
        await kafka.StartAgainAsync();

        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await ledger.ReadAllAsync([first, second]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();
        ledger.Check([first, second], AnyRepeats);
    }

    [Theory]
    [InlineData("drop_oldest")]
    [InlineData("drop_newest")]
    public async Task a_full_buffer_keeps_its_cap_takes_every_message_and_counts_what_it_gives_up(string full)
    {
        const int Cap = 8_000_000;
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "full");
        await kafka.StopAsync();
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url)
            .Add(Name, "fleet/#", kafka.Bootstrap, topic, (c, k) =>
            {
                c["buffer"] = new JsonObject { ["max_bytes"] = Cap, ["full"] = full };
                k["properties"] = new JsonObject { ["message.max.bytes"] = 1_000_000, ["reconnect.backoff.max.ms"] = "500" };
            })
            .Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        await bridge.WaitForAsync(Name, "go by the disk buffer");
        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 10_000, Size = 256 });
        await bridge.WaitForAsync(Name, "messages were given up");
        Assert.InRange(await BufferBytesAsync(), Cap / 2, Cap);

        await kafka.StartAgainAsync();
        await bridge.WaitForAsync(Name, "straight to Kafka again");
        Fleet last = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 100, FirstPublisher = 4 });
        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await ledger.ReadAllAsync([last]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();
        int lost = ledger.LostCount([fleet]);
        Note($"{full}: {lost} of 40,000 given up");
        Assert.InRange(lost, 1, 39_000);
        Assert.Equal(0, ledger.Reordered);
        ledger.Check([last]);
    }

    [Fact]
    public async Task a_folder_that_cannot_serve_stops_its_connector_with_the_remedy_and_no_other()
    {
        string kafka = await Lab.KafkaAsync();
        string good = await KafkaTopics.CreateAsync(kafka, "good");
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url)
            .Add("broken", "b/#", kafka, good, (c, _) => c["buffer"] = new JsonObject { ["path"] = Folder.File("nowhere") })
            .Add("healthy", "fleet/#", kafka, good, (c, _) => c["buffer"] = new JsonObject())
            .Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file, "healthy");
        await bridge.WaitForAsync("broken", "there is no such folder; make it");
        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port });
        using var ledger = new Ledger(kafka, good);
        await ledger.ReadAllAsync([fleet]);
        ledger.Check([fleet]);
        await EndAsync(bridge);
    }

    [Fact]
    public async Task buffer_show_says_what_is_wrong_with_what_it_is_asked()
    {
        (int code, string output, string error) = await BridgeProcess.RunAsync("buffer", "show", "--path", Folder.File("nowhere"));
        Assert.Equal((1, ""), (code, output));
        Assert.Equal($"fastbridge buffer show: buffer {Folder.File("nowhere")}: there is no such folder; nothing has been buffered there yet, or it is another one", error.TrimEnd());
        (code, _, error) = await BridgeProcess.RunAsync("buffer", "show", "--path", "x", "--config", "y");
        Assert.Equal(2, code);
        Assert.Contains("--config and --path: give one of them", error, StringComparison.Ordinal);
        string file = new BridgeFile("mqtt://127.0.0.1:1").Add(Name, "fleet/#", "127.0.0.1:1", "t").Write(Folder);
        (code, output, _) = await BridgeProcess.RunAsync("buffer", "show", "--config", file);
        Assert.Equal((0, "no connector has a buffer"), (code, output.TrimEnd()));
    }

    private static Action<JsonObject, JsonObject> Buffered(string when) => (connector, config) =>
    {
        connector["buffer"] = new JsonObject { ["when"] = when };
        AskingOften(connector, config);
    };

    private string BufferPath => Path.Combine(StateDir, $"buffer-{Name}");

    /// <summary>What the buffer's files take together, once two looks have found the same: the bridge writes files and gives them up while they are looked at.</summary>
    private async Task<long> BufferBytesAsync()
    {
        DateTime deadline = DateTime.UtcNow + TestTools.Guard;
        (string Name, long Length)[] before = [], now = Files();
        while (!now.SequenceEqual(before))
        {
            Assert.True(DateTime.UtcNow < deadline, "the buffer's files do not come to rest");
            await Task.Delay(500, TestContext.Current.CancellationToken);
            (before, now) = (now, Files());
        }

        return now.Sum(f => f.Length);

        (string, long)[] Files() => [.. new DirectoryInfo(BufferPath).GetFiles().Select(f => (f.Name, f is { Exists: true } ? f.Length : 0)).Order()];
    }

    /// <summary>Asks until the buffer holds so many records, or for as long as a test waits.</summary>
    private static async Task<long> RecordsAsync(string file, long wanted, bool orMore = false)
    {
        DateTime deadline = DateTime.UtcNow + TestTools.Guard;
        while (true)
        {
            (int code, string output, string error) = await BridgeProcess.RunAsync("buffer", "show", "--config", file, "--output", "json");
            Assert.True(code == 0, error);
            using JsonDocument json = JsonDocument.Parse(output);
            JsonElement row = Assert.Single(json.RootElement.EnumerateArray());
            long records = row.GetProperty("records").GetInt64();
            if (records == wanted || (orMore && records > wanted))
                return records;
            Assert.True(DateTime.UtcNow < deadline, string.Create(CultureInfo.InvariantCulture, $"{records} records in the buffer, not {wanted}:\n{output}"));
            await Task.Delay(50);
        }
    }
}
