namespace Fastbridge.Mqtt.Protocol;

/// <summary>Table 2-4 of MQTT 5.0 [2.2.2.2]: what type a property has, in which packets it may stand, and where it may stand more than once.</summary>
public static class PropertyTable
{
    /// <summary>One more than the highest identifier.</summary>
    public const int Size = 0x2B;

    // A set of packets is a 16-bit mask, bit n for packet type n. Type 0 is reserved on the wire, so bit 0 stands for the will of a CONNECT.
    private const ushort Will = 1;
    private const ushort Connect = 1 << (int)PacketType.Connect;
    private const ushort ConnAck = 1 << (int)PacketType.ConnAck;
    private const ushort Publish = 1 << (int)PacketType.Publish;
    private const ushort PubAcks =
        1 << (int)PacketType.PubAck | 1 << (int)PacketType.PubRec | 1 << (int)PacketType.PubRel | 1 << (int)PacketType.PubComp;
    private const ushort Subscribe = 1 << (int)PacketType.Subscribe;
    private const ushort SubAcks = 1 << (int)PacketType.SubAck | 1 << (int)PacketType.UnsubAck;
    private const ushort Unsubscribe = 1 << (int)PacketType.Unsubscribe;
    private const ushort Disconnect = 1 << (int)PacketType.Disconnect;
    private const ushort Auth = 1 << (int)PacketType.Auth;

    private static readonly PropertyType[] Types = new PropertyType[Size];
    private static readonly ushort[] Packets = new ushort[Size];

#pragma warning disable CA1810 // Two arrays filled from one table: a row stays one line.
    static PropertyTable()
    {
        Row(PropertyId.PayloadFormatIndicator, PropertyType.Byte, Publish | Will);
        Row(PropertyId.MessageExpiryInterval, PropertyType.FourByteInteger, Publish | Will);
        Row(PropertyId.ContentType, PropertyType.Utf8String, Publish | Will);
        Row(PropertyId.ResponseTopic, PropertyType.Utf8String, Publish | Will);
        Row(PropertyId.CorrelationData, PropertyType.BinaryData, Publish | Will);
        Row(PropertyId.SubscriptionIdentifier, PropertyType.VariableByteInteger, Publish | Subscribe);
        Row(PropertyId.SessionExpiryInterval, PropertyType.FourByteInteger, Connect | ConnAck | Disconnect);
        Row(PropertyId.AssignedClientIdentifier, PropertyType.Utf8String, ConnAck);
        Row(PropertyId.ServerKeepAlive, PropertyType.TwoByteInteger, ConnAck);
        Row(PropertyId.AuthenticationMethod, PropertyType.Utf8String, Connect | ConnAck | Auth);
        Row(PropertyId.AuthenticationData, PropertyType.BinaryData, Connect | ConnAck | Auth);
        Row(PropertyId.RequestProblemInformation, PropertyType.Byte, Connect);
        Row(PropertyId.WillDelayInterval, PropertyType.FourByteInteger, Will);
        Row(PropertyId.RequestResponseInformation, PropertyType.Byte, Connect);
        Row(PropertyId.ResponseInformation, PropertyType.Utf8String, ConnAck);
        Row(PropertyId.ServerReference, PropertyType.Utf8String, ConnAck | Disconnect);
        Row(PropertyId.ReasonString, PropertyType.Utf8String, ConnAck | PubAcks | SubAcks | Disconnect | Auth);
        Row(PropertyId.ReceiveMaximum, PropertyType.TwoByteInteger, Connect | ConnAck);
        Row(PropertyId.TopicAliasMaximum, PropertyType.TwoByteInteger, Connect | ConnAck);
        Row(PropertyId.TopicAlias, PropertyType.TwoByteInteger, Publish);
        Row(PropertyId.MaximumQoS, PropertyType.Byte, ConnAck);
        Row(PropertyId.RetainAvailable, PropertyType.Byte, ConnAck);
        Row(PropertyId.UserProperty, PropertyType.Utf8StringPair,
            Will | Connect | ConnAck | Publish | PubAcks | Subscribe | SubAcks | Unsubscribe | Disconnect | Auth);
        Row(PropertyId.MaximumPacketSize, PropertyType.FourByteInteger, Connect | ConnAck);
        Row(PropertyId.WildcardSubscriptionAvailable, PropertyType.Byte, ConnAck);
        Row(PropertyId.SubscriptionIdentifierAvailable, PropertyType.Byte, ConnAck);
        Row(PropertyId.SharedSubscriptionAvailable, PropertyType.Byte, ConnAck);
    }
#pragma warning restore CA1810

    /// <summary>The form of the property's value; <see cref="PropertyType.None"/> for an identifier that MQTT 5.0 does not know.</summary>
    public static PropertyType TypeOf(uint id) => id < Size ? Types[id] : PropertyType.None;

    /// <summary>True when the property may stand in that packet; <see cref="PacketType.None"/> stands for the will of a CONNECT.</summary>
    public static bool IsAllowed(uint id, PacketType packet) => id < Size && (Packets[id] >> (int)packet & 1) != 0;

    /// <summary>User Property may be repeated everywhere, Subscription Identifier in a PUBLISH only [3.3.2.3.8], nothing else.</summary>
    public static bool IsRepeatable(uint id, PacketType packet) =>
        id == (uint)PropertyId.UserProperty || (id == (uint)PropertyId.SubscriptionIdentifier && packet == PacketType.Publish);

    private static void Row(PropertyId id, PropertyType type, int packets)
    {
        Types[(int)id] = type;
        Packets[(int)id] = (ushort)packets;
    }
}
