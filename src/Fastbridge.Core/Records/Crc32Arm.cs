using System.Buffers.Binary;
using Arm = System.Runtime.Intrinsics.Arm.Crc32;

namespace Fastbridge.Core.Records;

/// <summary>CRC-32 with Arm64's instructions for it (CRC32X and CRC32B: this polynomial, not Castagnoli's). The caller checks that they are there.</summary>
internal static class Crc32Arm
{
    public static uint Update(uint state, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= 8)
        {
            state = Arm.Arm64.ComputeCrc32(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (byte b in bytes)
            state = Arm.ComputeCrc32(state, b);
        return state;
    }
}
