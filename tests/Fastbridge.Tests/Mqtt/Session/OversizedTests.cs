using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Session;
using Fastbridge.Tests.Mqtt.Client;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Session;

/// <summary>Packets that are too long: read past, never buffered, acknowledged like any other.</summary>
public class OversizedTests
{
    private static InboundRig Rig(uint announced = 0) =>
        InboundRig.Connected(options: o => o with { LargestPublish = 1_000, MaximumPacketSize = announced });

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(700)]
    [InlineData(1)]
    public async Task a_long_publish_is_reported_by_topic_and_size_and_the_stream_goes_on(int piece)
    {
        InboundRig rig = Rig();
        byte[] bytes =
        [
            .. ServerPackets.Publish(MqttVersion.V5, "big/one", new byte[5_000], 1, 3, false, false, ServerPackets.UserProperty("k", "v")),
            .. rig.Publish("small", 1, 4),
        ];
        foreach (byte[] part in bytes.Chunk(piece))
            Assert.Equal(BatchEnd.NeedMoreData, rig.Feed(part));
        ReceivedMessage[] m = await rig.Handler.MessagesAsync(2);
        Assert.Equal(("big/one", 5_000L, (ushort)3), (m[0].Topic, m[0].OversizedBy, m[0].PacketId));
        Assert.Equal(("small", -1L), (m[1].Topic, m[1].OversizedBy));
        rig.Acknowledge(m[1].Receipt, m[0].Receipt);
        Assert.Equal("PubAck 3, PubAck 4", rig.SentAcks());
    }

    [Fact]
    public async Task a_long_publish_may_use_and_set_an_alias()
    {
        InboundRig rig = Rig();
        byte[] alias = ServerPackets.UInt16Property(0x23, 1);
        rig.Feed(ServerPackets.Publish(MqttVersion.V5, "big", new byte[5_000], 0, 0, false, false, alias));
        rig.Feed(rig.Publish("", 0, 0, false, alias));
        Assert.Equal(["big", "big"], (await rig.Handler.MessagesAsync(2)).Select(m => m.Topic));
    }

    [Fact]
    public async Task without_room_it_is_held_and_offered_again()
    {
        InboundRig rig = Rig();
        rig.Handler.Decide = _ => PublishOutcome.NoRoom;
        Assert.Equal(BatchEnd.NoRoom, rig.Feed(ServerPackets.Publish(MqttVersion.V5, "big", new byte[5_000], 1, 3), rig.Publish("b", 1, 4)));
        Assert.Equal(BatchEnd.NoRoom, rig.Feed());
        rig.Handler.Decide = _ => PublishOutcome.Taken;
        Assert.Equal(BatchEnd.NeedMoreData, rig.Feed());
        Assert.Equal(["big", "b"], (await rig.Handler.MessagesAsync(2)).Select(m => m.Topic));
    }

    [Fact]
    [Fault(14)]
    public void a_claim_of_256_MB_allocates_nothing()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(rig.Publish("warm", 1, 1));
        byte[] beginning = [0x32, 0xFF, 0xFF, 0xFF, 0x7F, 0, 1, (byte)'t', 0, 9, 0];
        byte[] more = new byte[4_096];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(BatchEnd.NeedMoreData, rig.Feed(beginning));
        for (int i = 0; i < 100; i++)
            Assert.Equal(BatchEnd.NeedMoreData, rig.Feed(more));
        // What the rig copies itself: some 10 KB a call.
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 3_000_000);
    }

    [Fact]
    public void another_packet_that_claims_256_MB_ends_the_connection_at_once()
    {
        InboundRig rig = InboundRig.Connected();
        Assert.Equal(BatchEnd.Ended, rig.Feed([0x90, 0xFF, 0xFF, 0xFF, 0x7F]));
        Assert.Equal(ReasonCode.PacketTooLarge, rig.End!.Violation!.Rule.Code);
    }

    [Fact]
    public void a_maximum_packet_size_that_we_announced_and_that_is_exceeded_is_0x95() // [MQTT-3.1.2-24]
    {
        InboundRig rig = Rig(announced: 2_000);
        Assert.Equal(2_000u, rig.Session.Connect().MaximumPacketSize);
        Assert.Equal(BatchEnd.Ended, rig.Feed(ServerPackets.Publish(MqttVersion.V5, "big", new byte[5_000], 1, 3)));
        Assert.Equal(ReasonCode.PacketTooLarge, rig.End!.Violation!.Rule.Code);
    }

    [Fact]
    public void none_is_announced_by_default_for_servers_discard_silently_what_exceeds_it() => // [MQTT-3.1.2-25]
        Assert.Null(new MqttSession(new MqttClientOptions()).Connect().MaximumPacketSize);
}
