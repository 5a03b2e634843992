using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Session;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Session;

/// <summary>Receive Maximum [MQTT-3.3.4-9] [4.9], per connection.</summary>
public class ReceiveMaximumTests
{
    private static InboundRig Rig(ushort maximum) => InboundRig.Connected(options: o => o with { ReceiveMaximum = maximum, ReceiveMaximumTolerance = 0 });

    [Fact]
    public void one_message_over_it_ends_the_connection_with_0x93()
    {
        InboundRig rig = Rig(2);
        Assert.Equal(BatchEnd.NeedMoreData, rig.Feed(rig.Publish("a", 1, 1), rig.Publish("a", 2, 2), rig.Publish("a")));
        Assert.Equal(BatchEnd.Ended, rig.Feed(rig.Publish("a", 1, 3)));
        Assert.Equal(ReasonCode.ReceiveMaximumExceeded, rig.End!.Violation!.Rule.Code);
    }

    [Fact]
    public async Task a_server_that_sends_somewhat_more_is_borne_and_named_once() // mosquitto 2.0.11
    {
        InboundRig rig = InboundRig.Connected(options: o => o with { ReceiveMaximum = 2, ReceiveMaximumTolerance = 3 });
        for (ushort id = 1; id <= 5; id++)
            Assert.Equal(BatchEnd.NeedMoreData, rig.Feed(rig.Publish("a", 1, id)));
        Assert.Contains("MQTT-3.3.4-9", (await rig.Handler.EventAsync<MqttEvent.Warned>()).Text, StringComparison.Ordinal);
        Assert.Equal(BatchEnd.Ended, rig.Feed(rig.Publish("a", 1, 6)));
        Assert.Equal(ReasonCode.ReceiveMaximumExceeded, rig.End!.Violation!.Rule.Code);
    }

    [Fact]
    public async Task at_QoS_1_a_place_is_free_at_puback()
    {
        InboundRig rig = Rig(1);
        for (ushort id = 1; id <= 100; id++)
        {
            Assert.Equal(BatchEnd.NeedMoreData, rig.Feed(rig.Publish("a", 1, id)));
            rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt);
        }
    }

    [Fact]
    public async Task at_QoS_2_a_place_is_free_at_pubcomp_and_not_before()
    {
        InboundRig rig = Rig(1);
        rig.Feed(rig.Publish("a", 2, 1));
        rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt);
        rig.Feed(ServerPackets.Ack(PacketType.PubRel, 1));
        Assert.Equal(BatchEnd.NeedMoreData, rig.Feed(rig.Publish("a", 2, 2)));
        rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt);
        Assert.Equal(BatchEnd.Ended, rig.Feed(rig.Publish("a", 1, 3)));
    }

    /// <summary>What the linger goes by: a server waits when this stands at its limit.</summary>
    [Fact]
    public async Task what_counts_is_told_until_puback_and_until_pubcomp()
    {
        InboundRig rig = Rig(10);
        rig.Feed(rig.Publish("a", 1, 1), rig.Publish("a", 2, 2), rig.Publish("a"));
        Assert.Equal(2, rig.Inbound.Acks!.Unacknowledged);
        Receipt first = (await rig.Handler.MessageAsync()).Receipt, second = (await rig.Handler.MessageAsync()).Receipt;

        // Done, and not acknowledged on the wire: the one before is not.
        rig.Acknowledge(second);
        Assert.Equal(2, rig.Inbound.Acks!.Unacknowledged);
        rig.Acknowledge(first);
        Assert.Equal(1, rig.Inbound.Acks!.Unacknowledged);
        rig.Feed(ServerPackets.Ack(PacketType.PubRel, 2));
        Assert.Equal(0, rig.Inbound.Acks!.Unacknowledged);
    }

    [Fact]
    public async Task what_an_earlier_connection_left_unreleased_does_not_count()
    {
        InboundRig rig = Rig(1);
        rig.Feed(rig.Publish("a", 2, 1));
        rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt);
        rig.Reconnect();
        Assert.Equal(BatchEnd.NeedMoreData, rig.Feed(rig.Publish("a", 1, 2)));
        rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt);
        Assert.Equal(BatchEnd.NeedMoreData, rig.Feed(ServerPackets.Ack(PacketType.PubRel, 1), rig.Publish("a", 1, 3)));
    }

    [Fact]
    public void in_311_there_is_none()
    {
        InboundRig rig = InboundRig.Connected(MqttVersion.V311, o => o with { ReceiveMaximum = 2 });
        for (ushort id = 1; id <= 1_000; id++)
            Assert.Equal(BatchEnd.NeedMoreData, rig.Feed(rig.Publish("a", 1, id)));
    }

    [Fact]
    public void the_default_65535_is_left_out_of_connect_and_any_other_is_announced()
    {
        Assert.Null(new MqttSession(new MqttClientOptions { ReceiveMaximum = 65_535 }).Connect().ReceiveMaximum);
        Assert.Equal((ushort)10_000, new MqttSession(new MqttClientOptions()).Connect().ReceiveMaximum);
    }
}
