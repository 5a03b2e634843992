using System.Runtime.Intrinsics.X86;
using System.Text;
using Crc32 = Fastbridge.Core.Records.Crc32;
using Crc32Arm = Fastbridge.Core.Records.Crc32Arm;
using Crc32Folding = Fastbridge.Core.Records.Crc32Folding;
using Crc32Tables = Fastbridge.Core.Records.Crc32Tables;

namespace Fastbridge.Tests.Core.Records;

public class Crc32Tests
{
    [Theory]
    [InlineData("", 0u)]
    [InlineData("a", 0xE8B7BE43u)]
    [InlineData("123456789", 0xCBF43926u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x414FA339u)]
    [InlineData("{\"temperature\": 25.5, \"humidity\": 60}", 2291312661u)]
    public void known_vectors(string text, uint expected) => Assert.Equal(expected, Crc32.Compute(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void the_chosen_path_agrees_with_bit_by_bit_at_every_length_and_alignment() => AgreesEverywhere(Crc32.Compute);

    [Fact]
    public void the_tables_agree_with_bit_by_bit_at_every_length_and_alignment() =>
        AgreesEverywhere(bytes => ~Crc32Tables.Update(uint.MaxValue, bytes));

    [Fact]
    public void folding_agrees_with_bit_by_bit_at_every_length_and_alignment()
    {
        Assert.SkipUnless(Pclmulqdq.IsSupported, "this processor has no PCLMULQDQ");
        AgreesEverywhere(bytes =>
        {
            if (bytes.Length < Crc32Folding.Shortest)
                return Crc32.Compute(bytes);
            uint state = Crc32Folding.Update(uint.MaxValue, bytes, out int taken);
            Assert.Equal(bytes.Length / 16 * 16, taken);
            return ~BitByBit(state, bytes[taken..]);
        });
    }

    [Fact]
    public void arm_instructions_agree_with_bit_by_bit_at_every_length_and_alignment()
    {
        Assert.SkipUnless(System.Runtime.Intrinsics.Arm.Crc32.Arm64.IsSupported, "this processor is no Arm64 with CRC32");
        AgreesEverywhere(bytes => ~Crc32Arm.Update(uint.MaxValue, bytes));
    }

    [Fact]
    public void a_megabyte_agrees_with_the_tables()
    {
        byte[] bytes = new byte[(1 << 20) + 5];
        new Random(7).NextBytes(bytes);
        Assert.Equal(~Crc32Tables.Update(uint.MaxValue, bytes), Crc32.Compute(bytes));
    }

    private delegate uint Sum(ReadOnlySpan<byte> bytes);

    private static void AgreesEverywhere(Sum sum)
    {
        byte[] bytes = new byte[1024 + 16];
        new Random(1).NextBytes(bytes);
        for (int offset = 0; offset < 16; offset++)
        {
            // The oracle goes on byte by byte, so that each length costs one byte.
            uint state = uint.MaxValue;
            for (int length = 0; length <= 1024; length++)
            {
                Assert.Equal(~state, sum(bytes.AsSpan(offset, length)));
                if (length < 1024)
                    state = BitByBit(state, bytes.AsSpan(offset + length, 1));
            }
        }
    }

    private static uint BitByBit(uint state, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            state ^= b;
            for (int bit = 0; bit < 8; bit++)
                state = (state & 1) == 0 ? state >> 1 : (state >> 1) ^ 0xEDB88320;
        }

        return state;
    }
}
