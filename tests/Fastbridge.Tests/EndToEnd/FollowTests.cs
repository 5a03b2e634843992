using System.Text.Json.Nodes;
using Fastbridge.Core.Live;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>A running bridge follows its connectors file, however it is changed; what did not change is not touched.</summary>
[Collection(HeavyTests.Name)]
public class FollowTests(Lab lab) : EndToEndTest(lab)
{
    [Fact]
    public async Task an_edit_under_load_touches_only_what_it_changes_and_a_new_connector_carries_messages_soon()
    {
        string kafka = await Lab.KafkaAsync();
        string main = await KafkaTopics.CreateAsync(kafka, "main"), side = await KafkaTopics.CreateAsync(kafka, "side"), late = await KafkaTopics.CreateAsync(kafka, "late");
        Mosquitto broker = await MosquittoAsync();
        var file = new BridgeFile(broker.Url);
        string path = file.Add(Name, "fleet/#", kafka, main).Add("side", "side/#", kafka, side).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(path, Name, "side");
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = 4000 });
        Fleet beside = StartFleet(new FleetOptions { Port = broker.Port, Root = "side", Messages = 1_000_000, Rate = 1000, FirstPublisher = 10 });
        using var ledger = new Ledger(kafka, main);
        await ledger.ReadCountAsync(2000);

        // The new one hears a publisher that is there already: its first record shows when it carries.
        Fleet fresh = StartFleet(new FleetOptions { Port = broker.Port, Root = "late", Publishers = 1, Messages = 1_000_000, Rate = 200, FirstPublisher = 20, Qos = 0 });
        DateTime written = DateTime.UtcNow, received = default;
        Edit(path, file => file["connectors"]!.AsArray().Add(JsonNode.Parse($$"""{ "connector_name": "late", "topic_id": "late/#", "config": { "bootstrap_servers": "{{kafka}}", "topic": "{{late}}" } }""")));
        using var lateLedger = new Ledger(kafka, late) { OnRecord = record => received = received == default || record.Timestamp < received ? record.Timestamp : received };
        await lateLedger.ReadCountAsync(1);
        Note($"from the write to the new connector's first message: {(received - written).TotalMilliseconds:F0} ms");

        for (int round = 0; round < 3; round++)
        {
            int said = bridge.Log.Count;
            Edit(path, file => file["connectors"]![1]!["config"]!["linger_ms"] = 10 + round);
            await bridge.WaitForAsync("side", "stopped;", said);
            await bridge.WaitForSubscriptionAsync("side", said);
            await ledger.ReadCountAsync(ledger.Count + 1000);
        }

        await Task.WhenAll(fleet.StopAsync(), beside.StopAsync(), fresh.StopAsync());
        using var sideLedger = new Ledger(kafka, side);
        await ledger.ReadAllAsync([fleet]);
        await sideLedger.ReadAllAsync([beside]);
        await EndAsync(bridge);
        await Task.WhenAll(ledger.ReadToEndAsync(), sideLedger.ReadToEndAsync());

        ledger.Check([fleet]);
        sideLedger.Check([beside], AnyRepeats);
        Assert.Equal(0, sideLedger.Repeats([beside]));
        Assert.Single(bridge.Log.Lines, l => l.Contains($"{Name}: connected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task another_filter_is_subscribed_on_the_same_connection()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "filters");
        Mosquitto broker = await MosquittoAsync();
        string path = new BridgeFile(broker.Url).Add(Name, "one/#", kafka, topic).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(path);
        Edit(path, file => file["connectors"]![0]!["topic_id"] = "two/#");
        await bridge.WaitForAsync(Name, "subscribed \"two/#\"");
        await bridge.WaitForAsync(Name, "unsubscribed \"one/#\"");
        await SendAsync(new FleetOptions { Port = broker.Port, Root = "one", Messages = 50 });
        Fleet two = await SendAsync(new FleetOptions { Port = broker.Port, Root = "two", Messages = 50, FirstPublisher = 4 });
        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadAllAsync([two]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();
        ledger.Check([two]);
        Assert.Equal(200, ledger.Count);
        Assert.Single(bridge.Log.Lines, l => l.Contains($"{Name}: connected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_rename_a_symlink_swap_and_sighup_are_noticed()
    {
        Mosquitto broker = await MosquittoAsync();
        string kafka = $"127.0.0.1:{Ports.Free()}";
        var file = new BridgeFile(broker.Url).Add(Name, "a/#", kafka, "t");
        Directory.CreateDirectory(Folder.File("v1"));
        string first = file.Write(Folder, "v1/connectors.json");
        Directory.CreateSymbolicLink(Folder.File("..data"), "v1");
        string path = Folder.File("connectors.json");
        File.CreateSymbolicLink(path, "..data/connectors.json");
        BridgeProcess bridge = await StartSubscribedAsync(path);

        file.Add("second", "b/#", kafka, "t");
        File.Move(file.Write(Folder, "v1/new.json"), first, overwrite: true);
        await bridge.WaitForSubscriptionAsync("second");

        file.Add("third", "c/#", kafka, "t");
        Directory.CreateDirectory(Folder.File("v2"));
        file.Write(Folder, "v2/connectors.json");
        Directory.CreateSymbolicLink(Folder.File("..tmp"), "v2");
        (int code, _, string error) = await ChildProcess.RunAsync("mv", ["-T", Folder.File("..tmp"), Folder.File("..data")]);
        Assert.True(code == 0, error);
        await bridge.WaitForSubscriptionAsync("third");

        bridge.Process.Signal(UnixSignal.Hangup);
        await bridge.Log.WaitForAsync(["was read again", "nothing has changed"]);
        await EndAsync(bridge);
        Assert.Single(bridge.Log.Lines, l => l.Contains($"{Name}: connected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_bad_file_is_said_once_and_changes_nothing_until_it_is_sound_again()
    {
        Mosquitto broker = await MosquittoAsync();
        var file = new BridgeFile(broker.Url).Add(Name, "a/#", $"127.0.0.1:{Ports.Free()}", "t");
        string path = file.Write(Folder), good = File.ReadAllText(path);
        BridgeProcess bridge = await StartSubscribedAsync(path);
        foreach (string bad in (string[])[good[..(good.Length / 2)], "", good.Replace("\"topic\"", "\"tpoic\"", StringComparison.Ordinal)])
        {
            int said = bridge.Log.Count;
            File.WriteAllText(path, bad);
            await bridge.Log.WaitForAsync(["cannot be used, and what ran before runs on", "connectors.json"], said);
            File.WriteAllText(path, good);
            await bridge.Log.WaitForAsync(["is sound again"], said);
        }

        File.Delete(path);
        await bridge.Log.WaitForAsync(["what ran before runs on", "there is no such file"]);
        file.Add("second", "b/#", $"127.0.0.1:{Ports.Free()}", "t").Write(Folder);
        await bridge.WaitForSubscriptionAsync("second");
        await EndAsync(bridge);
        Assert.Single(bridge.Log.Lines, l => l.Contains($"{Name}: connected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_connector_that_is_removed_while_kafka_is_away_leaves_in_time_and_its_messages_stay_with_the_broker()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "removed");
        Mosquitto broker = await MosquittoAsync();
        string away = $"127.0.0.1:{Ports.Free()}";
        string path = new BridgeFile(broker.Url).Add(Name, "fleet/#", away, topic, (_, config) => config["cleanup_timeout_secs"] = 1).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(path);
        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 100 });

        JsonNode connector = null!;
        Edit(path, file =>
        {
            connector = file["connectors"]![0]!.DeepClone();
            file["connectors"] = new JsonArray();
        });
        await bridge.Log.WaitForAsync(["an edit removed every connector (1)"]);
        await bridge.WaitForAsync(Name, "left to the broker");
        connector["config"]!["bootstrap_servers"] = kafka;
        Edit(path, file => file["connectors"] = new JsonArray(connector));

        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);
        ledger.Check([fleet]);
    }

    [Fact]
    public async Task a_deleted_connectors_session_is_ended_and_a_removed_ones_kept()
    {
        Mosquitto broker = await MosquittoAsync();
        string kafka = $"127.0.0.1:{Ports.Free()}";
        string path = new BridgeFile(broker.Url).Add("deleted", "a/#", kafka, "t").Add("removed", "b/#", kafka, "t").Add("later", "c/#", kafka, "t").Write(Folder);
        string prefix = (string)JsonNode.Parse(File.ReadAllText(path))!["mqtt"]!["client_id"]!;
        BridgeProcess bridge = await StartSubscribedAsync(path, "deleted", "removed", "later");

        Edit(path, file => file["connectors"]!.AsArray().RemoveAt(0));
        Assert.Null(DeletedConnectors.Mark(StateDir, "default", "deleted"));
        await bridge.WaitForAsync("deleted", "is ended");
        Edit(path, file => file["connectors"]!.AsArray().RemoveAt(0));
        await bridge.WaitForAsync("removed", "stopped;");
        await EndAsync(bridge);
        Edit(path, file => file["connectors"]!.AsArray().RemoveAt(0));
        Assert.Null(DeletedConnectors.Mark(StateDir, "default", "later"));
        BridgeProcess second = Start(path);
        await second.WaitForAsync("later", "is ended");
        await EndAsync(second);

        foreach ((string name, bool kept) in ((string, bool)[])[("deleted", false), ("later", false), ("removed", true)])
        {
            using RawMqtt probe = await RawMqtt.ConnectAsync(broker.Port, $"{prefix}-{name}", cleanSession: false, TestContext.Current.CancellationToken);
            Assert.True(probe.SessionPresent == kept, $"the session of {name}: {(probe.SessionPresent ? "kept" : "ended")}");
        }
    }

    [Fact]
    public async Task filters_that_changed_while_nothing_ran_are_unsubscribed_and_what_was_queued_is_written()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "queued");
        Mosquitto broker = await MosquittoAsync();
        string path = new BridgeFile(broker.Url).Add(Name, "old/#", kafka, topic).Write(Folder);
        await EndAsync(await StartSubscribedAsync(path));
        Fleet queued = await SendAsync(new FleetOptions { Port = broker.Port, Root = "old", Messages = 100 });
        Edit(path, file => file["connectors"]![0]!["topic_id"] = "new/#");

        BridgeProcess bridge = await StartSubscribedAsync(path);
        await bridge.WaitForAsync(Name, "unsubscribed \"old/#\"");
        await bridge.WaitForAsync(Name, "counted as unmatched");
        await SendAsync(new FleetOptions { Port = broker.Port, Root = "old", Messages = 100, FirstPublisher = 4 });
        Fleet fresh = await SendAsync(new FleetOptions { Port = broker.Port, Root = "new", Messages = 100, FirstPublisher = 8 });
        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadAllAsync([queued, fresh]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();
        ledger.Check([queued, fresh]);
        Assert.Equal(800, ledger.Count);
    }

    [Fact]
    public async Task a_second_bridge_on_the_same_state_dir_is_refused_in_one_line()
    {
        Mosquitto broker = await MosquittoAsync();
        string path = new BridgeFile(broker.Url).Add(Name, "a/#", "127.0.0.1:1", "t").Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(path);
        (int code, string output, string error) = await BridgeProcess.RunAsync("run", "--config", path);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("another fastbridge runs on it", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        await bridge.StopAsync(UnixSignal.Kill);
        await EndAsync(await StartSubscribedAsync(path));
    }

    private static void Edit(string path, Action<JsonNode> edit)
    {
        JsonNode file = JsonNode.Parse(File.ReadAllText(path))!;
        edit(file);
        File.WriteAllText(path, file.ToJsonString());
    }
}
