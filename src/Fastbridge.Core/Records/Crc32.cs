using Arm = System.Runtime.Intrinsics.Arm.Crc32;
using X86 = System.Runtime.Intrinsics.X86;

namespace Fastbridge.Core.Records;

/// <summary>
/// CRC-32 of IEEE 802.3, as zlib and gzip have it: polynomial 0x04C11DB7, bits reflected, begun with and finished by all ones. The path is
/// chosen by what the processor has: carry-less multiplication on x64, the CRC32 instructions on Arm64, tables elsewhere.
/// </summary>
public static class Crc32
{
    /// <summary>The checksum of <paramref name="bytes"/>; 0 for none.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => ~Update(uint.MaxValue, bytes);

    /// <summary>Goes on from a checksum state, which is the complement of the checksum so far.</summary>
    private static uint Update(uint state, ReadOnlySpan<byte> bytes)
    {
        if (Arm.Arm64.IsSupported)
            return Crc32Arm.Update(state, bytes);
        if (X86.Pclmulqdq.IsSupported && bytes.Length >= Crc32Folding.Shortest)
        {
            state = Crc32Folding.Update(state, bytes, out int taken);
            bytes = bytes[taken..];
        }

        return Crc32Tables.Update(state, bytes);
    }
}
