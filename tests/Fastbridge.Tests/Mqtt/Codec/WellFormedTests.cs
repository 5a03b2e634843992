using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Mqtt.Codec;

/// <summary>Packets at the edge of what is allowed, with all that is read from them; each fed whole, split at every index and byte by byte.</summary>
public class WellFormedTests
{
    [Theory]
    [InlineData(4, "20 02 00 00", "ConnAckPacket SessionPresent=False ReasonCode=Success")]
    [InlineData(4, "20 02 01 00", "ConnAckPacket SessionPresent=True ReasonCode=Success")]
    [InlineData(4, "20 02 00 05", "ConnAckPacket SessionPresent=False ReasonCode=NotAuthorized")]
    [InlineData(4, "20 02 00 02", "ConnAckPacket SessionPresent=False ReasonCode=ClientIdentifierNotValid")]
    // A server that knows only 3.1.1 refuses a 5.0 CONNECT in its own form.
    [InlineData(5, "20 02 00 01", "ConnAckPacket SessionPresent=False ReasonCode=UnsupportedProtocolVersion")]
    [InlineData(5, "20 03 00 87 00", "ConnAckPacket SessionPresent=False ReasonCode=NotAuthorized")]
    // RobustMQ says Maximum QoS 2.
    [InlineData(5, "20 05 00 00 02 2402", "ConnAckPacket SessionPresent=False ReasonCode=Success MaximumQoS=ExactlyOnce")]
    [InlineData(4, "30 03 0001 61", "AtMostOnce id=0 topic=a payload=")]
    [InlineData(5, "30 04 0001 61 00", "AtMostOnce id=0 topic=a payload=")]
    [InlineData(4, "3D 06 0001 61 000A FF", "dup retain ExactlyOnce id=10 topic=a payload=FF")]
    [InlineData(5, "3A 07 0001 61 FFFF 00 00", "dup AtLeastOnce id=65535 topic=a payload=00")]
    // A topic may be empty where an alias stands [3.3.2.3.4].
    [InlineData(5, "30 06 0000 03 230005", "AtMostOnce id=0 topic= payload= format=-1 expiry=-1 alias=5")]
    // BOM is kept [MQTT-1.5.4-3]; so are control characters and non-characters, which 1.5.4 only advises against.
    [InlineData(4, "30 06 0004 EFBBBF61", "AtMostOnce id=0 topic=\uFEFFa payload=")]
    [InlineData(4, "30 05 0003 EFBFBF", "AtMostOnce id=0 topic=\uFFFF payload=")]
    [InlineData(4, "30 03 0001 01", "AtMostOnce id=0 topic=\u0001 payload=")]
    // An emoji, and a topic of one slash.
    [InlineData(4, "30 06 0004 F09F9880", "AtMostOnce id=0 topic=😀 payload=")]
    [InlineData(5, "30 04 0001 2F 00", "AtMostOnce id=0 topic=/ payload=")]
    // User Property and, in a PUBLISH, Subscription Identifier repeat; order is kept.
    [InlineData(5, "30 19 0001 61 14 2600016200013126000162000132 0B01 0BFFFF7F 00", "AtMostOnce id=0 topic=a payload=00 format=-1 expiry=-1 alias=0 b:1 b:2")]
    // An empty key, value, type and correlation are something, not nothing.
    [InlineData(5, "30 0F 0001 61 0B 260000 0000 030000 090000", "AtMostOnce id=0 topic=a payload= format=-1 expiry=-1 alias=0 type= correlation= :")]
    [InlineData(5, "30 0B 0001 61 07 0101 02FFFFFFFF", "AtMostOnce id=0 topic=a payload= format=1 expiry=4294967295 alias=0")]
    // Acks of 2, 3 and more bytes [3.4.2.1].
    [InlineData(4, "40 02 0001", "PubAck AckPacket PacketId=1 ReasonCode=Success")]
    [InlineData(5, "40 02 FFFF", "PubAck AckPacket PacketId=65535 ReasonCode=Success")]
    [InlineData(5, "40 03 0001 10", "PubAck AckPacket PacketId=1 ReasonCode=NoMatchingSubscribers")]
    [InlineData(5, "50 04 0001 97 00", "PubRec AckPacket PacketId=1 ReasonCode=QuotaExceeded")]
    [InlineData(5, "62 03 0001 92", "PubRel AckPacket PacketId=1 ReasonCode=PacketIdentifierNotFound")]
    [InlineData(5, "70 08 0001 00 04 1F000178", "PubComp AckPacket PacketId=1 ReasonCode=Success ReasonString='x'")]
    [InlineData(5, "40 0A 0001 00 06 260001780000", "PubAck AckPacket PacketId=1 ReasonCode=Success UserProperties=x:")]
    [InlineData(4, "90 06 0001 00010280", "SubAck SubAckPacket PacketId=1 Codes=Success,GrantedQoS1,GrantedQoS2,UnspecifiedError")]
    [InlineData(5, "90 05 0001 00 009E", "SubAck SubAckPacket PacketId=1 Codes=Success,SharedSubscriptionsNotSupported")]
    [InlineData(4, "B0 02 0001", "UnsubAck SubAckPacket PacketId=1")]
    [InlineData(5, "B0 05 0001 00 0011", "UnsubAck SubAckPacket PacketId=1 Codes=Success,NoSubscriptionExisted")]
    [InlineData(4, "D0 00", "PingResp")]
    // The minimal form of a length is 5.0's rule; 3.1.1 does not ask for it.
    [InlineData(4, "D0 8000", "PingResp")]
    [InlineData(5, "E0 00", "DisconnectPacket ReasonCode=Success")]
    [InlineData(5, "E0 01 8E", "DisconnectPacket ReasonCode=SessionTakenOver")]
    [InlineData(5, "E0 02 8B 00", "DisconnectPacket ReasonCode=ServerShuttingDown")]
    [InlineData(5, "E0 06 9D 04 1C000178", "DisconnectPacket ReasonCode=ServerMoved ServerReference='x'")]
    [InlineData(5, "F0 00", "AuthPacket ReasonCode=Success")]
    [InlineData(5, "F0 09 18 07 15000178160000", "AuthPacket ReasonCode=ContinueAuthentication AuthenticationMethod='x'")]
    public void is_read_the_same_way_however_it_is_cut(int version, string hex, string expected)
    {
        byte[] packet = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Outcome outcome = Decoding.DecodeEveryWay(packet, (MqttVersion)version);
        Assert.Equal((FrameStatus.Done, expected), (outcome.Status, outcome.Text));
        Assert.Equal(packet.Length, outcome.Consumed);
    }
}
