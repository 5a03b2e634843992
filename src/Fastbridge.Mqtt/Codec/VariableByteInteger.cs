namespace Fastbridge.Mqtt.Codec;

/// <summary>Variable Byte Integer [1.5.5]: seven bits a byte, lowest first, the top bit says that another byte follows; at most four bytes.</summary>
internal static class VariableByteInteger
{
    public const int MaxValue = 268_435_455;
    public const int MaxSize = 4;

    /// <summary>Reads from the beginning of <paramref name="bytes"/>. Malformed: a fourth byte that announces a fifth.</summary>
    /// <param name="size">Bytes it takes, when done.</param>
    public static FrameStatus Read(ReadOnlySpan<byte> bytes, out int value, out int size)
    {
        value = 0;
        for (int i = 0; i < MaxSize; i++)
        {
            if (i == bytes.Length)
            {
                size = 0;
                return FrameStatus.NeedMoreData;
            }

            byte b = bytes[i];
            value |= (b & 0x7F) << (7 * i);
            if (b < 0x80)
            {
                size = i + 1;
                return FrameStatus.Done;
            }
        }

        size = 0;
        return FrameStatus.Malformed;
    }

    /// <summary>True when <paramref name="size"/> is the fewest bytes that hold <paramref name="value"/> [MQTT-1.5.5-1].</summary>
    public static bool IsMinimal(int value, int size) => size == SizeOf(value);

    public static int SizeOf(int value) => value switch
    {
        < 128 => 1,
        < 16_384 => 2,
        < 2_097_152 => 3,
        _ => 4,
    };

    /// <summary>Writes to the beginning of <paramref name="destination"/> in minimal form; returns the bytes written.</summary>
    public static int Write(Span<byte> destination, int value)
    {
        int at = 0;
        while (value >= 0x80)
        {
            destination[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[at++] = (byte)value;
        return at;
    }
}
