using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>SUBACK [3.9] and UNSUBACK [3.11]: one form. Whether there is a code for each filter, the session sees [MQTT-3.8.4-6].</summary>
/// <param name="PacketId">Never 0.</param>
/// <param name="Codes">One a filter, in order: 0 to 2 the QoS granted, from 0x80 refused. Empty for a 3.1.1 UNSUBACK, which has none.</param>
internal sealed record SubAckPacket(ushort PacketId, ImmutableArray<ReasonCode> Codes)
{
    public string? ReasonString { get; init; }

    public ImmutableArray<UserProperty> UserProperties { get; init; } = [];

    /// <param name="type">SubAck or UnsubAck.</param>
    public static bool TryRead(
        PacketType type,
        ReadOnlySpan<byte> body,
        MqttVersion version,
        [NotNullWhen(true)] out SubAckPacket? packet,
        [NotNullWhen(false)] out ProtocolViolation? violation)
    {
        PacketReader reader = new(body);
        // packet identifier (2), properties (5.0), a code a filter (3.1.1: not in UNSUBACK)
        ushort id = reader.ReadPacketId();
        ReadOnlySpan<byte> section = version == MqttVersion.V5 ? reader.ReadPropertySection() : default;
        bool coded = version == MqttVersion.V5 || type == PacketType.SubAck;
        ReadOnlySpan<byte> codes = coded ? reader.Take(reader.Remaining) : default;
        if (coded && codes.IsEmpty)
            reader.Fail(Violations.SubAckEmpty, "none");
        foreach (byte code in codes)
        {
            if (!IsLegal(type, code, version))
            {
                reader.Fail(
                    type == PacketType.SubAck ? Violations.SubAckCode : Violations.UnsubAckCode,
                    string.Create(CultureInfo.InvariantCulture, $"0x{code:X2}"));
            }
        }

        reader.End();
        violation = reader.Violation;
        packet = null;
        if (violation is not null)
            return false;
        ReasonProperties properties = ReasonProperties.Read(section, type, out violation);
        if (violation is not null)
            return false;
        ImmutableArray<ReasonCode>.Builder list = ImmutableArray.CreateBuilder<ReasonCode>(codes.Length);
        foreach (byte code in codes)
            list.Add((ReasonCode)code);
        packet = new SubAckPacket(id, list.MoveToImmutable()) { ReasonString = properties.ReasonString, UserProperties = properties.UserProperties };
        return true;
    }

    // 3.1.1 knows 0, 1, 2 and 0x80 only [MQTT-3.9.3-2 there].
    private static bool IsLegal(PacketType type, byte code, MqttVersion version) =>
        version == MqttVersion.V5 ? ReasonCodes.IsFromServer(type, code) : code is <= 2 or 0x80;
}
