using System.Diagnostics;
using Fastbridge.Core;
using Fastbridge.Core.Config;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Live;

/// <summary>Another set for a bridge that runs: what changed restarts, what did not is not touched.</summary>
public class BridgeApplyTests
{
    private static ConnectorConfig OtherTopic(ConnectorConfig c) => c with { Kafka = c.Kafka with { Topic = "another" } };

    [Fact]
    public async Task a_connector_that_did_not_change_keeps_its_connection_and_its_messages_in_flight()
    {
        await using var rig = new LiveRig { KafkaAnswers = false };
        ConnectorConfig a = rig.Connector("a", "a/#"), b = rig.Connector("b", "b/#");
        rig.Start(a, b);
        Dictionary<string, ScriptedLink> links = await rig.AcceptAllAsync(2);
        await LiveRig.PublishAsync(links["rig-a"], "a/1", 7);
        await LiveRig.UntilAsync(() => rig.Status("a").InFlight == 1, "nothing is in flight");

        await rig.ApplyAsync(rig.Connector("a", "a/#") with { UpdateTime = DateTimeOffset.UnixEpoch }, OtherTopic(b), rig.Connector("c", "c/#"));
        await LiveRig.LeavesAsync(links["rig-b"]);
        Dictionary<string, ScriptedLink> fresh = await rig.AcceptAllAsync(2);

        Assert.Equal(["rig-b", "rig-c"], fresh.Keys.Order());
        Assert.False(fresh["rig-b"].Connect.CleanStart);
        foreach (FakeSink sink in rig.Sinks)
            sink.Report();
        Assert.Equal([(PacketType.PubAck, (ushort)7)], await links["rig-a"].ReadAcksAsync(1));
        Assert.Equal("new", rig.Status("a").Session);
        Assert.Equal(4, rig.Sinks.Count);
    }

    [Fact]
    public async Task certificate_files_of_kafka_that_cannot_be_used_leave_the_producer_alone_until_they_change_again()
    {
        await using var rig = new LiveRig();
        ConnectorConfig Of(string digest, params string[] filters) => rig.Connector("a", filters) is var c ? c with { Kafka = c.Kafka with { FilesDigest = digest } } : null!;
        rig.Start(Of("1", "a/#"));
        ScriptedLink link = await rig.AcceptAsync();
        rig.Refuses = "half written";
        await rig.ApplyAsync(Of("2", "a/#"));
        await LiveRig.PublishAsync(link, "a/1", 7);
        Assert.Equal([(PacketType.PubAck, (ushort)7)], await link.ReadAcksAsync(1));
        Assert.Single(rig.Sinks);
        Assert.Contains("half written", Assert.Single(rig.Bridge.Warnings), StringComparison.Ordinal);

        // What else has changed with them counts.
        await rig.ApplyAsync(Of("3", "a/#", "b/#"));
        await link.GrantAsync();
        Assert.Single(rig.Sinks);

        rig.Refuses = null;
        await rig.ApplyAsync(Of("3", "a/#", "b/#"));
        Assert.Empty(rig.Bridge.Warnings);
        await LiveRig.LeavesAsync(link);
        await rig.AcceptAsync(sessionPresent: true);
        Assert.Equal(2, rig.Sinks.Count);
    }

    [Fact]
    public async Task a_changed_connector_connects_again_after_what_was_in_flight_is_acknowledged_and_the_old_one_has_left()
    {
        await using var rig = new LiveRig { KafkaAnswers = false };
        ConnectorConfig a = rig.Connector("a", "a/#");
        rig.Start(a);
        ScriptedLink old = await rig.AcceptAsync();
        await LiveRig.PublishAsync(old, "a/1", 7);
        await LiveRig.UntilAsync(() => rig.Status("a").InFlight == 1, "nothing is in flight");

        await rig.ApplyAsync(OtherTopic(a));
        Task<ScriptedLink> next = rig.AcceptAsync(sessionPresent: true);
        Assert.Equal(["Idle", "Stopped"], rig.Bridge.Status.Select(s => s.State.ToString()));
        var clock = Stopwatch.StartNew();
        rig.Sinks[0].Report();

        Assert.Equal([(PacketType.PubAck, (ushort)7)], await old.ReadAcksAsync(1));
        await old.ReadAsync(PacketType.Disconnect);
        // It waits two seconds for the server to close, so a test that is late sees nothing.
        Assert.False(next.IsCompleted && clock.Elapsed < TimeSpan.FromSeconds(1.5), "the new one came before the old one had left");
        await old.DisposeAsync();
        ScriptedLink link = await next;
        await LiveRig.PublishAsync(link, "a/2", 8, "second");
        await LiveRig.UntilAsync(() => rig.Sinks[1].Values.Count == 1, "the new one takes no message");
        Assert.True(rig.Sinks[0].IsClosed);
        rig.Sinks[1].Report(); // else the end waits for it
    }

    [Fact]
    public async Task another_subscription_alone_is_made_on_the_same_connection()
    {
        await using var rig = new LiveRig();
        rig.Start(rig.Connector("a", "stays", "goes/#"));
        ScriptedLink link = await rig.AcceptAsync();

        await rig.ApplyAsync(rig.Connector("a", "stays", "comes/+"));

        ClientUnsubscribe unsubscribe = ServerCodec.DecodeUnsubscribe(await link.ReadAsync(PacketType.Unsubscribe), MqttVersion.V5);
        ClientSubscribe subscribe = await link.GrantAsync();
        Assert.Equal(["goes/#"], unsubscribe.Filters);
        Assert.Equal(["comes/+"], subscribe.Filters.Select(f => f.Filter));
        await LiveRig.UntilAsync(() => rig.Status("a").Granted.Select(g => g.Key).SequenceEqual(["stays", "comes/+"]), "the grants are not those of the file");

        await LiveRig.PublishAsync(link, "goes/late", 1);
        await LiveRig.PublishAsync(link, "comes/now", 2);
        await link.ReadAcksAsync(2);
        Assert.Equal((1, 2), (rig.Status("a").Unmatched, rig.Status("a").Received));
    }

    [Fact]
    public async Task a_removed_connector_leaves_within_its_cleanup_timeout_also_while_kafka_is_away()
    {
        await using var rig = new LiveRig { KafkaAnswers = false };
        ConnectorConfig a = rig.Connector("a", "a/#");
        rig.Start(a with { Kafka = a.Kafka with { CleanupTimeoutSecs = 1 } });
        ScriptedLink link = await rig.AcceptAsync();
        await LiveRig.PublishAsync(link, "a/1", 7);
        await LiveRig.UntilAsync(() => rig.Status("a").InFlight == 1, "nothing is in flight");

        await rig.ApplyAsync();

        await LiveRig.LeavesAsync(link); // and no PUBACK before: the message is the broker's
        await LiveRig.UntilAsync(() => rig.Bridge.Status.IsEmpty && rig.Sinks[0].IsClosed, "it drains for ever");
    }

    [Fact]
    public async Task a_removed_connector_says_that_it_is_drained_until_it_has_left()
    {
        await using var rig = new LiveRig { KafkaAnswers = false };
        rig.Start(rig.Connector("a", "a/#"));
        ScriptedLink link = await rig.AcceptAsync();
        await LiveRig.PublishAsync(link, "a/1", 7);
        await LiveRig.UntilAsync(() => rig.Status("a").InFlight == 1, "nothing is in flight");

        await rig.ApplyAsync();

        Assert.Equal("was removed, and is drained", rig.Status("a").Why);
        rig.Sinks[0].Report();
        Assert.Equal([(PacketType.PubAck, (ushort)7)], await link.ReadAcksAsync(1));
        await LiveRig.LeavesAsync(link);
        await LiveRig.UntilAsync(() => rig.Bridge.Status.IsEmpty, "it drains for ever");
    }

    [Fact]
    public async Task a_stop_in_the_file_ends_it_and_a_start_brings_it_back()
    {
        await using var rig = new LiveRig();
        ConnectorConfig a = rig.Connector("a", "a/#");
        rig.Start(a);
        ScriptedLink link = await rig.AcceptAsync();
        await rig.ApplyAsync(a with { Enabled = false });
        await LiveRig.LeavesAsync(link);
        await LiveRig.UntilAsync(() => rig.Bridge.Status.Length == 1, "it drains for ever");
        Assert.Equal((ConnectorState.Stopped, "the file says Stopped"), (rig.Status("a").State, rig.Status("a").Why));
        await rig.ApplyAsync(a);
        Assert.False((await rig.AcceptAsync(sessionPresent: true)).Connect.CleanStart);
    }

    [Fact]
    public async Task an_edit_that_removes_every_connector_is_obeyed_with_a_warning_until_there_is_one_again()
    {
        await using var rig = new LiveRig();
        ConnectorConfig a = rig.Connector("a", "a/#");
        rig.Start(a);
        ScriptedLink link = await rig.AcceptAsync();
        await rig.ApplyAsync();
        await LiveRig.LeavesAsync(link);
        Assert.Contains("removed every connector (1)", Assert.Single(rig.Bridge.Warnings), StringComparison.Ordinal);
        await rig.ApplyAsync();
        Assert.Single(rig.Bridge.Warnings);
        await rig.ApplyAsync(a);
        await rig.AcceptAsync();
        Assert.Empty(rig.Bridge.Warnings);
    }

    [Fact]
    public async Task another_state_dir_waits_for_the_next_start_and_is_said()
    {
        await using var rig = new LiveRig();
        ConnectorConfig a = rig.Connector("a", "a/#");
        rig.Start(a);
        await rig.AcceptAsync();
        await rig.Bridge.ApplyAsync(rig.Set(a) with { StateDir = "/elsewhere" }, []);
        Assert.Contains("/elsewhere, which counts from the next start on", Assert.Single(rig.Bridge.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task the_status_tells_rates_last_times_window_and_the_last_error()
    {
        await using var rig = new LiveRig();
        ConnectorConfig a = rig.Connector("a", "a/#") with { ClusterName = "plant", Window = new WindowConfig { MaxMessages = 9 } };
        rig.Start(a);
        ScriptedLink link = await rig.AcceptAsync();
        DateTimeOffset before = DateTimeOffset.UtcNow - TimeSpan.FromSeconds(2);
        double rate = 0;
        using var guard = new CancellationTokenSource(TestTools.Guard);
        for (ushort id = 1; rate == 0; id++)
        {
            // Again and again, for a rate is that of the last seconds.
            Assert.False(guard.IsCancellationRequested, "no rate");
            await LiveRig.PublishAsync(link, "a/1", id);
            await link.ReadAcksAsync(1);
            rate = rig.Status("a").DeliveredPerSecond;
        }

        link.Reset();
        await LiveRig.UntilAsync(() => rig.Status("a").LastError.Length > 0, "no error");

        await rig.Broker.AcceptAsync(sessionPresent: true); // its subscriptions are in force
        await LiveRig.UntilAsync(() => rig.Status("a").State == ConnectorState.Running, "not running again");
        ConnectorStatus status = rig.Status("a");
        Assert.Equal(("plant", 9, "", "resumed"), (status.ClusterName, status.Window.MaxMessages, status.Why, status.Session));
        Assert.True(status.LastMessageAt > before && status.LastDeliveredAt > before && status.LastErrorAt > before);
        Assert.Equal([KeyValuePair.Create("a/#", 1)], status.Granted);
    }
}
