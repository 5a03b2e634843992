using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;
using static Fastbridge.Tests.Support.ServerPackets;

namespace Fastbridge.Tests.Mqtt.Client;

/// <summary>Acks, back-pressure, keep alive, publishing and shutdown on a real socket.</summary>
public class FlowTests : ClientTest
{
    [Fact]
    public async Task acks_are_held_until_the_application_is_done_and_leave_in_receipt_order() // [MQTT-4.6.0-2]
    {
        ScriptedBroker broker = Broker();
        MqttClient client = Start(broker);
        ScriptedLink link = await broker.AcceptAsync();
        for (ushort id = 1; id <= 100; id++)
            await link.SendAsync(Publish(MqttVersion.V5, "a", [], id % 2 == 0 ? 2 : 1, id));
        ReceivedMessage[] all = await Handler.MessagesAsync(100);
        await Task.WhenAll(all.Skip(1).Reverse().Chunk(7).Select(c => Task.Run(() => client.Acknowledge([.. c.Select(m => m.Receipt)])))).Guarded();

        // Nothing may have left: the first answer to come is the PUBCOMP of a PUBREL sent now.
        await link.SendAsync(Ack(PacketType.PubRel, 500));
        Assert.Equal([(PacketType.PubComp, (ushort)500)], await link.ReadAcksAsync(1));
        client.Acknowledge(all[0].Receipt);
        Assert.Equal(
            Enumerable.Range(1, 100).Select(id => (id % 2 == 0 ? PacketType.PubRec : PacketType.PubAck, (ushort)id)), await link.ReadAcksAsync(100));
    }

    [Fact]
    public async Task a_receipt_of_an_earlier_connection_is_not_acked_on_the_next()
    {
        ScriptedBroker broker = Broker();
        MqttClient client = Start(broker);
        ScriptedLink link = await broker.AcceptAsync();
        await link.SendAsync(Publish(MqttVersion.V5, "a", [], 1, 1));
        Receipt stale = (await Handler.MessageAsync()).Receipt;
        link.Reset();
        link = await broker.AcceptAsync(sessionPresent: true);
        await link.SendAsync(Publish(MqttVersion.V5, "a", [], 1, 1, false, true), Publish(MqttVersion.V5, "a", [], 1, 2));
        ReceivedMessage[] fresh = await Handler.MessagesAsync(2);
        Assert.Equal((1, 2), (stale.Connection, fresh[0].Receipt.Connection));
        client.Acknowledge(stale);
        client.Acknowledge(fresh[1].Receipt);
        client.Acknowledge(fresh[0].Receipt);
        Assert.Equal([(PacketType.PubAck, (ushort)1), (PacketType.PubAck, (ushort)2)], await link.ReadAcksAsync(2));
    }

    [Fact]
    public async Task without_room_reading_stops_acks_go_on_and_nothing_is_lost()
    {
        ScriptedBroker broker = Broker();
        int taken = 0;
        Handler.Decide = _ => Volatile.Read(ref taken) < 2 ? PublishOutcome.Taken : PublishOutcome.NoRoom;
        MqttClient client = Start(broker);
        ScriptedLink link = await broker.AcceptAsync();
        for (ushort id = 1; id <= 4; id++)
            await link.SendAsync(Publish(MqttVersion.V5, $"{id}", [], 1, id));
        ReceivedMessage first = await Handler.MessageAsync();
        taken = 2;
        client.Acknowledge(first.Receipt);
        Assert.Equal([(PacketType.PubAck, (ushort)1)], await link.ReadAcksAsync(1));
        taken = 0;
        Handler.MakeRoom();
        ReceivedMessage[] rest = await Handler.MessagesAsync(3);
        Assert.Equal(["2", "3", "4"], rest.Select(m => m.Topic));
    }

    [Fact]
    public async Task a_half_open_link_is_found_by_keep_alive_and_the_servers_interval_counts() // [MQTT-3.1.2-20] [MQTT-3.2.2-21]
    {
        ScriptedBroker broker = Broker();
        ManualTime time = new();
        MqttClient client = Start(OptionsFor(broker.Port) with { KeepAlive = 600 }, time);
        ScriptedLink link = await broker.AcceptAsync(false, UInt16Property(0x13, 10));
        await client.WaitForConnectedAsync(TestContext.Current.CancellationToken).Guarded();
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(PacketType.PingReq, (await link.ReadAsync()).Type);

        // The server says nothing, and the network does not say that it is gone.
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Contains("no answer to PINGREQ for 5 s", (await Handler.EventAsync<MqttEvent.Lost>()).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task thousands_of_publishes_may_be_on_their_way_at_once(MqttVersion version)
    {
        ScriptedBroker broker = Broker(version);
        MqttClient client = Start(broker);
        ScriptedLink link = await broker.AcceptAsync();
        ValueTask<PublishResult>[] results =
            [.. Enumerable.Range(0, 5_000).Select(i => client.PublishAsync(new OutgoingPublish("t", BitConverter.GetBytes(i)) { QoS = QoS.AtLeastOnce }))];
        List<ushort> ids = [];
        for (int i = 0; i < 5_000; i++)
        {
            ClientPublish publish = ServerCodec.DecodePublish(await link.ReadAsync(PacketType.Publish), version);
            Assert.Equal(i, BitConverter.ToInt32(publish.Payload));
            ids.Add(publish.PacketId);
        }

        await link.SendAsync([.. ids.SelectMany(id => Ack(PacketType.PubAck, id))]);
        foreach (ValueTask<PublishResult> result in results)
            Assert.True((await result.AsTask().Guarded()).IsSuccess);
    }

    [Fact]
    public async Task a_publish_before_the_connection_waits_and_one_that_lost_its_connection_is_sent_again() // [MQTT-4.4.0-1]
    {
        ScriptedBroker broker = Broker();
        MqttClient client = Start(broker);
        Task<PublishResult> result = client.PublishAsync(new OutgoingPublish("t", new byte[3]) { QoS = QoS.AtLeastOnce }, TestContext.Current.CancellationToken).AsTask();
        ScriptedLink link = await broker.AcceptAsync();
        ClientPublish first = ServerCodec.DecodePublish(await link.ReadAsync(PacketType.Publish), MqttVersion.V5);
        link.Reset();
        link = await broker.AcceptAsync(sessionPresent: true);
        ClientPublish second = ServerCodec.DecodePublish(await link.ReadAsync(PacketType.Publish), MqttVersion.V5);
        Assert.Equal((first.PacketId, true), (second.PacketId, second.Dup));
        await link.SendAsync(Ack(PacketType.PubAck, second.PacketId));
        Assert.True((await result.Guarded()).IsSuccess);
    }

    [Fact]
    public async Task a_large_publish_that_fills_the_socket_goes_out_whole_and_acks_do_not_wait_for_the_caller()
    {
        ScriptedBroker broker = Broker();
        MqttClient client = Start(broker);
        ScriptedLink link = await broker.AcceptAsync();
        await link.SendAsync(Publish(MqttVersion.V5, "in", [], 1, 1));
        Receipt receipt = (await Handler.MessageAsync()).Receipt;
        byte[] payload = new byte[8_000_000];
        new Random(8).NextBytes(payload);
        Task<PublishResult> large = client.PublishAsync(new OutgoingPublish("t", payload) { QoS = QoS.AtLeastOnce }, TestContext.Current.CancellationToken).AsTask();
        client.Acknowledge(receipt); // returns although the socket is full
        ClientPublish got = ServerCodec.DecodePublish(await link.ReadAsync(PacketType.Publish), MqttVersion.V5);
        Assert.True(payload.AsSpan().SequenceEqual(got.Payload));
        Assert.Equal([(PacketType.PubAck, (ushort)1)], await link.ReadAcksAsync(1));
        await link.SendAsync(Ack(PacketType.PubAck, got.PacketId));
        await large.Guarded();
    }

    [Fact]
    public async Task shutdown_offers_nothing_new_sends_the_acks_that_are_due_says_disconnect_and_reads_to_the_end()
    {
        ScriptedBroker broker = Broker();
        MqttClient client = Start(broker);
        ScriptedLink link = await broker.AcceptAsync();
        await link.SendAsync(Publish(MqttVersion.V5, "a", [], 1, 1), Publish(MqttVersion.V5, "b", [], 1, 2));
        ReceivedMessage[] m = await Handler.MessagesAsync(2);

        client.BeginDrain();
        await link.SendAsync(Publish(MqttVersion.V5, "late", [], 1, 3), Ack(PacketType.PubRel, 77));
        Assert.Equal([(PacketType.PubComp, (ushort)77)], await link.ReadAcksAsync(1)); // so "late" was read
        client.Acknowledge([m[0].Receipt, m[1].Receipt]);
        Task closing = client.DisconnectAsync(Deadline);
        Assert.Equal([(PacketType.PubAck, (ushort)1), (PacketType.PubAck, (ushort)2)], await link.ReadAcksAsync(2));
        ClientDisconnect disconnect = ServerCodec.DecodeDisconnect(await link.ReadAsync());
        Assert.Equal((0, 0), (disconnect.Code, disconnect.Properties.Count));

        // It reads on while the server still sends, so that no reset can overtake the acks.
        await link.SendAsync(Publish(MqttVersion.V5, "later", new byte[500_000], 1, 4));
        Assert.True(await link.ReadToEndAsync());
        Assert.False(closing.IsCompleted);
        await link.DisposeAsync();
        await closing.Guarded();
        Assert.Equal(2, Handler.Offered);
    }

    [Fact]
    public async Task shutdown_ends_at_its_deadline_where_the_server_never_closes()
    {
        ScriptedBroker broker = Broker();
        MqttClient client = Start(broker);
        await broker.AcceptAsync();
        await client.WaitForConnectedAsync(TestContext.Current.CancellationToken).Guarded();
        await client.DisconnectAsync(TimeSpan.FromMilliseconds(200)).Guarded();
    }

    [Fact]
    public async Task shutdown_while_the_application_has_no_room_does_not_hang()
    {
        ScriptedBroker broker = Broker();
        Handler.Decide = _ => PublishOutcome.NoRoom;
        MqttClient client = Start(broker);
        ScriptedLink link = await broker.AcceptAsync();
        await link.SendAsync(Publish(MqttVersion.V5, "a", [], 1, 1));
        Task closing = client.DisconnectAsync(Deadline);
        await link.ReadAsync(PacketType.Disconnect);
        await link.DisposeAsync();
        await closing.Guarded();
    }

    [Fact]
    public async Task a_session_can_be_ended_at_the_server() // [3.14.2.2.2]
    {
        ScriptedBroker broker = Broker();
        MqttClient client = Start(broker);
        ScriptedLink link = await broker.AcceptAsync();
        await client.WaitForConnectedAsync(TestContext.Current.CancellationToken).Guarded();
        Task closing = client.DisconnectAsync(Deadline, endSession: true);
        Assert.Equal(0u, ServerCodec.DecodeDisconnect(await link.ReadAsync(PacketType.Disconnect)).Properties.Number(0x11));
        await link.DisposeAsync();
        await closing.Guarded();
    }

    [Fact]
    public async Task a_client_that_never_connected_stops_at_once()
    {
        MqttClient client = Start(OptionsFor(Ports.Free()) with { ReconnectDelay = TimeSpan.FromMinutes(5), ReconnectDelayMax = TimeSpan.FromMinutes(5) });
        await Handler.EventAsync<MqttEvent.Lost>();
        await client.DisposeAsync().AsTask().Guarded();
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.WaitForConnectedAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task subscriptions_are_made_again_where_the_server_lost_the_session_and_it_is_said()
    {
        ScriptedBroker broker = Broker();
        Start(broker, o => o with { Subscriptions = [new MqttSubscription("a/#", QoS.AtLeastOnce)] });
        ScriptedLink link = await broker.AcceptAsync();
        await link.GrantAsync();
        await Handler.EventAsync<MqttEvent.Subscribed>();
        link.Reset();
        link = await broker.AcceptAsync(sessionPresent: false);
        Assert.Equal("a/#", (await link.GrantAsync()).Filters[0].Filter);
        Assert.True((await Handler.EventAsync<MqttEvent.Connected>()).StateLost);
    }

    [Fact]
    public void options_that_mqtt_cannot_carry_are_refused_before_anything_is_connected()
    {
        Assert.Throws<ArgumentException>(() => new MqttClient(new MqttClientOptions { ClientId = "a\0b" }, Handler));
        Assert.Throws<ArgumentException>(() => new MqttClient(new MqttClientOptions { Subscriptions = [new MqttSubscription(new string('x', 70_000), QoS.AtLeastOnce)] }, Handler));
    }
}
