using System.Buffers.Binary;

namespace Fastbridge.Core.Records;

/// <summary>CRC-32 with tables, eight bytes a step ("slicing by eight"): for processors without help, and for the bytes that the others leave.</summary>
internal static class Crc32Tables
{
    /// <summary>0x04C11DB7 with its bits reflected.</summary>
    internal const uint Polynomial = 0xEDB88320;

    /// <summary>Eight tables of 256: entry k * 256 + b is the state that byte b leaves after k more bytes of zero. 8 KB, made at first use.</summary>
    private static readonly uint[] Table = Make();

    public static uint Update(uint state, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<uint> t = Table;
        if (t.Length != 8 * 256)
            return state; // cannot be; it tells the compiler that no index below needs a check
        while (bytes.Length >= 8)
        {
            uint a = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ state;
            uint b = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            state = t[(7 * 256) + (int)(a & 0xFF)] ^ t[(6 * 256) + (int)((a >> 8) & 0xFF)]
                ^ t[(5 * 256) + (int)((a >> 16) & 0xFF)] ^ t[(4 * 256) + (int)(a >> 24)]
                ^ t[(3 * 256) + (int)(b & 0xFF)] ^ t[(2 * 256) + (int)((b >> 8) & 0xFF)]
                ^ t[256 + (int)((b >> 16) & 0xFF)] ^ t[(int)(b >> 24)];
            bytes = bytes[8..];
        }

        foreach (byte b in bytes)
            state = (state >> 8) ^ t[(int)((state ^ b) & 0xFF)];
        return state;
    }

    private static uint[] Make()
    {
        var table = new uint[8 * 256];
        for (uint b = 0; b < 256; b++)
        {
            uint state = b;
            for (int bit = 0; bit < 8; bit++)
                state = (state >> 1) ^ ((state & 1) == 0 ? 0 : Polynomial);
            table[b] = state;
        }

        for (int i = 256; i < table.Length; i++)
            table[i] = (table[i - 256] >> 8) ^ table[table[i - 256] & 0xFF];
        return table;
    }
}
