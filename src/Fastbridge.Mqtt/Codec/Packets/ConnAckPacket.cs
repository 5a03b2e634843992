using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>CONNACK [3.2]. Null where the server said nothing; the remark gives what absence means. In 3.1.1 all properties are null.</summary>
internal sealed record ConnAckPacket
{
    public bool SessionPresent { get; init; }

    /// <summary>The reason code of 5.0; a 3.1.1 return code is given as the one of the same meaning.</summary>
    public ReasonCode ReasonCode { get; init; }

    /// <summary>Seconds; absent: as asked for.</summary>
    public uint? SessionExpiryInterval { get; init; }

    /// <summary>Absent: 65,535. What we may leave unacknowledged at the server.</summary>
    public ushort? ReceiveMaximum { get; init; }

    /// <summary>0 or 1; absent, or sent as 2 against the rule: 2.</summary>
    public QoS? MaximumQoS { get; init; }

    /// <summary>Absent: true.</summary>
    public bool? RetainAvailable { get; init; }

    /// <summary>Bytes; absent: no limit. We never send a longer packet [MQTT-3.2.2-15].</summary>
    public uint? MaximumPacketSize { get; init; }

    public string? AssignedClientIdentifier { get; init; }

    /// <summary>Absent: 0, no aliases from us.</summary>
    public ushort? TopicAliasMaximum { get; init; }

    public string? ReasonString { get; init; }

    public ImmutableArray<UserProperty> UserProperties { get; init; } = [];

    /// <summary>Absent: true.</summary>
    public bool? WildcardSubscriptionAvailable { get; init; }

    /// <summary>Absent: true.</summary>
    public bool? SubscriptionIdentifierAvailable { get; init; }

    /// <summary>Absent: true.</summary>
    public bool? SharedSubscriptionAvailable { get; init; }

    /// <summary>Seconds; present, it wins over ours [MQTT-3.2.2-21].</summary>
    public ushort? ServerKeepAlive { get; init; }

    public string? ResponseInformation { get; init; }

    public string? ServerReference { get; init; }

    public string? AuthenticationMethod { get; init; }

    public ReadOnlyMemory<byte>? AuthenticationData { get; init; }

    /// <summary>
    /// Decodes a whole body. A refusal of two bytes with a 3.1.1 return code is also read on a 5.0 connection: it is what a server says that knows
    /// only 3.1.1.
    /// </summary>
    public static bool TryRead(
        ReadOnlySpan<byte> body, MqttVersion version, [NotNullWhen(true)] out ConnAckPacket? packet, [NotNullWhen(false)] out ProtocolViolation? violation)
    {
        PacketReader reader = new(body);
        // [3.2.2] acknowledge flags (7-1 reserved, 0 session present), reason code, properties (5.0)
        byte flags = reader.ReadByte();
        if (flags > 1)
            reader.Fail(Violations.ConnAckFlags, string.Create(CultureInfo.InvariantCulture, $"0x{flags:X2}"));
        byte code = reader.ReadByte();
        bool returnCode = version == MqttVersion.V311 || (body.Length == 2 && code is >= 1 and <= 5);
        if (returnCode ? code > 5 : !ReasonCodes.IsFromServer(PacketType.ConnAck, code))
            reader.Fail(Violations.ReturnCodeNotAllowed, string.Create(CultureInfo.InvariantCulture, $"0x{code:X2}"));
        if (flags == 1 && code != 0)
            reader.Fail(Violations.SessionPresentOnRefusal, string.Create(CultureInfo.InvariantCulture, $"1 with code 0x{code:X2}"));
        ReadOnlySpan<byte> section = returnCode ? default : reader.ReadPropertySection();
        reader.End();

        violation = reader.Violation;
        packet = null;
        if (violation is not null)
            return false;
        ConnAckPacket plain = new()
        {
            SessionPresent = flags == 1,
            ReasonCode = returnCode ? ((ConnectReturnCode)code).ToReasonCode() : (ReasonCode)code,
        };
        PropertyReader properties = new(section, PacketType.ConnAck);
        ConnAckPacket read = plain.With(ref properties);
        violation = properties.Violation;
        packet = violation is null ? read : null;
        return violation is null;
    }

    private ConnAckPacket With(ref PropertyReader properties)
    {
        ConnAckPacket packet = this;
        ImmutableArray<UserProperty>.Builder? user = null;
        while (properties.MoveNext())
        {
            uint number = properties.Number;
            switch (properties.Id)
            {
                case PropertyId.UserProperty:
                    properties.AddTo(ref user);
                    break;
                default:
                    packet = packet.With(properties.Id, number, ref properties);
                    break;
            }
        }

        return user is null ? packet : packet with { UserProperties = user.ToImmutable() };
    }

    // A copy for each property: there are a dozen at most, once a connection.
    private ConnAckPacket With(PropertyId id, uint number, ref PropertyReader properties) => id switch
    {
        PropertyId.SessionExpiryInterval => this with { SessionExpiryInterval = number },
        PropertyId.ReceiveMaximum => this with { ReceiveMaximum = (ushort)number },
        PropertyId.MaximumQoS => this with { MaximumQoS = (QoS)number },
        PropertyId.RetainAvailable => this with { RetainAvailable = properties.Flag },
        PropertyId.MaximumPacketSize => this with { MaximumPacketSize = number },
        PropertyId.AssignedClientIdentifier => this with { AssignedClientIdentifier = properties.Text },
        PropertyId.TopicAliasMaximum => this with { TopicAliasMaximum = (ushort)number },
        PropertyId.ReasonString => this with { ReasonString = properties.Text },
        PropertyId.WildcardSubscriptionAvailable => this with { WildcardSubscriptionAvailable = properties.Flag },
        PropertyId.SubscriptionIdentifierAvailable => this with { SubscriptionIdentifierAvailable = properties.Flag },
        PropertyId.SharedSubscriptionAvailable => this with { SharedSubscriptionAvailable = properties.Flag },
        PropertyId.ServerKeepAlive => this with { ServerKeepAlive = (ushort)number },
        PropertyId.ResponseInformation => this with { ResponseInformation = properties.Text },
        PropertyId.ServerReference => this with { ServerReference = properties.Text },
        PropertyId.AuthenticationMethod => this with { AuthenticationMethod = properties.Text },
        PropertyId.AuthenticationData => this with { AuthenticationData = properties.Bytes.ToArray() },
        _ => this,
    };
}
