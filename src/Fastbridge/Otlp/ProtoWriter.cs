using System.Buffers.Binary;
using System.Text;

namespace Fastbridge.Otlp;

/// <summary>Protocol Buffers' wire format, as much as OTLP needs. The buffer grows and is used again; one thread.</summary>
internal sealed class ProtoWriter
{
    private byte[] _buffer = new byte[4096];
    private int _length;

    /// <summary>Valid until the next write.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public void Clear() => _length = 0;

    /// <summary>Begins an embedded message; <see cref="End"/> takes what this returns.</summary>
    public int Begin(int field)
    {
        Tag(field, 2);
        return _length;
    }

    /// <summary>Ends it: its length goes before it, and what was written moves by that.</summary>
    public void End(int begin)
    {
        int length = _length - begin, size = 1;
        for (int rest = length >> 7; rest > 0; rest >>= 7)
            size++;
        Room(size);
        _buffer.AsSpan(begin, length).CopyTo(_buffer.AsSpan(begin + size));
        _length = begin;
        Varint((ulong)length);
        _length += length;
    }

    public void Text(int field, string value)
    {
        Tag(field, 2);
        Varint((ulong)Encoding.UTF8.GetByteCount(value));
        _length += Encoding.UTF8.GetBytes(value, Room(value.Length * 3));
    }

    public void Number(int field, ulong value)
    {
        Tag(field, 0);
        Varint(value);
    }

    public void Fixed(int field, ulong value)
    {
        Tag(field, 1);
        Fixed(value);
    }

    public void Double(int field, double value) => Fixed(field, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>An element of a packed repeated field, between <see cref="Begin"/> and <see cref="End"/>.</summary>
    public void Fixed(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);
        _length += 8;
    }

    private void Tag(int field, int wireType) => Varint((ulong)(field << 3 | wireType));

    private void Varint(ulong value)
    {
        Span<byte> room = Room(10);
        int size = 0;
        for (; value >= 0x80; value >>= 7)
            room[size++] = (byte)(value | 0x80);
        room[size++] = (byte)value;
        _length += size;
    }

    private Span<byte> Room(int bytes)
    {
        if (_buffer.Length - _length < bytes)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
        return _buffer.AsSpan(_length);
    }
}
