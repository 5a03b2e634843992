using static Fastbridge.Mqtt.Protocol.ReasonCode;

namespace Fastbridge.Mqtt.Protocol;

/// <summary>Every rule that this client checks, each with the reason code that answers it and the statement it cites.</summary>
public static class Violations
{
    // Fixed header.
    public static readonly Violation UnexpectedPacketType = new(ProtocolError, "2.1.2", "a server sends only packets meant for a client");
    public static readonly Violation ReservedFlags = new(MalformedPacket, "MQTT-2.1.3-1", "reserved flags of the first byte have the value of table 2-2");
    public static readonly Violation QoS3 = new(MalformedPacket, "MQTT-3.3.1-4", "a PUBLISH must not have both QoS bits set");
    public static readonly Violation DupAtQoS0 = new(MalformedPacket, "MQTT-3.3.1-2", "DUP is 0 at QoS 0");
    public static readonly Violation LengthTooLong = new(MalformedPacket, "1.5.5", "a variable byte integer has at most four bytes");
    public static readonly Violation LengthNotMinimal = new(MalformedPacket, "MQTT-1.5.5-1", "a variable byte integer uses the fewest bytes that hold it");

    // Any body.
    public static readonly Violation Truncated = new(MalformedPacket, "4.13.1", "a field ends within its packet");
    public static readonly Violation TrailingBytes = new(MalformedPacket, "4.13.1", "a packet ends with its last field");
    public static readonly Violation NotUtf8 = new(MalformedPacket, "MQTT-1.5.4-1", "a string is well-formed UTF-8 without surrogates");
    public static readonly Violation NullCharacter = new(MalformedPacket, "MQTT-1.5.4-2", "a string has no U+0000");
    public static readonly Violation PacketIdZero = new(ProtocolError, "MQTT-2.2.1-4", "a packet identifier is not 0");
    public static readonly Violation ReasonCodeNotAllowed = new(ProtocolError, "2.4", "a reason code is one that its packet may carry");

    // Properties.
    public static readonly Violation PropertiesOverrun = new(MalformedPacket, "2.2.2.1", "properties end where their length says");
    public static readonly Violation PropertyUnknown = new(MalformedPacket, "2.2.2.2", "a property identifier is one of table 2-4");
    public static readonly Violation PropertyMisplaced = new(MalformedPacket, "2.2.2.2", "a property stands only in packets that table 2-4 names");
    public static readonly Violation PropertyRepeated = new(ProtocolError, "2.2.2.2", "only User Property, and Subscription Identifier in a PUBLISH, is repeated");
    public static readonly Violation NotBoolean = new(ProtocolError, "2.2.2.2", "this property is 0 or 1");
    public static readonly Violation MaximumQoSAbove2 = new(ProtocolError, "3.2.2.3.4", "Maximum QoS is 0 or 1 (2 is taken as absent)");
    public static readonly Violation ReceiveMaximumZero = new(ProtocolError, "3.2.2.3.3", "Receive Maximum is not 0");
    public static readonly Violation MaximumPacketSizeZero = new(ProtocolError, "3.2.2.3.6", "Maximum Packet Size is not 0");
    public static readonly Violation SubscriptionIdentifierZero = new(ProtocolError, "3.3.2.3.8", "Subscription Identifier is not 0");
    public static readonly Violation TopicAliasZero = new(TopicAliasInvalid, "MQTT-3.3.2-8", "Topic Alias is not 0");
    public static readonly Violation ResponseTopicWildcard = new(ProtocolError, "MQTT-3.3.2-14", "a Response Topic has no wildcard");

    // CONNACK.
    public static readonly Violation ConnAckFlags = new(MalformedPacket, "MQTT-3.2.2-1", "CONNACK flags have only bit 0");
    public static readonly Violation SessionPresentOnRefusal = new(ProtocolError, "MQTT-3.2.2-6", "Session Present is 0 where the connection is refused");
    public static readonly Violation ReturnCodeNotAllowed = new(ProtocolError, "MQTT-3.2.2-8", "a CONNACK has one of its return or reason codes");

    // PUBLISH.
    public static readonly Violation TopicWildcard = new(MalformedPacket, "MQTT-3.3.2-2", "a topic name has no wildcard");
    public static readonly Violation TopicEmpty = new(ProtocolError, "MQTT-4.7.3-1", "a topic name has a character, or an alias stands for it");

    // SUBACK, UNSUBACK, DISCONNECT, AUTH.
    public static readonly Violation SubAckEmpty = new(MalformedPacket, "MQTT-3.8.4-6", "a SUBACK or UNSUBACK has a code for each filter");
    public static readonly Violation SubAckCode = new(ProtocolError, "MQTT-3.9.3-2", "a SUBACK has one of its reason codes");
    public static readonly Violation UnsubAckCode = new(ProtocolError, "MQTT-3.11.3-2", "an UNSUBACK has one of its reason codes");
    public static readonly Violation DisconnectSessionExpiry = new(ProtocolError, "MQTT-3.14.2-2", "a server's DISCONNECT has no Session Expiry Interval");
    public static readonly Violation AuthMethodMissing = new(ProtocolError, "3.15.2.2.2", "an AUTH names its method");

    // What only a session can see: kept here so that there is one list.
    public static readonly Violation FirstPacketNotConnAck = new(ProtocolError, "MQTT-3.2.0-1", "the first packet from a server is CONNACK");
    public static readonly Violation SecondConnAck = new(ProtocolError, "MQTT-3.2.0-2", "a server sends one CONNACK a connection");
    public static readonly Violation SessionPresentOnCleanStart = new(ProtocolError, "MQTT-3.2.2-4", "Session Present is 0 where there is no session");
    public static readonly Violation ReceiveMaximumBroken = new(ReceiveMaximumExceeded, "MQTT-3.3.4-9", "no more than Receive Maximum messages are unacknowledged");
    public static readonly Violation TopicAliasAboveMaximum = new(TopicAliasInvalid, "MQTT-3.1.2-26", "Topic Alias is within the announced maximum");
    public static readonly Violation TopicAliasUnknown = new(ProtocolError, "3.3.2.3.4", "an alias with an empty topic was set on this connection");
    public static readonly Violation PacketAboveMaximumSize = new(PacketTooLarge, "MQTT-3.1.2-24", "a packet is within the announced Maximum Packet Size");
    public static readonly Violation PacketIdUnknown = new(PacketIdentifierNotFound, "MQTT-2.2.1-5", "an acknowledgement names a packet identifier in use");
    public static readonly Violation SubAckCount = new(ProtocolError, "MQTT-3.8.4-6", "a SUBACK or UNSUBACK has a code for each filter, in order");
    public static readonly Violation PublishQoSAboveMaximum = new(QoSNotSupported, "MQTT-3.8.4-8", "a message comes at no higher QoS than was granted");
    public static readonly Violation UnexpectedAuth = new(ProtocolError, "MQTT-4.12.0-6", "AUTH comes only where the client named an authentication method");
}
