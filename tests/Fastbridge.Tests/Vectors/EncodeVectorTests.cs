using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Mqtt.Codec;

namespace Fastbridge.Tests.Vectors;

/// <summary>What other clients write for the same packet, byte for byte: mqtt-packet 9.0.2 (test.js) and MQTTnet (MqttPacketSerialization_V3_Binary_Tests.cs).</summary>
public class EncodeVectorTests
{
    private static readonly UserProperty[] Test = [new("test", "test")];

    [Fact]
    public void mqtt_packet_connect_of_5_with_everything()
    {
        ConnectPacket packet = new()
        {
            ClientId = "test",
            CleanStart = true,
            KeepAlive = 30,
            SessionExpiryInterval = 1_234,
            ReceiveMaximum = 432,
            MaximumPacketSize = 100,
            TopicAliasMaximum = 456,
            RequestResponseInformation = true,
            RequestProblemInformation = true,
            UserProperties = [.. Test],
            AuthenticationMethod = "test",
            AuthenticationData = new byte[] { 1, 2, 3, 4 },
            Will = new ConnectWill("topic", new byte[] { 4, 3, 2, 1 })
            {
                QoS = QoS.ExactlyOnce,
                Retain = true,
                DelayInterval = 1_234,
                PayloadFormatIndicator = 0,
                MessageExpiryInterval = 4_321,
                ContentType = "test",
                ResponseTopic = "topic",
                CorrelationData = new byte[] { 1, 2, 3, 4 },
                UserProperties = [.. Test],
            },
        };
        Same(
            "107d00044d5154540536001e2f11000004d22101b027000000642201c8190117012600047465737400047465737415000474657374160004010203040004746573742f18"
            + "000004d2010002000010e103000474657374080005746f70696309000401020304260004746573740004746573740005746f706963000404030201",
            packet,
            MqttVersion.V5);
    }

    [Fact]
    public void mqtt_packet_connects()
    {
        Same("100c00044d5154540402001e0000", new ConnectPacket { CleanStart = true, KeepAlive = 30 }, MqttVersion.V311);
        Same("101000044d5154540502003c032100140000", new ConnectPacket { CleanStart = true, KeepAlive = 60, ReceiveMaximum = 20 }, MqttVersion.V5);
        Same("101700044d5154540402001e000bc5a6c497c59b74f09f9c84", new ConnectPacket { ClientId = "Ŧėśt🜄", CleanStart = true, KeepAlive = 30 }, MqttVersion.V311);
        Same("101000044d51545404020000000474657374", new ConnectPacket { ClientId = "test", CleanStart = true }, MqttVersion.V311);
    }

    [Fact]
    public void mqtt_packet_publish()
    {
        OutgoingPublish plain = new("test", "test"u8.ToArray());
        Same("300a00047465737474657374", new PublishSending(plain, 0), MqttVersion.V311);
        Same("3006000474657374", new PublishSending(new OutgoingPublish("test", default), 0), MqttVersion.V311);
        Same("3d0c000474657374000a74657374", new PublishSending(plain with { QoS = QoS.ExactlyOnce, Retain = true }, 10, Dup: true), MqttVersion.V311);
    }

    [Fact]
    public void mqtt_packet_subscribe_and_unsubscribe()
    {
        Same("8209000600047465737400", new SubscribePacket(6, [new("test", QoS.AtMostOnce)]), MqttVersion.V311);
        Same("82170006000474657374000004756573740100047466737402", new SubscribePacket(6, [new("test", QoS.AtMostOnce), new("uest", QoS.AtLeastOnce), new("tfst", QoS.ExactlyOnce)]), MqttVersion.V311);
        SubscribePacket five = new(6, [new("test", QoS.AtMostOnce, 1, RetainAsPublished: true)]) { SubscriptionIdentifier = 145, UserProperties = [.. Test] };
        Same("821a0006100b91012600047465737400047465737400047465737418", five, MqttVersion.V5);
        Same(
            "82280006100b910126000474657374000474657374000474657374180004756573740100047466737406",
            five with { Filters = [.. five.Filters, new("uest", QoS.AtLeastOnce), new("tfst", QoS.ExactlyOnce, NoLocal: true)] },
            MqttVersion.V5);
        Same("a20e0007000474667374000474657374", new UnsubscribePacket(7, ["tfst", "test"]), MqttVersion.V311);
        Same("a21c00070d26000474657374000474657374000474667374000474657374", new UnsubscribePacket(7, ["tfst", "test"]) { UserProperties = [.. Test] }, MqttVersion.V5);
    }

    [Fact]
    public void mqttnet_of_3_1_1()
    {
        ConnectPacket connect = new() { ClientId = "XYZ", Username = "USER", Password = "PASS"u8.ToArray(), KeepAlive = 123, CleanStart = true };
        SameBase64("EBsABE1RVFQEwgB7AANYWVoABFVTRVIABFBBU1M=", connect);
        ConnectWill will = new("My/last/will", "Good byte."u8.ToArray()) { QoS = QoS.AtLeastOnce, Retain = true };
        SameBase64("EDUABE1RVFQE7gB7AANYWVoADE15L2xhc3Qvd2lsbAAKR29vZCBieXRlLgAEVVNFUgAEUEFTUw==", connect with { Will = will });
        SameBase64("Ow4ABUEvQi9DAHtIRUxMTw==", new PublishSending(new OutgoingPublish("A/B/C", "HELLO"u8.ToArray()) { QoS = QoS.AtLeastOnce, Retain = true }, 123, Dup: true));
        SameBase64("ghoAewAFQS9CL0MCAAUxLzIvMwEABXgveS96AA==", new SubscribePacket(123, [new("A/B/C", QoS.ExactlyOnce), new("1/2/3", QoS.AtLeastOnce), new("x/y/z", QoS.AtMostOnce)]));
        SameBase64("ohcAewAFQS9CL0MABTEvMi8zAAV4L3kveg==", new UnsubscribePacket(123, ["A/B/C", "1/2/3", "x/y/z"]));
        SameBase64("4AA=", new DisconnectPacket(ReasonCode.Success));
        Assert.Equal(Convert.FromBase64String("wAA="), PingPacket.Request);
        foreach ((string base64, PacketType type) in ((string, PacketType)[])[("QAIAew==", PacketType.PubAck), ("UAIAew==", PacketType.PubRec), ("YgIAew==", PacketType.PubRel), ("cAIAew==", PacketType.PubComp)])
        {
            byte[] ack = new byte[AckPacket.ShortLength];
            AckPacket.WriteRun(ack, type, [123]);
            Assert.Equal(Convert.FromBase64String(base64), ack);
        }
    }

    private static void Same<T>(string hex, T packet, MqttVersion version)
        where T : IClientPacket => Assert.Equal(hex, EncodeTests.Hex(packet, version), ignoreCase: true);

    private static void SameBase64<T>(string base64, T packet)
        where T : IClientPacket => Same(Convert.ToHexString(Convert.FromBase64String(base64)), packet, MqttVersion.V311);
}
