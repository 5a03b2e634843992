using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Session;
using Fastbridge.Mqtt.Transport;
using Fastbridge.Tests.Mqtt.Client;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Session;

/// <summary>Acks in receipt order [MQTT-4.6.0-2] [MQTT-4.6.0-3] [MQTT-4.6.0-4], and never for another connection's message.</summary>
public class AckOrderTests
{
    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public void an_incoming_publish_is_not_acked_before_the_application_is_done_with_it(MqttVersion version)
    {
        InboundRig rig = InboundRig.Connected(version);
        rig.Feed(rig.Publish("a", 1, 7), rig.Publish("b", 2, 8));
        Assert.Empty(rig.Sent());
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task acks_leave_in_receipt_order_whatever_the_order_of_completion(MqttVersion version)
    {
        InboundRig rig = InboundRig.Connected(version);
        rig.Feed(rig.Publish("a", 1, 30), rig.Publish("b", 2, 10), rig.Publish("c", 1, 20), rig.Publish("d", 2, 40));
        Receipt[] r = [.. (await rig.Handler.MessagesAsync(4)).Select(m => m.Receipt)];

        rig.Acknowledge(r[2]);
        rig.Acknowledge(r[1]);
        Assert.Equal("", rig.SentAcks());
        rig.Acknowledge(r[0]);
        Assert.Equal("PubAck 30, PubRec 10, PubAck 20", rig.SentAcks());
        rig.Acknowledge(r[3]);
        Assert.Equal("PubRec 40", rig.SentAcks());
    }

    [Fact]
    public async Task a_receipt_acknowledged_twice_or_never_given_changes_nothing()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(rig.Publish("a", 1, 1), rig.Publish("b", 1, 2));
        ReceivedMessage[] m = await rig.Handler.MessagesAsync(2);
        rig.Acknowledge(m[0].Receipt, m[0].Receipt, new Receipt(1, 55), new Receipt(1, -1), default);
        rig.Acknowledge(m[0].Receipt);
        Assert.Equal("PubAck 1", rig.SentAcks());
        rig.Acknowledge(m[1].Receipt);
        Assert.Equal("PubAck 2", rig.SentAcks());
    }

    [Fact]
    public async Task a_receipt_of_an_earlier_connection_is_not_acked_on_a_newer_one()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(rig.Publish("a", 1, 1));
        Receipt stale = (await rig.Handler.MessageAsync()).Receipt;
        rig.Reconnect();
        rig.Feed(rig.Publish("a", 1, 1, dup: true));
        Receipt fresh = (await rig.Handler.MessageAsync()).Receipt;
        rig.Sent();

        rig.Acknowledge(stale);
        Assert.Empty(rig.Sent());
        rig.Acknowledge(fresh);
        Assert.Equal("PubAck 1", rig.SentAcks());
    }

    [Fact]
    public async Task a_new_connection_is_told_what_the_one_before_left_unacknowledged()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(rig.Publish("a", 1, 1), rig.Publish("b", 1, 2), rig.Publish("c", 1, 3));
        ReceivedMessage[] m = await rig.Handler.MessagesAsync(3);
        rig.Acknowledge(m[0].Receipt, m[2].Receipt);
        rig.Reconnect();
        Assert.Equal([0, 1], rig.Handler.Connections.Select(c => c.FirstUnacknowledgedBefore));
    }

    [Fact]
    public async Task the_same_identifier_after_its_puback_is_a_new_message_whatever_DUP_says() // [MQTT-4.3.2-5]
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(rig.Publish("a", 1, 1));
        rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt);
        rig.Feed(rig.Publish("a", 1, 1, dup: true));
        rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt);
        Assert.Equal("PubAck 1, PubAck 1", rig.SentAcks());
    }

    [Fact]
    public async Task a_message_without_room_is_offered_again_with_the_same_place()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Handler.Decide = _ => PublishOutcome.NoRoom;
        Assert.Equal(BatchEnd.NoRoom, rig.Feed(rig.Publish("a", 1, 1), rig.Publish("b", 1, 2)));
        Assert.Equal(BatchEnd.NoRoom, rig.Feed());
        rig.Handler.Decide = _ => PublishOutcome.Taken;
        Assert.Equal(BatchEnd.NeedMoreData, rig.Feed());
        ReceivedMessage[] m = await rig.Handler.MessagesAsync(2);
        Assert.Equal([0, 1], m.Select(x => x.Receipt.Sequence));
        rig.Acknowledge(m[1].Receipt, m[0].Receipt);
        Assert.Equal("PubAck 1, PubAck 2", rig.SentAcks());
    }

    [Fact]
    public async Task behind_a_message_that_is_left_nothing_is_offered_and_nothing_is_acked()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Handler.Decide = m => m.Topic == "left" ? PublishOutcome.Left : PublishOutcome.Taken;
        rig.Feed(rig.Publish("a", 1, 1), rig.Publish("left", 1, 2), rig.Publish("b", 1, 3), rig.Publish("c"));
        Assert.Equal(2, rig.Handler.Offered);
        rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt, new Receipt(1, 1), new Receipt(1, 2));
        Assert.Equal("PubAck 1", rig.SentAcks());
    }

    [Fact]
    public void the_queue_starts_with_nothing_grows_to_all_identifiers_and_keeps_no_memory_of_them()
    {
        AckQueue queue = new(1, 65_535, new OutboundQueue(Stream.Null, TimeProvider.System));
        Assert.Equal(0, queue.Capacity);
        List<Receipt> receipts = [];
        for (int id = 1; id <= 65_535; id++)
        {
            Assert.Equal(AckAdmission.Admitted, queue.Add((ushort)id, QoS.AtLeastOnce, false, out Receipt receipt));
            receipts.Add(receipt);
        }

        Assert.Equal(AckQueue.LargestCapacity, queue.Capacity);
        Assert.Equal(AckAdmission.TooMany, queue.Add(1, QoS.AtLeastOnce, false, out _));
        Assert.True(queue.Acknowledge(receipts.ToArray()));
        Assert.Equal(0, queue.Pending);
        Assert.Equal(PagedRing<uint>.PageSize, queue.Capacity);
        Assert.Equal(AckAdmission.Admitted, queue.Add(1, QoS.AtLeastOnce, false, out _));
    }

    [Fact]
    public void the_sequence_may_wrap_and_random_completion_stays_in_order()
    {
        Random random = new(5);
        MemoryStream wire = new();
        OutboundQueue outbound = new(wire, TimeProvider.System);
        AckQueue queue = new(3, 1_000, outbound);
        List<Receipt> open = [];
        List<ushort> expected = [];
        ushort id = 0;
        for (int step = 0; step < 50_000; step++)
        {
            if (open.Count < 1_000 && random.Next(2) == 0 && queue.Pending < 1_000)
            {
                id = id == ushort.MaxValue ? (ushort)1 : (ushort)(id + 1);
                Assert.Equal(AckAdmission.Admitted, queue.Add(id, QoS.AtLeastOnce, false, out Receipt receipt));
                expected.Add(id);
                open.Add(receipt);
            }
            else if (open.Count > 0)
            {
                int at = random.Next(open.Count);
                queue.Acknowledge([open[at]]);
                open.RemoveAt(at);
            }
        }

        queue.Acknowledge(open.ToArray());
        outbound.Flush();
        Assert.Equal(expected, ServerCodec.SplitAll(wire.ToArray()).Select(p => ServerCodec.DecodeAck(p).PacketId));
    }

    [Fact]
    public async Task marking_from_several_threads_while_the_reader_adds_loses_nothing_and_keeps_the_order()
    {
        MemoryStream wire = new();
        OutboundQueue outbound = new(wire, TimeProvider.System);
        AckQueue queue = new(1, 60_000, outbound);
        var channel = System.Threading.Channels.Channel.CreateUnbounded<Receipt>();
        Task[] markers = [.. Enumerable.Range(0, 3).Select(n => Task.Run(async () =>
        {
            Random random = new(n);
            List<Receipt> batch = [];
            while (await channel.Reader.WaitToReadAsync())
            {
                while (batch.Count < 50 && channel.Reader.TryRead(out Receipt receipt))
                    batch.Insert(random.Next(batch.Count + 1), receipt);

                // Nothing is kept over a wait: it may be the head that all others stand behind, the one who adds included.
                queue.Acknowledge(batch.ToArray());
                outbound.Flush();
                batch.Clear();
            }
        }))];
        for (int i = 0; i < 200_000; i++)
        {
            Receipt receipt;
            while (queue.Add((ushort)((i % 65_535) + 1), QoS.AtLeastOnce, false, out receipt) == AckAdmission.TooMany)
                Thread.Yield();
            channel.Writer.TryWrite(receipt);
        }

        channel.Writer.Complete();
        await Task.WhenAll(markers).Guarded();
        await outbound.WhenIdleAsync().Guarded();
        List<ClientPacket> acks = ServerCodec.SplitAll(wire.ToArray());
        Assert.Equal(200_000, acks.Count);
        for (int i = 0; i < acks.Count; i++)
            Assert.Equal((i % 65_535) + 1, ServerCodec.DecodeAck(acks[i]).PacketId);
    }
}
