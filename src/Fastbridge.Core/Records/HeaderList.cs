using System.Buffers.Binary;

namespace Fastbridge.Core.Records;

/// <summary>
/// Kafka headers as one run of bytes, so that they travel without objects: for each, the name's length (4 bytes, little endian), the
/// name, the value's length (4 bytes), the value. Written by encoders, read by the sink.
/// </summary>
public static class HeaderList
{
    /// <summary>Takes the first header off <paramref name="list"/>; false when it is empty.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> list, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        if (list.IsEmpty)
        {
            name = value = default;
            return false;
        }

        name = Part(ref list);
        value = Part(ref list);
        return true;
    }

    /// <summary>Appends one header.</summary>
    internal static void Append(ByteBuffer list, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Span<byte> to = list.Reserve(8 + name.Length + value.Length);
        BinaryPrimitives.WriteInt32LittleEndian(to, name.Length);
        name.CopyTo(to[4..]);
        BinaryPrimitives.WriteInt32LittleEndian(to[(4 + name.Length)..], value.Length);
        value.CopyTo(to[(8 + name.Length)..]);
        list.Advance(8 + name.Length + value.Length);
    }

    private static ReadOnlySpan<byte> Part(ref ReadOnlySpan<byte> list)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(list);
        ReadOnlySpan<byte> part = list.Slice(4, length);
        list = list[(4 + length)..];
        return part;
    }
}
