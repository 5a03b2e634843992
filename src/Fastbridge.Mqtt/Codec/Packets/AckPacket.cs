using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>PUBACK, PUBREC, PUBREL and PUBCOMP [3.4 to 3.7]: one form. A value: allocates only where the peer sent properties.</summary>
/// <param name="PacketId">Never 0.</param>
/// <param name="ReasonCode">Success where the packet is short, and in 3.1.1.</param>
internal readonly record struct AckPacket(ushort PacketId, ReasonCode ReasonCode)
{
    /// <summary>Bytes of an ack without a reason code.</summary>
    public const int ShortLength = 4;

    /// <summary>The most bytes that <see cref="Write"/> writes.</summary>
    public const int MaxLength = 5;

    public string? ReasonString { get; init; }

    /// <summary>Default (no array) where there are none.</summary>
    public ImmutableArray<UserProperty> UserProperties { get; init; }

    /// <summary>Decodes a whole body: 2 bytes in 3.1.1; 2, 3 or more in 5.0 [3.4.2.1, 3.4.2.2.1].</summary>
    public static bool TryRead(
        PacketType type, ReadOnlySpan<byte> body, MqttVersion version, out AckPacket packet, [NotNullWhen(false)] out ProtocolViolation? violation)
    {
        if (body.Length == 2 && BinaryPrimitives.ReadUInt16BigEndian(body) is var id and not 0)
        {
            packet = new AckPacket(id, ReasonCode.Success);
            violation = null;
            return true;
        }

        return TryReadLong(type, body, version, out packet, out violation);
    }

    /// <summary>
    /// Writes one ack; returns its 4 bytes, or 5 with a code other than success (5.0 only: 3.1.1 has no codes). <paramref name="destination"/> has room
    /// for <see cref="MaxLength"/>.
    /// </summary>
    public static int Write(Span<byte> destination, PacketType type, ushort packetId, ReasonCode code, MqttVersion version)
    {
        WriteShort(destination, type, packetId);
        if (code == ReasonCode.Success || version == MqttVersion.V311)
            return ShortLength;
        destination[1] = 3;
        destination[4] = (byte)code;
        return MaxLength;
    }

    /// <summary>Writes a run of acks without codes, in the order given; returns the bytes, 4 an ack. The writer's usual work: one flush for many.</summary>
    public static int WriteRun(Span<byte> destination, PacketType type, ReadOnlySpan<ushort> packetIds)
    {
        destination = destination[..(packetIds.Length * ShortLength)];
        for (int i = 0; i < packetIds.Length; i++)
            WriteShort(destination[(i * ShortLength)..], type, packetIds[i]);
        return packetIds.Length * ShortLength;
    }

    // [3.4.1] type and flags (0b0010 for PUBREL), 2, packet identifier: written as one big-endian word.
    private static void WriteShort(Span<byte> destination, PacketType type, ushort packetId)
    {
        uint first = (uint)type << 4 | (type == PacketType.PubRel ? 2u : 0u);
        BinaryPrimitives.WriteUInt32BigEndian(destination, first << 24 | 2u << 16 | packetId);
    }

    private static bool TryReadLong(
        PacketType type, ReadOnlySpan<byte> body, MqttVersion version, out AckPacket packet, [NotNullWhen(false)] out ProtocolViolation? violation)
    {
        PacketReader reader = new(body);
        // packet identifier (2), reason code (5.0, may be absent), properties (5.0, may be absent)
        ushort id = reader.ReadPacketId();
        byte code = 0;
        ReadOnlySpan<byte> section = default;
        if (version == MqttVersion.V5 && reader.Remaining > 0)
        {
            code = reader.ReadByte();
            if (!ReasonCodes.IsFromServer(type, code))
                reader.Fail(Violations.ReasonCodeNotAllowed, string.Create(CultureInfo.InvariantCulture, $"0x{code:X2} in {type}"));
            if (reader.Remaining > 0)
                section = reader.ReadPropertySection();
        }

        reader.End();
        violation = reader.Violation;
        packet = default;
        if (violation is not null)
            return false;
        ReasonProperties properties = ReasonProperties.Read(section, type, out violation);
        packet = new AckPacket(id, (ReasonCode)code) { ReasonString = properties.ReasonString, UserProperties = properties.UserProperties };
        return violation is null;
    }
}
