using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Session;
using Fastbridge.Tests.Mqtt.Client;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Session;

/// <summary>QoS 2 as receiver [4.3.3].</summary>
public class ExactlyOnceTests
{
    private static byte[] Release(ushort id) => ServerPackets.Ack(PacketType.PubRel, id);

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task a_redelivered_publish_is_acked_again_and_not_delivered_until_pubrel(MqttVersion version) // [MQTT-4.3.3-10]
    {
        InboundRig rig = InboundRig.Connected(version);
        rig.Feed(rig.Publish("a", 2, 5));
        rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt);
        Assert.Equal("PubRec 5", rig.SentAcks());

        rig.Reconnect(sessionPresent: true);
        rig.Sent();
        rig.Feed(rig.Publish("a", 2, 5, dup: true));
        Assert.Equal("PubRec 5", rig.SentAcks());
        Assert.Equal(1, rig.Handler.Offered);

        rig.Feed(Release(5));
        Assert.Equal("PubComp 5", rig.SentAcks());
        rig.Feed(rig.Publish("a", 2, 5));
        Assert.Equal(2, rig.Handler.Offered);
    }

    [Fact]
    public async Task the_second_ack_of_a_redelivered_publish_takes_its_turn() // [MQTT-4.6.0-3]
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(rig.Publish("a", 2, 5));
        rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt);
        rig.Reconnect();
        rig.Sent();
        rig.Feed(rig.Publish("b", 1, 6), rig.Publish("a", 2, 5, dup: true));
        Assert.Equal("", rig.SentAcks());
        rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt);
        Assert.Equal("PubAck 6, PubRec 5", rig.SentAcks());
    }

    [Fact]
    public async Task a_publish_whose_pubrec_never_left_is_delivered_again_after_a_reconnect()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(rig.Publish("a", 2, 5));
        await rig.Handler.MessageAsync();
        rig.Reconnect();
        rig.Feed(rig.Publish("a", 2, 5, dup: true));
        Assert.Equal(2, rig.Handler.Offered);
    }

    [Fact]
    public async Task one_that_the_application_was_done_with_is_only_acked_again_though_its_pubrec_waited_for_its_turn()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(rig.Publish("a", 1, 4), rig.Publish("b", 2, 5));
        ReceivedMessage[] m = await rig.Handler.MessagesAsync(2);
        rig.Acknowledge(m[1].Receipt);
        rig.Reconnect();
        rig.Sent();
        rig.Feed(rig.Publish("a", 1, 4, dup: true), rig.Publish("b", 2, 5, dup: true));
        Assert.Equal(3, rig.Handler.Offered);
        rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt);
        Assert.Equal("PubAck 4, PubRec 5", rig.SentAcks());
    }

    [Theory]
    [InlineData(MqttVersion.V311, "PubComp 9")]
    [InlineData(MqttVersion.V5, "PubComp 9 0x92")]
    public void every_pubrel_is_answered_by_pubcomp_an_unknown_one_with_0x92(MqttVersion version, string answer) // [MQTT-4.3.3-11]
    {
        InboundRig rig = InboundRig.Connected(version);
        rig.Feed(Release(9));
        Assert.Equal(answer, rig.SentAcks());
        Assert.Null(rig.End);
    }

    [Fact]
    public async Task pubrel_is_handled_while_the_application_has_no_room_for_what_is_behind_it()
    {
        InboundRig rig = InboundRig.Connected(MqttVersion.V311);
        rig.Handler.Decide = m => m.Topic == "a" ? PublishOutcome.Taken : PublishOutcome.NoRoom;
        rig.Feed(rig.Publish("a", 2, 5));
        rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt);
        Assert.Equal("PubRec 5", rig.SentAcks());
        Assert.Equal(0, rig.Inbound.Acks!.Pending); // the slot is free at PUBREC, so a full window never waits for PUBREL
        Assert.Equal(BatchEnd.NoRoom, rig.Feed(Release(5), rig.Publish("b", 2, 6)));
        Assert.Equal("PubComp 5", rig.SentAcks());
    }

    [Fact]
    public async Task without_a_session_at_the_server_nothing_is_remembered()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(rig.Publish("a", 2, 5));
        rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt);
        rig.Reconnect(sessionPresent: false);
        rig.Feed(rig.Publish("a", 2, 5));
        Assert.Equal(2, rig.Handler.Offered);
    }

    [Fact]
    public async Task a_publish_repeated_on_the_same_connection_is_not_delivered_twice()
    {
        InboundRig rig = InboundRig.Connected(MqttVersion.V311);
        rig.Feed(rig.Publish("a", 2, 5), rig.Publish("a", 2, 5, dup: true));
        Assert.Equal(1, rig.Handler.Offered);
        rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt);
        Assert.Equal("PubRec 5, PubRec 5", rig.SentAcks());
    }
}
