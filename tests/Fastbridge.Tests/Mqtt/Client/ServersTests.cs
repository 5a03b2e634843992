using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Client;

/// <summary>Several servers of one session, and servers that send their clients elsewhere.</summary>
public class ServersTests : ClientTest
{
    private const int ServerReference = 0x1C;

    private static MqttServer At(ScriptedBroker broker) => new("127.0.0.1", broker.Port);

    private static async Task RefuseAsync(ScriptedBroker broker, byte code, params byte[][] properties)
    {
        ScriptedLink link = await broker.AcceptRawAsync();
        await link.ReadAsync(PacketType.Connect);
        await link.SendAsync(ServerPackets.ConnAck(MqttVersion.V5, code, false, properties));
        await link.ReadToEndAsync();
        await link.DisposeAsync();
    }

    [Fact]
    public async Task the_next_server_is_tried_at_once_and_a_lost_connection_first_where_it_was()
    {
        ScriptedBroker first = Broker(), second = Broker();
        Start(OptionsFor(Ports.Free()) with { OtherServers = [At(first), At(second)], ReconnectDelay = TimeSpan.FromMilliseconds(10) });
        MqttEvent.Lost away = await Handler.EventAsync<MqttEvent.Lost>();
        Assert.True(away is { RoundGoesOn: true, WasConnected: false } && away.RetryIn == TimeSpan.Zero);
        Assert.Equal($"mqtt://127.0.0.1:{first.Port}", away.Next);
        ScriptedLink link = await first.AcceptAsync();
        string id = link.Connect.ClientId;
        Assert.Equal($"mqtt://127.0.0.1:{first.Port}", (await Handler.EventAsync<MqttEvent.Connected>()).Server);

        link.Reset();
        await link.DisposeAsync();
        link = await first.AcceptAsync(sessionPresent: true);
        Assert.Null((await Handler.EventAsync<MqttEvent.Connected>()).Before);

        // It goes away for good: the others take their turn, with the same identifier, and the back-off only after all.
        string before = $"mqtt://127.0.0.1:{first.Port}";
        await first.DisposeAsync();
        ScriptedLink next = await second.AcceptAsync();
        Assert.Equal(id, next.Connect.ClientId);
        MqttEvent.Connected connected = await Handler.EventAsync<MqttEvent.Connected>();
        Assert.Equal(($"mqtt://127.0.0.1:{second.Port}", before), (connected.Server, connected.Before));
    }

    [Fact]
    public async Task another_server_is_asked_for_all_subscriptions_also_where_it_has_an_older_session()
    {
        ScriptedBroker first = Broker(), second = Broker();
        Start(OptionsFor(first.Port) with { OtherServers = [At(second)], Subscriptions = [new MqttSubscription("t", QoS.ExactlyOnce)] });
        ScriptedLink link = await first.AcceptAsync();
        await link.GrantAsync();
        await link.SendAsync(ServerPackets.Publish(MqttVersion.V5, "t", "one"u8.ToArray(), 2, 7));
        Assert.Equal("one", (await Handler.MessageAsync()).Text);
        await first.DisposeAsync();

        // There the identifier 7 stands for another message, sent before: to answer it as a repeat would lose it.
        link = await second.AcceptAsync(sessionPresent: true);
        await link.GrantAsync();
        byte[] publish = ServerPackets.Publish(MqttVersion.V5, "t", "two"u8.ToArray(), 2, 7);
        publish[0] |= 0x08;
        await link.SendAsync(publish);
        Assert.Equal("two", (await Handler.MessageAsync()).Text);
    }

    [Theory]
    [InlineData(0x9C)]
    [InlineData(0x9D)]
    public async Task a_reference_is_followed_from_connack_and_from_disconnect(byte code)
    {
        ScriptedBroker first = Broker(), second = Broker(), third = Broker();
        Start(OptionsFor(first.Port));
        await RefuseAsync(first, code, ServerPackets.TextProperty(ServerReference, $"127.0.0.1:{second.Port}"));
        MqttEvent.Lost sent = await Handler.EventAsync<MqttEvent.Lost>();
        Assert.Equal($"mqtt://127.0.0.1:{second.Port}", sent.Next);
        ScriptedLink link = await second.AcceptAsync();
        await Handler.EventAsync<MqttEvent.Connected>();
        await link.SendAsync(ServerPackets.Disconnect(code, ServerPackets.TextProperty(ServerReference, $"no-port-in-range:99999 127.0.0.1:{third.Port}")));
        await link.ReadToEndAsync();
        await link.DisposeAsync();
        await third.AcceptAsync();
        Assert.Equal($"mqtt://127.0.0.1:{third.Port}", (await Handler.EventAsync<MqttEvent.Connected>()).Server);
    }

    [Fact]
    public async Task a_reference_is_not_followed_where_the_file_says_so_and_the_remedy_is_said()
    {
        ScriptedBroker first = Broker();
        Start(OptionsFor(first.Port) with { FollowServerReference = false });
        await RefuseAsync(first, 0x9C, ServerPackets.TextProperty(ServerReference, "elsewhere.example"));
        MqttEvent.Lost lost = await Handler.EventAsync<MqttEvent.Lost>();
        Assert.Null(lost.Next);
        Assert.EndsWith("it asks to use another server (elsewhere.example); set mqtt.server to that, or mqtt.follow_server_reference to true", lost.Reason, StringComparison.Ordinal);
        await first.AcceptAsync();
        await Handler.EventAsync<MqttEvent.Connected>();
    }

    [Fact]
    public async Task servers_that_send_us_to_each_other_are_left_after_five_times()
    {
        ScriptedBroker first = Broker(), second = Broker();
        Start(OptionsFor(first.Port));
        for (int i = 0; i < 6; i++)
        {
            (ScriptedBroker from, ScriptedBroker to) = i % 2 == 0 ? (first, second) : (second, first);
            await RefuseAsync(from, 0x9C, ServerPackets.TextProperty(ServerReference, $"127.0.0.1:{to.Port}"));
        }

        MqttEvent.Lost lost;
        do
            lost = await Handler.EventAsync<MqttEvent.Lost>();
        while (lost.RoundGoesOn);
        Assert.Contains("not followed after 5 such references running", lost.Reason, StringComparison.Ordinal);
        await first.AcceptAsync();
    }

    [Fact]
    public async Task a_tool_hears_what_became_of_every_server()
    {
        int one = Ports.Free(), two = Ports.Free();
        var watcher = new MqttWatcher();
        Start(OptionsFor(one) with { OtherServers = [new MqttServer("127.0.0.1", two)] }, handler: watcher);
        var lost = (MqttEvent.Lost)await watcher.Opened.Guarded();
        Assert.StartsWith($"mqtt://127.0.0.1:{one}: connection refused", lost.Reason, StringComparison.Ordinal);
        Assert.Contains($"; then mqtt://127.0.0.1:{two}: connection refused", lost.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task an_ipv6_address_is_connected()
    {
        int port = Ports.Free();
        await using Mosquitto broker = await Mosquitto.StartAsync(new MosquittoOptions { Extra = $"listener {port} ::1" });
        MqttClient client = Start(OptionsFor(port) with { Host = "::1" });
        Assert.Equal($"mqtt://[::1]:{port}", (await Handler.EventAsync<MqttEvent.Connected>()).Server);
        Assert.True((await client.PublishAsync(new OutgoingPublish("t", "x"u8.ToArray()) { QoS = QoS.AtLeastOnce }, TestContext.Current.CancellationToken)).IsSuccess);
    }
}
