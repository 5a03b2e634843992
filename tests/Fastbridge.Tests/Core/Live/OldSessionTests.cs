using Fastbridge.Core.Config;
using Fastbridge.Core.Live;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Live;

/// <summary>What an earlier configuration left in an MQTT session: filters that are gone, and sessions of connectors that were deleted.</summary>
public class OldSessionTests
{
    [Fact]
    public async Task a_filter_that_went_while_nothing_ran_is_unsubscribed_before_anything_else_until_the_broker_has_confirmed_it()
    {
        using var folder = new TempFolder("live");
        await RunAsync(folder, "old/#", sessionPresent: false, async link => await link.GrantAsync());

        // Cut off before UNSUBACK: it is asked again at the next start.
        await RunAsync(folder, "new/#", sessionPresent: true, async link => Assert.Equal(["old/#"], await UnsubscribeAsync(link)));
        await RunAsync(folder, "new/#", sessionPresent: true, async link =>
        {
            ClientUnsubscribe unsubscribe = ServerCodec.DecodeUnsubscribe(await link.ReadAsync(), MqttVersion.V5); // the first packet of all
            await link.SendAsync(ServerPackets.UnsubAck(MqttVersion.V5, unsubscribe.PacketId, [0]));
            Assert.Equal(["new/#"], (await link.GrantAsync()).Filters.Select(f => f.Filter));

            // QoS 1 answered behind both: they have been read.
            await LiveRig.PublishAsync(link, "new/1", 1);
            await link.ReadAcksAsync(1);
        });
        await RunAsync(folder, "new/#", sessionPresent: true, async link => Assert.Equal(PacketType.Subscribe, (await link.ReadAsync()).Type));
    }

    [Fact]
    public async Task where_the_broker_has_no_session_there_is_nothing_to_unsubscribe()
    {
        using var folder = new TempFolder("live");
        await RunAsync(folder, "old/#", sessionPresent: false, async link => await link.GrantAsync());
        await RunAsync(folder, "new/#", sessionPresent: false, async link => Assert.Equal(PacketType.Subscribe, (await link.ReadAsync()).Type));
        await RunAsync(folder, "new/#", sessionPresent: true, async link => Assert.Equal(PacketType.Subscribe, (await link.ReadAsync()).Type));
    }

    [Fact]
    public async Task what_still_comes_under_an_old_filter_is_written_acknowledged_and_counted()
    {
        using var folder = new TempFolder("live");
        await RunAsync(folder, "old/#", sessionPresent: false, async link => await link.GrantAsync());
        await using LiveRig rig = Start(folder, "new/#");
        ScriptedLink link = await rig.Broker.AcceptAsync(sessionPresent: true);
        await LiveRig.PublishAsync(link, "old/1", 1);
        await LiveRig.PublishAsync(link, "new/1", 2);
        await UnsubscribeAsync(link);
        await link.GrantAsync();
        await link.ReadAcksAsync(2);
        Assert.Equal((2, 2, 1), (rig.Sinks[0].Values.Count, rig.Status("a").Received, rig.Status("a").Unmatched));
    }

    [Fact]
    public async Task a_deleted_connector_is_drained_and_its_session_ended_by_a_clean_start()
    {
        await using var rig = new LiveRig();
        rig.Start(rig.Connector("a", "a/#"));
        ScriptedLink link = await rig.AcceptAsync();
        await rig.ApplyAsync();
        await link.ReadAsync(PacketType.Disconnect);
        Assert.Null(DeletedConnectors.Mark(rig.StateDir, "default", "a")); // the mark comes after the edit was seen
        await link.DisposeAsync();
        await EndsSessionAsync(rig, "rig-a");
        await LiveRig.UntilAsync(() => DeletedConnectors.Read(rig.StateDir).IsEmpty, "the mark stays");
    }

    [Fact]
    public async Task a_connector_that_was_deleted_while_nothing_ran_has_its_session_ended_at_the_next_start_tried_until_the_broker_answers()
    {
        using var folder = new TempFolder("live");
        await using LiveRig rig = new(folder);
        rig.Start(rig.Connector("a", "a/#"), rig.Connector("b", "b/#"));
        await rig.AcceptAllAsync(2);
        await rig.StopAsync();
        DeletedConnectors.Mark(rig.StateDir, "default", "a");

        // Another bridge on the same folder, and the broker at the same address: the port is what the memory knows.
        ConnectorConfig b = rig.Connector("b", "b/#") with { Mqtt = rig.Connector("b", "b/#").Mqtt with { Username = "user" } };
        rig.Start2(b);
        bool refused = false, ended = false;
        while (!ended)
        {
            ScriptedLink link = await rig.Broker.AcceptRawAsync();
            link.Connect = ServerCodec.DecodeConnect(await link.ReadAsync());
            if (link.Connect.ClientId == "rig-b")
            {
                await link.SendAsync(ServerPackets.ConnAck(MqttVersion.V5));
                continue;
            }

            Assert.Equal(("rig-a", true, "user"), (link.Connect.ClientId, link.Connect.CleanStart, link.Connect.Username));
            ended = refused;
            await link.SendAsync(ServerPackets.ConnAck(MqttVersion.V5, refused ? (byte)0 : (byte)0x88));
            refused = true;
            if (!ended)
                await link.DisposeAsync();
            else
                await LiveRig.LeavesAsync(link);
        }

        await LiveRig.UntilAsync(() => DeletedConnectors.Read(rig.StateDir).IsEmpty, "the mark stays");
    }

    [Fact]
    public async Task a_connector_that_was_deleted_and_made_again_begins_with_a_new_session()
    {
        await using var rig = new LiveRig();
        ConnectorConfig a = rig.Connector("a", "a/#");
        rig.Start(a);
        ScriptedLink link = await rig.AcceptAsync();
        DeletedConnectors.Mark(rig.StateDir, "default", "a");
        await rig.ApplyAsync(a with { CreateTime = DateTimeOffset.UnixEpoch });
        await LiveRig.LeavesAsync(link);
        await EndsSessionAsync(rig, "rig-a");
        ScriptedLink again = await rig.AcceptAsync();
        Assert.False(again.Connect.CleanStart);
        await LiveRig.UntilAsync(() => DeletedConnectors.Read(rig.StateDir).IsEmpty, "the mark stays");
        Assert.False(SessionMemory.Load(rig.StateDir, TimeProvider.System, out _).Of("default", "a").IsEmpty);
    }

    [Fact]
    public async Task a_removal_by_an_edit_leaves_the_session_and_its_filters_are_known_when_it_comes_back()
    {
        await using var rig = new LiveRig();
        rig.Start(rig.Connector("a", "old/#"));
        ScriptedLink link = await rig.AcceptAsync();
        await rig.ApplyAsync();
        await LiveRig.LeavesAsync(link);
        await LiveRig.UntilAsync(() => rig.Bridge.Status.IsEmpty, "it drains for ever");

        await rig.ApplyAsync(rig.Connector("a", "new/#"));
        ScriptedLink again = await rig.Broker.AcceptAsync(sessionPresent: true);
        Assert.False(again.Connect.CleanStart);
        Assert.Equal(["old/#"], await UnsubscribeAsync(again));
    }

    private static LiveRig Start(TempFolder folder, string filter)
    {
        var rig = new LiveRig(folder);
        ConnectorConfig a = rig.Connector("a", filter);

        // A session is known by its address, and each broker of these tests has another port.
        string memory = Path.Combine(rig.StateDir, "sessions.json");
        if (File.Exists(memory))
            File.WriteAllText(memory, System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(memory), "\"port\": [0-9]+", $"\"port\": {rig.Broker.Port}"));
        return rig.Start(a);
    }

    /// <summary>One life of a bridge with one connector, up to where <paramref name="script"/> has played the broker.</summary>
    private static async Task RunAsync(TempFolder folder, string filter, bool sessionPresent, Func<ScriptedLink, Task> script)
    {
        LiveRig rig = Start(folder, filter);
        ScriptedLink link = await rig.Broker.AcceptAsync(sessionPresent);
        await script(link);
        await LiveRig.UntilAsync(() => File.Exists(Path.Combine(rig.StateDir, "sessions.json")), "nothing is remembered");
        await rig.EndAsync();
    }

    private static async Task<IReadOnlyList<string>> UnsubscribeAsync(ScriptedLink link) =>
        ServerCodec.DecodeUnsubscribe(await link.ReadAsync(PacketType.Unsubscribe), MqttVersion.V5).Filters;

    private static async Task EndsSessionAsync(LiveRig rig, string clientId)
    {
        ScriptedLink clean = await rig.Broker.AcceptAsync();
        Assert.Equal((clientId, true, null), (clean.Connect.ClientId, clean.Connect.CleanStart, clean.Connect.Properties.Number(0x11)));
        await LiveRig.LeavesAsync(clean);
    }
}
