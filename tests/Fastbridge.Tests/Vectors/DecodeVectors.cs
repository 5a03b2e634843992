namespace Fastbridge.Tests.Vectors;

/// <summary>
/// Packets from servers, taken as bytes from the tests of other clients. A line: version, bytes, what must be read; or "!" and the statement that they
/// break. Where the other project accepts what MQTT forbids, the line says what MQTT says, and the comment above it names the difference.
/// </summary>
internal static class DecodeVectors
{
    /// <summary>npm mqtt-packet 9.0.2 (MIT), test.js.</summary>
    public const string MqttPacket = """
        4 20020000 ConnAckPacket SessionPresent=False ReasonCode=Success
        4 20020001 ConnAckPacket SessionPresent=False ReasonCode=UnsupportedProtocolVersion
        4 20020100 ConnAckPacket SessionPresent=True ReasonCode=Success
        4 20020005 ConnAckPacket SessionPresent=False ReasonCode=NotAuthorized
        5 2003008c00 ConnAckPacket SessionPresent=False ReasonCode=BadAuthenticationMethod
        5 20020001 ConnAckPacket SessionPresent=False ReasonCode=UnsupportedProtocolVersion
        5 2003010000 ConnAckPacket SessionPresent=True ReasonCode=Success
        # accepted there: a success without the property length, which 3.2.2.3.1 asks for
        5 200101 !4.13.1
        5 20020100 !4.13.1
        4 21020005 !MQTT-2.1.3-1
        4 20020205 !MQTT-3.2.2-1
        5 206400006111000004d22101b0240225012700000064120004746573742201c81f0004746573742600047465737400047465737426000474657374000474657374280129012a001304d21a0004746573741c0004746573741500047465737416000401020304 ConnAckPacket SessionPresent=False ReasonCode=Success SessionExpiryInterval=1234 ReceiveMaximum=432 MaximumQoS=ExactlyOnce RetainAvailable=True MaximumPacketSize=100 AssignedClientIdentifier='test' TopicAliasMaximum=456 ReasonString='test' UserProperties=test:test,test:test WildcardSubscriptionAvailable=True SubscriptionIdentifierAvailable=True SharedSubscriptionAvailable=False ServerKeepAlive=1234 ResponseInformation='test' ServerReference='test' AuthenticationMethod='test' AuthenticationData=01020304
        4 300a00047465737474657374 AtMostOnce id=0 topic=test payload=74657374
        4 3006000474657374 AtMostOnce id=0 topic=test payload=
        4 3d0c000474657374000a74657374 dup retain ExactlyOnce id=10 topic=test payload=74657374
        4 3606000474657374 !MQTT-3.3.1-4
        5 3d56000474657374000a49010102000010e1230064080005746f706963090004010203042600047465737400047465737426000474657374000474657374260004746573740004746573740b780300047465737474657374 dup retain ExactlyOnce id=10 topic=test payload=74657374 format=1 expiry=4321 alias=100 type=test response=topic correlation=01020304 test:test test:test test:test
        5 3d40000474657374000a33010102000010e1230064080005746f70696309000401020304260004746573740004746573740b780b790b7a0300047465737474657374 dup retain ExactlyOnce id=10 topic=test payload=74657374 format=1 expiry=4321 alias=100 type=test response=topic correlation=01020304 test:test
        5 3d16000474657374000a0901000b010bffffff7f74657374 dup retain ExactlyOnce id=10 topic=test payload=74657374 format=0 expiry=-1 alias=0
        # Subscription Identifiers 128, 16,384 and 2,097,152
        5 3d1b000474657374000a0e01000b80010b8080010b8080800174657374 dup retain ExactlyOnce id=10 topic=test payload=74657374 format=0 expiry=-1 alias=0
        5 3d3c000474657374000a2f7e0102000010e1230064080005746f70696309000401020304260004746573740004746573740b780300047465737474657374 !2.2.2.2
        4 40020002 PubAck AckPacket PacketId=2 ReasonCode=Success
        4 41020002 !MQTT-2.1.3-1
        5 40020002 PubAck AckPacket PacketId=2 ReasonCode=Success
        5 4002002a PubAck AckPacket PacketId=42 ReasonCode=Success
        5 4003002a00 PubAck AckPacket PacketId=42 ReasonCode=Success
        5 4004002a0000 PubAck AckPacket PacketId=42 ReasonCode=Success
        5 400400021000 PubAck AckPacket PacketId=2 ReasonCode=NoMatchingSubscribers
        5 4018000210141f00047465737426000474657374000474657374 PubAck AckPacket PacketId=2 ReasonCode=NoMatchingSubscribers ReasonString='test' UserProperties=test:test
        5 400400021100 !2.4
        4 50020002 PubRec AckPacket PacketId=2 ReasonCode=Success
        4 51020002 !MQTT-2.1.3-1
        5 5018000210141f00047465737426000474657374000474657374 PubRec AckPacket PacketId=2 ReasonCode=NoMatchingSubscribers ReasonString='test' UserProperties=test:test
        4 62020002 PubRel AckPacket PacketId=2 ReasonCode=Success
        4 60020002 !MQTT-2.1.3-1
        5 6218000292141f00047465737426000474657374000474657374 PubRel AckPacket PacketId=2 ReasonCode=PacketIdentifierNotFound ReasonString='test' UserProperties=test:test
        5 620400021000 !2.4
        5 620400021100 !2.4
        4 70020002 PubComp AckPacket PacketId=2 ReasonCode=Success
        4 71020002 !MQTT-2.1.3-1
        5 7018000292141f00047465737426000474657374000474657374 PubComp AckPacket PacketId=2 ReasonCode=PacketIdentifierNotFound ReasonString='test' UserProperties=test:test
        5 700400021000 !2.4
        4 90050006000102 SubAck SubAckPacket PacketId=6 Codes=Success,GrantedQoS1,GrantedQoS2
        5 900700060000010280 SubAck SubAckPacket PacketId=6 Codes=Success,GrantedQoS1,GrantedQoS2,UnspecifiedError
        5 901b0006141f0004746573742600047465737400047465737400010280 SubAck SubAckPacket PacketId=6 Codes=Success,GrantedQoS1,GrantedQoS2,UnspecifiedError ReasonString='test' UserProperties=test:test
        4 9006000600010203 !MQTT-3.9.3-2
        # the length of the properties is missing there: 0x00 is read as one, 0x79 stands among the codes
        5 9006000600010279 !MQTT-3.9.3-2
        5 9000 !4.13.1
        4 b0020008 UnsubAck SubAckPacket PacketId=8
        4 b1020008 !MQTT-2.1.3-1
        5 b0190008141f000474657374260004746573740004746573740080 UnsubAck SubAckPacket PacketId=8 Codes=Success,UnspecifiedError ReasonString='test' UserProperties=test:test
        5 b00400080084 !MQTT-3.11.3-2
        5 b000 !4.13.1
        4 b00101 !4.13.1
        4 d000 PingResp
        4 d100 !MQTT-2.1.3-1
        5 e000 DisconnectPacket ReasonCode=Success
        5 e00100 DisconnectPacket ReasonCode=Success
        5 e0020000 DisconnectPacket ReasonCode=Success
        5 e0020500 !2.4
        4 e100 !2.1.2
        # good from a client only: Session Expiry Interval [MQTT-3.14.2-2]
        5 e022002011000000911f000474657374260004746573740004746573741c000474657374 !MQTT-3.14.2-2
        # accepted there: 0x00 with properties
        5 f024002215000474657374160004000102031f00047465737426000474657374000474657374 AuthPacket ReasonCode=Success AuthenticationMethod='test' AuthenticationData=00010203 ReasonString='test' UserProperties=test:test
        5 f0021700 !2.4
        4 f024002215000474657374160004000102031f00047465737426000474657374000474657374 !2.1.2
        4 000100 !2.1.2
        # a client's packets
        4 101000044d51545404020000000474657374 !2.1.2
        4 8209000600047465737400 !2.1.2
        4 c000 !2.1.2
        """;

    /// <summary>rumqttc (Apache-2.0), rumqttc/src/v5/packet: connack.rs, publish.rs, disconnect.rs.</summary>
    public const string Rumqttc = """
        5 205700005411000004d22101b0240225012700000064120004746573742201c81f00047465737426000474657374000474657374280129012a001304d21a0004746573741c0004746573741500047465737416000401020304 ConnAckPacket SessionPresent=False ReasonCode=Success SessionExpiryInterval=1234 ReceiveMaximum=432 MaximumQoS=ExactlyOnce RetainAvailable=True MaximumPacketSize=100 AssignedClientIdentifier='test' TopicAliasMaximum=456 ReasonString='test' UserProperties=test:test WildcardSubscriptionAvailable=True SubscriptionIdentifierAvailable=True SharedSubscriptionAvailable=False ServerKeepAlive=1234 ResponseInformation='test' ServerReference='test' AuthenticationMethod='test' AuthenticationData=01020304
        5 343e000474657374002a31010102000010e1230064080005746f70696309000401020304260004746573740004746573740b780b790300047465737474657374 ExactlyOnce id=42 topic=test payload=74657374 format=1 expiry=4321 alias=100 type=test response=topic correlation=01020304 test:test
        5 e000 DisconnectPacket ReasonCode=Success
        # good from a client only: Session Expiry Interval [MQTT-3.14.2-2]
        5 e022802011000004d21f000474657374260004746573740004746573741c000474657374 !MQTT-3.14.2-2
        """;

    /// <summary>MQTTnet (MIT), Source/MQTTnet.Tests/Formatter/MqttPacketSerialization_V3_Binary_Tests.cs; Base64 there.</summary>
    public const string MqttNet = """
        4 IAIABQ== ConnAckPacket SessionPresent=False ReasonCode=NotAuthorized
        # accepted there: Session Present on a refusal
        4 IAIBBQ== !MQTT-3.2.2-6
        4 QAIAew== PubAck AckPacket PacketId=123 ReasonCode=Success
        4 UAIAew== PubRec AckPacket PacketId=123 ReasonCode=Success
        4 YgIAew== PubRel AckPacket PacketId=123 ReasonCode=Success
        4 cAIAew== PubComp AckPacket PacketId=123 ReasonCode=Success
        4 Ow4ABUEvQi9DAHtIRUxMTw== dup retain AtLeastOnce id=123 topic=A/B/C payload=48454C4C4F
        4 kAYAewABAoA= SubAck SubAckPacket PacketId=123 Codes=Success,GrantedQoS1,GrantedQoS2,UnspecifiedError
        4 sAIAew== UnsubAck SubAckPacket PacketId=123
        4 0AA= PingResp
        """;
}
