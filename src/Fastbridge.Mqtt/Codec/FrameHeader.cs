using System.Globalization;
using System.Runtime.CompilerServices;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec;

/// <summary>A packet's fixed header [2.1], checked: the type is one that a server sends, its flags are legal, its length is known.</summary>
/// <param name="FirstByte">Type and flags as they stand on the wire.</param>
/// <param name="HeaderLength">Bytes of the fixed header: 2 to 5.</param>
/// <param name="RemainingLength">Bytes that follow it: 0 to 268,435,455. A claim of the peer: nothing is allocated for it.</param>
internal readonly record struct FrameHeader(byte FirstByte, byte HeaderLength, int RemainingLength)
{
    /// <summary>The most bytes that a fixed header takes.</summary>
    public const int MaxLength = 1 + VariableByteInteger.MaxSize;

    public PacketType Type => (PacketType)(FirstByte >> 4);

    public byte Flags => (byte)(FirstByte & 0x0F);

    /// <summary>Bytes of the whole packet, what Maximum Packet Size counts [3.1.2.11.4].</summary>
    public int TotalLength => HeaderLength + RemainingLength;

    // One bit for each first byte, two bytes a packet type: flags 0 to 7, flags 8 to 15. All 0 where a server sends no such packet.
    // PUBLISH 0x3F 0x3C: DUP (8), QoS (4, 2), RETAIN (1) without QoS 3 and without DUP at QoS 0. PUBREL 0x04: flags 0b0010.
    private static ReadOnlySpan<byte> Legal311 =>
        [0, 0, 0, 0, 1, 0, 0x3F, 0x3C, 1, 0, 1, 0, 4, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0];

    private static ReadOnlySpan<byte> Legal5 =>
        [0, 0, 0, 0, 1, 0, 0x3F, 0x3C, 1, 0, 1, 0, 4, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0];

    /// <summary>
    /// Reads a fixed header from the beginning of <paramref name="bytes"/>. A bad first byte is malformed before its length has come.
    /// The minimal form of the length is a rule of 5.0 only [MQTT-1.5.5-1]: 3.1.1 leaves it open, so it is accepted there.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FrameStatus Read(ReadOnlySpan<byte> bytes, MqttVersion version, out FrameHeader header, out ProtocolViolation? violation)
    {
        // byte 1: type (7-4), flags (3-0); byte 2...: remaining length
        if (bytes.Length >= 2 && bytes[1] < 0x80 && IsLegal(bytes[0], version))
        {
            header = new FrameHeader(bytes[0], 2, bytes[1]);
            violation = null;
            return FrameStatus.Done;
        }

        return ReadSlowly(bytes, version, out header, out violation);
    }

    private static bool IsLegal(byte first, MqttVersion version) =>
        ((version == MqttVersion.V5 ? Legal5 : Legal311)[first >> 3] >> (first & 7) & 1) != 0;

    private static FrameStatus ReadSlowly(ReadOnlySpan<byte> bytes, MqttVersion version, out FrameHeader header, out ProtocolViolation? violation)
    {
        header = default;
        violation = null;
        if (bytes.IsEmpty)
            return FrameStatus.NeedMoreData;
        byte first = bytes[0];
        if (!IsLegal(first, version))
        {
            violation = Explain(first, version);
            return FrameStatus.Malformed;
        }

        FrameStatus status = VariableByteInteger.Read(bytes[1..], out int length, out int size);
        if (status == FrameStatus.Malformed)
        {
            violation = new(Violations.LengthTooLong, $"remaining length {Convert.ToHexString(bytes.Slice(1, VariableByteInteger.MaxSize))}");
        }
        else if (status == FrameStatus.Done && version == MqttVersion.V5 && !VariableByteInteger.IsMinimal(length, size))
        {
            violation = new(Violations.LengthNotMinimal, $"remaining length {Convert.ToHexString(bytes.Slice(1, size))}");
            status = FrameStatus.Malformed;
        }
        else if (status == FrameStatus.Done)
        {
            header = new FrameHeader(first, (byte)(1 + size), length);
        }

        return status;
    }

    private static ProtocolViolation Explain(byte first, MqttVersion version)
    {
        PacketType type = (PacketType)(first >> 4);
        int flags = first & 0x0F;
        string value = string.Create(CultureInfo.InvariantCulture, $"first byte 0x{first:X2}");
        ReadOnlySpan<byte> legal = (version == MqttVersion.V5 ? Legal5 : Legal311).Slice(first >> 4 << 1, 2);
        if (legal[0] == 0 && legal[1] == 0)
            return new(Violations.UnexpectedPacketType, $"{type} ({value})");
        if (type != PacketType.Publish)
            return new(Violations.ReservedFlags, $"{type} with {value}");
        return (flags & 0b0110) == 0b0110 ? new(Violations.QoS3, value) : new(Violations.DupAtQoS0, value);
    }
}
