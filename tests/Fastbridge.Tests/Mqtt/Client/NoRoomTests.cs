using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;
using static Fastbridge.Tests.Support.ServerPackets;

namespace Fastbridge.Tests.Mqtt.Client;

/// <summary>A connection whose application has no room: what still has to happen on it.</summary>
public class NoRoomTests : ClientTest
{
    [Fact]
    public async Task a_link_that_breaks_while_there_is_no_room_ends_the_connection()
    {
        ScriptedBroker broker = Broker();
        ManualTime time = new();
        Handler.Decide = _ => PublishOutcome.NoRoom;
        Start(OptionsFor(broker.Port) with { KeepAlive = 10 }, time);
        ScriptedLink link = await broker.AcceptAsync();
        await link.SendAsync(Publish(MqttVersion.V5, "a", [], 1, 1));
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(10));
        await Handler.OfferedAsync(1);
        link.Reset();

        // The PINGREQ finds the socket dead; a second later the connection is given up.
        time.Advance(TimeSpan.FromSeconds(10));
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await Handler.EventAsync<MqttEvent.Lost>()).WasConnected);
        Assert.InRange(Handler.Offered, 1, 2);
    }

    [Fact]
    public async Task an_oversized_publish_that_met_no_room_is_offered_again_though_the_server_sends_nothing_more()
    {
        ScriptedBroker broker = Broker();
        bool room = false;
        Handler.Decide = _ => Volatile.Read(ref room) ? PublishOutcome.Taken : PublishOutcome.NoRoom;
        MqttClient client = Start(OptionsFor(broker.Port) with { KeepAlive = 0, LargestPublish = 1_000 });
        ScriptedLink link = await broker.AcceptAsync();
        await link.SendAsync(Publish(MqttVersion.V5, "big", new byte[5_000], 1, 1));
        await Handler.OfferedAsync(1);
        Volatile.Write(ref room, true);
        Handler.MakeRoom();
        ReceivedMessage message = await Handler.MessageAsync();
        Assert.Equal(5_000, message.OversizedBy);
        client.Acknowledge(message.Receipt);
        Assert.Equal([(PacketType.PubAck, (ushort)1)], await link.ReadAcksAsync(1));
    }

    [Fact]
    public async Task a_deadline_that_is_over_already_ends_the_client_and_is_no_error()
    {
        ScriptedBroker broker = Broker();
        MqttClient client = Start(broker);
        await broker.AcceptAsync();
        await client.WaitForConnectedAsync(TestContext.Current.CancellationToken).Guarded();
        await client.DisconnectAsync(TimeSpan.FromSeconds(-3)).Guarded();
    }
}
