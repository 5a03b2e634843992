using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fastbridge.Core.Records;

/// <summary>
/// CRC-32 by folding with carry-less multiplication (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ", Intel
/// 2009). The message is a polynomial over GF(2); 128 bits of it that stand n bits before the end may be replaced by their product with
/// x^n mod P, so that blocks are folded onto later ones until 128 bits are left, which a Barrett reduction brings to 32. The caller
/// checks that Pclmulqdq is supported.
/// </summary>
internal static class Crc32Folding
{
    /// <summary>Fewer bytes than this go through the tables: one block and the reduction cost as much as they.</summary>
    internal const int Shortest = 32;

    // Powers of x modulo P, bit-reflected and shifted left by one, for the low and the high half of a block.
    // Over four blocks: x^(4*128+32), x^(4*128-32). Over one: x^(128+32), x^(128-32). The last 64 bits: x^64.
    private static readonly Vector128<ulong> FourBlocks = Vector128.Create(0x1_5444_2BD4UL, 0x1_C6E4_1596UL);
    private static readonly Vector128<ulong> OneBlock = Vector128.Create(0x1_7519_97D0UL, 0x0_CCAA_009EUL);
    private static readonly Vector128<ulong> To64 = Vector128.Create(0x1_63CD_6124UL, 0UL);

    // Barrett: P with its 33 bits reflected, and floor(x^64 / P) likewise.
    private static readonly Vector128<ulong> Barrett = Vector128.Create(0x1_DB71_0641UL, 0x1_F701_1641UL);

    /// <summary>Takes all whole blocks of 16 bytes; <paramref name="taken"/> says how many bytes that is. At least <see cref="Shortest"/> bytes must be given.</summary>
    public static uint Update(uint state, ReadOnlySpan<byte> bytes, out int taken)
    {
        ReadOnlySpan<Vector128<ulong>> blocks = MemoryMarshal.Cast<byte, Vector128<ulong>>(bytes);
        taken = blocks.Length * 16;

        // The state stands before the first 32 bits of the message: adding it there is the same.
        Vector128<ulong> x = blocks[0] ^ Vector128.CreateScalar(state).AsUInt64();
        blocks = blocks[1..];
        if (blocks.Length >= 7)
        {
            // Four independent lanes, for a multiplication takes several cycles but one may begin every cycle.
            Vector128<ulong> a = x, b = blocks[0], c = blocks[1], d = blocks[2];
            blocks = blocks[3..];
            while (blocks.Length >= 4)
            {
                a = Fold(a, FourBlocks) ^ blocks[0];
                b = Fold(b, FourBlocks) ^ blocks[1];
                c = Fold(c, FourBlocks) ^ blocks[2];
                d = Fold(d, FourBlocks) ^ blocks[3];
                blocks = blocks[4..];
            }

            x = Fold(Fold(Fold(a, OneBlock) ^ b, OneBlock) ^ c, OneBlock) ^ d;
        }

        foreach (Vector128<ulong> block in blocks)
            x = Fold(x, OneBlock) ^ block;
        return Reduce(x);
    }

    /// <summary>A block's value as seen from one or four blocks further on: low half times one power, high half times the other.</summary>
    private static Vector128<ulong> Fold(Vector128<ulong> x, Vector128<ulong> powers) =>
        Pclmulqdq.CarrylessMultiply(x, powers, 0x00) ^ Pclmulqdq.CarrylessMultiply(x, powers, 0x11);

    private static uint Reduce(Vector128<ulong> x)
    {
        Vector128<ulong> low32 = Vector128.CreateScalar(0xFFFF_FFFFUL);

        // 128 bits to 96, to 64.
        x = Pclmulqdq.CarrylessMultiply(x, OneBlock, 0x10) ^ Sse2.ShiftRightLogical128BitLane(x, 8);
        x = Pclmulqdq.CarrylessMultiply(x & low32, To64, 0x00) ^ Sse2.ShiftRightLogical128BitLane(x, 4);

        // 64 bits to 32: subtract the multiple of P that Barrett's quotient names.
        Vector128<ulong> quotient = Pclmulqdq.CarrylessMultiply(x & low32, Barrett, 0x10) & low32;
        x ^= Pclmulqdq.CarrylessMultiply(quotient, Barrett, 0x00);
        return x.AsUInt32().GetElement(1);
    }
}
