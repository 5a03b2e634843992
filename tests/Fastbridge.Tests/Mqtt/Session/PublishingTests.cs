using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Session;
using Fastbridge.Tests.Support;
using static Fastbridge.Tests.Support.ServerPackets;

namespace Fastbridge.Tests.Mqtt.Session;

/// <summary>Publishing: identifiers, the server's limits, and what is sent again.</summary>
public class PublishingTests
{
    private static OutgoingPublish Message(string topic, QoS qos, int length = 4, bool retain = false) => new(topic, new byte[length]) { QoS = qos, Retain = retain };

    private static List<ClientPublish> SentPublishes(InboundRig rig) =>
        [.. rig.Sent().Where(p => p.Type == PacketType.Publish).Select(p => ServerCodec.DecodePublish(p, rig.Version))];

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task QoS_0_is_written_and_done_QoS_1_awaits_puback_QoS_2_awaits_pubcomp(MqttVersion version)
    {
        InboundRig rig = InboundRig.Connected(version);
        Assert.Null(rig.Session.Publishes.Publish(Message("zero", QoS.AtMostOnce)));
        PendingPublish one = rig.Session.Publishes.Publish(Message("one", QoS.AtLeastOnce))!;
        PendingPublish two = rig.Session.Publishes.Publish(Message("two", QoS.ExactlyOnce))!;
        List<ClientPublish> sent = SentPublishes(rig);
        Assert.Equal(["zero", "one", "two"], sent.Select(p => p.Topic));
        Assert.All(sent, p => Assert.False(p.Dup));

        rig.Feed(Ack(PacketType.PubAck, sent[1].PacketId), Ack(PacketType.PubRec, sent[2].PacketId));
        Assert.Equal($"PubRel {sent[2].PacketId}", rig.SentAcks());
        Assert.False(two.Task.IsCompleted);
        rig.Feed(Ack(PacketType.PubComp, sent[2].PacketId));
        Assert.True((await one.Task.Guarded()).IsSuccess);
        Assert.True((await two.Task.Guarded()).IsSuccess);
        Assert.Equal(0, rig.Session.Publishes.InFlight);
    }

    [Fact]
    public void the_servers_receive_maximum_is_respected_and_the_rest_waits_in_order() // [MQTT-3.3.4-9]
    {
        InboundRig rig = InboundRig.Connected(properties: UInt16Property(0x21, 2));
        for (int i = 0; i < 5; i++)
            rig.Session.Publishes.Publish(Message($"{i}", QoS.AtLeastOnce));
        List<ClientPublish> first = SentPublishes(rig);
        Assert.Equal(["0", "1"], first.Select(p => p.Topic));
        rig.Feed(Ack(PacketType.PubAck, first[1].PacketId));
        Assert.Equal(["2"], SentPublishes(rig).Select(p => p.Topic));
        rig.Feed(Ack(PacketType.PubAck, first[0].PacketId));
        Assert.Equal(["3"], SentPublishes(rig).Select(p => p.Topic));
    }

    [Fact]
    public async Task a_resumed_session_gets_pubrel_and_publish_again_in_the_original_order_with_DUP() // [MQTT-4.4.0-1] [MQTT-4.6.0-1] [MQTT-3.3.1-1]
    {
        InboundRig rig = InboundRig.Connected();
        PendingPublish[] all = [.. Enumerable.Range(0, 4).Select(i => rig.Session.Publishes.Publish(Message($"{i}", i == 1 ? QoS.ExactlyOnce : QoS.AtLeastOnce))!)];
        List<ClientPublish> sent = SentPublishes(rig);
        rig.Feed(Ack(PacketType.PubAck, sent[2].PacketId), Ack(PacketType.PubRec, sent[1].PacketId));
        rig.Reconnect(sessionPresent: true);

        List<ClientPacket> again = rig.Sent();
        Assert.Equal([PacketType.PubRel, PacketType.Publish, PacketType.Publish], again.Select(p => p.Type));
        Assert.Equal(sent[1].PacketId, ServerCodec.DecodeAck(again[0]).PacketId);
        List<ClientPublish> publishes = [.. again.Skip(1).Select(p => ServerCodec.DecodePublish(p, MqttVersion.V5))];
        Assert.Equal([("0", sent[0].PacketId, true), ("3", sent[3].PacketId, true)], publishes.Select(p => (p.Topic, p.PacketId, p.Dup)));
        rig.Feed(Ack(PacketType.PubComp, sent[1].PacketId), Ack(PacketType.PubAck, sent[0].PacketId), Ack(PacketType.PubAck, sent[3].PacketId));
        await Task.WhenAll(all.Select(p => p.Task)).Guarded();
    }

    [Fact]
    public void what_is_sent_again_also_keeps_within_the_new_receive_maximum()
    {
        InboundRig rig = InboundRig.Connected();
        for (int i = 0; i < 4; i++)
            rig.Session.Publishes.Publish(Message($"{i}", QoS.AtLeastOnce));
        rig.Sent();
        rig.Reconnect(true, UInt16Property(0x21, 1));
        ClientPublish again = Assert.Single(SentPublishes(rig));
        Assert.Equal("0", again.Topic);
        rig.Session.Publishes.Publish(Message("new", QoS.AtLeastOnce));
        rig.Feed(Ack(PacketType.PubAck, again.PacketId));
        Assert.Equal(("1", true), SentPublishes(rig).Select(p => (p.Topic, p.Dup)).Single());
    }

    [Fact]
    public async Task without_a_session_QoS_1_is_sent_as_new_and_QoS_2_is_said_to_be_unknown()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Session.Publishes.Publish(Message("one", QoS.AtLeastOnce));
        PendingPublish two = rig.Session.Publishes.Publish(Message("two", QoS.ExactlyOnce))!;
        rig.Sent();
        rig.Reconnect(sessionPresent: false);
        Assert.Equal(("one", false), SentPublishes(rig).Select(p => (p.Topic, p.Dup)).Single());
        Assert.Equal(PublishFault.SessionLost, (await Assert.ThrowsAsync<MqttPublishException>(() => two.Task.Guarded())).Fault);
    }

    [Theory]
    [InlineData(0x24, QoS.AtLeastOnce, false, PublishFault.QoSNotSupported)] // [MQTT-3.2.2-11]
    [InlineData(0x25, QoS.AtMostOnce, true, PublishFault.RetainNotSupported)] // [MQTT-3.2.2-14]
    public async Task what_the_server_has_not_is_not_used(int property, QoS qos, bool retain, PublishFault fault)
    {
        InboundRig rig = InboundRig.Connected(properties: ByteProperty(property, 0));
        MqttPublishException refused = await Assert.ThrowsAsync<MqttPublishException>(async () =>
        {
            if (rig.Session.Publishes.Publish(Message("a", qos, 4, retain)) is { } pending)
                await pending.Task.Guarded();
        });
        Assert.Equal(fault, refused.Fault);
        Assert.Empty(rig.Sent());
    }

    [Fact]
    public async Task no_packet_is_longer_than_the_servers_maximum() // [MQTT-3.2.2-15]
    {
        InboundRig rig = InboundRig.Connected(properties: UInt32Property(0x27, 100));
        PendingPublish large = rig.Session.Publishes.Publish(Message("a", QoS.AtLeastOnce, 200))!;
        rig.Session.Publishes.Publish(Message("b", QoS.AtLeastOnce, 20));
        Assert.Equal(PublishFault.TooLarge, (await Assert.ThrowsAsync<MqttPublishException>(() => large.Task.Guarded())).Fault);
        Assert.Equal("b", Assert.Single(SentPublishes(rig)).Topic);
    }

    [Fact]
    public async Task a_refusal_is_the_result_and_frees_its_place() // [MQTT-4.3.3-4]
    {
        InboundRig rig = InboundRig.Connected(properties: UInt16Property(0x21, 1));
        PendingPublish first = rig.Session.Publishes.Publish(Message("a", QoS.ExactlyOnce))!;
        PendingPublish second = rig.Session.Publishes.Publish(Message("b", QoS.AtLeastOnce))!;
        rig.Feed(Ack(PacketType.PubRec, SentPublishes(rig)[0].PacketId, 0x97));
        rig.Feed(Ack(PacketType.PubAck, SentPublishes(rig)[0].PacketId, 0x10));
        Assert.Equal(new PublishResult(ReasonCode.QuotaExceeded), await first.Task.Guarded());
        Assert.True((await second.Task.Guarded()).IsSuccess);
    }

    [Theory]
    [InlineData(MqttVersion.V311, "PubRel 999")]
    [InlineData(MqttVersion.V5, "PubRel 999 0x92")]
    public void an_unknown_pubrec_is_answered_by_pubrel(MqttVersion version, string answer)
    {
        InboundRig rig = InboundRig.Connected(version);
        rig.Feed(Ack(PacketType.PubRec, 999));
        Assert.Equal(answer, rig.SentAcks());
    }

    [Fact]
    public void puback_for_a_QoS_2_message_is_a_protocol_error()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Session.Publishes.Publish(Message("a", QoS.ExactlyOnce));
        rig.Feed(Ack(PacketType.PubAck, SentPublishes(rig)[0].PacketId));
        Assert.NotNull(rig.End!.Violation);
    }

    [Fact]
    public void in_311_at_most_10_QoS_2_messages_are_on_their_way()
    {
        InboundRig rig = InboundRig.Connected(MqttVersion.V311);
        for (int i = 0; i < 30; i++)
            rig.Session.Publishes.Publish(Message("a", QoS.ExactlyOnce));
        List<ClientPublish> sent = SentPublishes(rig);
        Assert.Equal(10, sent.Count);
        rig.Feed(Ack(PacketType.PubRec, sent[0].PacketId));
        Assert.Empty(SentPublishes(rig));
        rig.Feed(Ack(PacketType.PubComp, sent[0].PacketId));
        Assert.Single(SentPublishes(rig));
    }

    [Fact]
    public void identifiers_are_never_zero_nor_given_twice_while_in_use() // [MQTT-2.2.1-3]
    {
        PacketIds ids = new();
        HashSet<ushort> given = [];
        for (int i = 0; i < PacketIds.Count; i++)
            Assert.True(given.Add(ids.Take()));
        Assert.DoesNotContain((ushort)0, given);
        Assert.Equal(0, ids.Take());
        ids.Free(77);
        Assert.Equal(77, ids.Take());
    }

    [Fact]
    public void one_identifier_at_a_time_is_counted_like_many()
    {
        PacketIds ids = new();
        ushort first = ids.Take();
        ids.Free((ushort)(first + 1)); // Nobody's.
        Assert.Equal(1, ids.InUse);
        ids.Free(first);
        ids.Free(first);
        Assert.Equal(0, ids.InUse);
        for (int i = 1; i < PacketIds.Count; i++) // Once round, one after the other.
            ids.Free(ids.Take());
        Assert.Equal(first, ids.Take());
        HashSet<ushort> given = [first];
        for (int i = 1; i < PacketIds.Count; i++)
            Assert.True(given.Add(ids.Take()));
        Assert.Equal(0, ids.Take());
    }

    [Fact]
    public async Task what_waits_when_the_client_stops_fails()
    {
        OutboundPublishes publishes = new(MqttVersion.V5);
        PendingPublish waiting = publishes.Publish(Message("a", QoS.AtMostOnce))!;
        publishes.Stop();
        Assert.Equal(PublishFault.Stopped, (await Assert.ThrowsAsync<MqttPublishException>(() => waiting.Task.Guarded())).Fault);
        Assert.Throws<MqttPublishException>(() => publishes.Publish(Message("b", QoS.AtMostOnce)));
    }
}
