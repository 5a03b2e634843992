using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec;

/// <summary>
/// Reads the fields of a packet whose bytes are all there. The first fault stays: after it every read gives zero or nothing, so that a decoder
/// reads its fields in a row and looks at <see cref="Violation"/> once. Never throws and never reads past the packet. Spans point into it.
/// </summary>
internal ref struct PacketReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>The first fault, or null.</summary>
    public ProtocolViolation? Violation { get; private set; }

    public readonly bool Failed => Violation is not null;

    /// <summary>Bytes not read yet; 0 after a fault.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>Notes a fault, unless there is one already.</summary>
    public void Fail(Violation rule, string value) => Fail(new ProtocolViolation(rule, value));

    public void Fail(ProtocolViolation violation)
    {
        Violation ??= violation;
        _rest = default;
    }

    public byte ReadByte() => Take(1) is { IsEmpty: false } field ? field[0] : (byte)0;

    /// <summary>Two Byte Integer, big-endian [1.5.2].</summary>
    public ushort ReadUInt16() => Take(2) is { IsEmpty: false } field ? BinaryPrimitives.ReadUInt16BigEndian(field) : (ushort)0;

    /// <summary>Four Byte Integer, big-endian [1.5.3].</summary>
    public uint ReadUInt32() => Take(4) is { IsEmpty: false } field ? BinaryPrimitives.ReadUInt32BigEndian(field) : 0;

    /// <summary>Variable Byte Integer [1.5.5], minimal form [MQTT-1.5.5-1].</summary>
    public int ReadVariableByteInteger()
    {
        if (Failed)
            return 0;
        FrameStatus status = VariableByteInteger.Read(_rest, out int value, out int size);
        if (status == FrameStatus.Done && VariableByteInteger.IsMinimal(value, size))
        {
            _rest = _rest[size..];
            return value;
        }

        Fail(
            status switch
            {
                FrameStatus.Done => Violations.LengthNotMinimal,
                FrameStatus.Malformed => Violations.LengthTooLong,
                _ => Violations.Truncated,
            },
            Convert.ToHexString(_rest[..Math.Min(_rest.Length, VariableByteInteger.MaxSize)]));
        return 0;
    }

    /// <summary>Binary Data [1.5.6]: two bytes of length, then the bytes.</summary>
    public ReadOnlySpan<byte> ReadBinary() => Take(ReadUInt16());

    /// <summary>UTF-8 Encoded String [1.5.4], checked.</summary>
    public ReadOnlySpan<byte> ReadUtf8()
    {
        ReadOnlySpan<byte> text = ReadBinary();
        if (MqttText.IsString(text))
            return text;
        Fail(MqttText.ExplainString(text));
        return default;
    }

    /// <summary>The same as a string: for packets that come once in a while.</summary>
    public string ReadString() => Encoding.UTF8.GetString(ReadUtf8());

    /// <summary>Packet Identifier, not 0 [MQTT-2.2.1-4].</summary>
    public ushort ReadPacketId()
    {
        ushort id = ReadUInt16();
        if (id == 0)
            Fail(Violations.PacketIdZero, "0");
        return id;
    }

    /// <summary>The property section [2.2.2]: its length, then as many bytes; unchecked inside.</summary>
    public ReadOnlySpan<byte> ReadPropertySection()
    {
        int length = ReadVariableByteInteger();
        if (length <= _rest.Length)
            return Take(length);
        Fail(Violations.PropertiesOverrun, string.Create(CultureInfo.InvariantCulture, $"length {length} with {_rest.Length} bytes left"));
        return default;
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            Fail(Violations.Truncated, string.Create(CultureInfo.InvariantCulture, $"{count} bytes wanted, {_rest.Length} left"));
            return default;
        }

        ReadOnlySpan<byte> field = _rest[..count];
        _rest = _rest[count..];
        return field;
    }

    /// <summary>All was read: bytes behind the last field are a fault.</summary>
    public void End()
    {
        if (_rest.Length != 0)
            Fail(Violations.TrailingBytes, string.Create(CultureInfo.InvariantCulture, $"{_rest.Length} more bytes"));
    }
}
