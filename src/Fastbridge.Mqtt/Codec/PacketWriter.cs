using System.Buffers.Binary;
using System.Collections.Immutable;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec;

/// <summary>
/// Writes the fields of a packet into a span, or, made without one, only counts them: a packet's body is written by one method that runs twice, so
/// that its length and its bytes cannot disagree. A text that MQTT cannot carry is an <see cref="ArgumentException"/> that names the field.
/// </summary>
internal ref struct PacketWriter
{
    private readonly Span<byte> _span;
    private readonly bool _counting;

    private PacketWriter(Span<byte> span, bool counting)
    {
        _span = span;
        _counting = counting;
    }

    public PacketWriter(Span<byte> span)
        : this(span, counting: false)
    {
    }

    /// <summary>A writer that only counts.</summary>
    public static PacketWriter Counting => new(default, counting: true);

    /// <summary>Bytes written or counted.</summary>
    public int Length { get; private set; }

    public void WriteByte(byte value)
    {
        if (!_counting)
            _span[Length] = value;
        Length++;
    }

    public void WriteUInt16(ushort value)
    {
        if (!_counting)
            BinaryPrimitives.WriteUInt16BigEndian(_span[Length..], value);
        Length += 2;
    }

    public void WriteUInt32(uint value)
    {
        if (!_counting)
            BinaryPrimitives.WriteUInt32BigEndian(_span[Length..], value);
        Length += 4;
    }

    public void WriteVariableByteInteger(int value)
    {
        if (value is < 0 or > VariableByteInteger.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(value), value, "a variable byte integer is 0 to 268,435,455");
        Length += _counting ? VariableByteInteger.SizeOf(value) : VariableByteInteger.Write(_span[Length..], value);
    }

    /// <summary>Bytes without a length: a payload.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        if (!_counting)
            bytes.CopyTo(_span[Length..]);
        Length += bytes.Length;
    }

    /// <summary>Binary Data [1.5.6].</summary>
    public void WriteBinary(ReadOnlySpan<byte> bytes, string field)
    {
        WriteUInt16(CheckLength(bytes.Length, field));
        WriteRaw(bytes);
    }

    /// <summary>UTF-8 Encoded String [1.5.4].</summary>
    public void WriteUtf8(string text, string field)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            throw Refused(field, "has U+0000, which MQTT forbids");
        ushort length = CheckLength(ByteCount(text, field), field);
        WriteUInt16(length);
        if (!_counting)
            MqttText.Strict.GetBytes(text, _span.Slice(Length, length));
        Length += length;
    }

    /// <summary>Begins a property section; its length is filled in by <see cref="EndProperties"/>, to which the result belongs.</summary>
    public int BeginProperties() => Length++;

    /// <summary>Puts the length before the properties written since <paramref name="start"/>; beyond 127 bytes they make room for it.</summary>
    public void EndProperties(int start)
    {
        int length = Length - start - 1;
        int size = VariableByteInteger.SizeOf(length);
        if (!_counting)
        {
            if (size > 1)
                _span.Slice(start + 1, length).CopyTo(_span[(start + size)..]);
            VariableByteInteger.Write(_span[start..], length);
        }

        Length += size - 1;
    }

    public void Property(PropertyId id, bool value)
    {
        WriteByte((byte)id);
        WriteByte(value ? (byte)1 : (byte)0);
    }

    public void Property(PropertyId id, byte? value)
    {
        if (value is not { } number)
            return;
        WriteByte((byte)id);
        WriteByte(number);
    }

    public void Property(PropertyId id, ushort? value)
    {
        if (value is not { } number)
            return;
        WriteByte((byte)id);
        WriteUInt16(number);
    }

    public void Property(PropertyId id, uint? value)
    {
        if (value is not { } number)
            return;
        WriteByte((byte)id);
        WriteUInt32(number);
    }

    public void Property(PropertyId id, string? value)
    {
        if (value is null)
            return;
        WriteByte((byte)id);
        WriteUtf8(value, id.ToString());
    }

    public void Property(PropertyId id, ReadOnlyMemory<byte>? value)
    {
        if (value is not { } bytes)
            return;
        WriteByte((byte)id);
        WriteBinary(bytes.Span, id.ToString());
    }

    public void Properties(ImmutableArray<UserProperty> list)
    {
        if (list.IsDefaultOrEmpty)
            return;
        foreach (UserProperty property in list)
        {
            WriteByte((byte)PropertyId.UserProperty);
            WriteUtf8(property.Key, "UserProperty.Key");
            WriteUtf8(property.Value, "UserProperty.Value");
        }
    }

    /// <summary>What MQTT cannot carry: a fault of the caller, so an exception that names the field.</summary>
    public static ArgumentException Refused(string field, string why, Exception? inner = null) => new($"{field}: {why}", inner);

    private static int ByteCount(string text, string field)
    {
        try
        {
            return MqttText.Strict.GetByteCount(text);
        }
        catch (System.Text.EncoderFallbackException fault)
        {
            throw Refused(field, "has a lone surrogate, which UTF-8 cannot carry", fault);
        }
    }

    private static ushort CheckLength(int length, string field) => length <= ushort.MaxValue
        ? (ushort)length
        : throw Refused(field, $"{length} bytes; MQTT carries at most 65,535");
}
