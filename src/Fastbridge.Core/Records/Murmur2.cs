using System.Buffers.Binary;

namespace Fastbridge.Core.Records;

/// <summary>MurmurHash2, 32 bits, with Kafka's seed: what Kafka's Java client chooses partitions by.</summary>
public static class Murmur2
{
    private const uint Seed = 0x9747B28C;
    private const uint Multiplier = 0x5BD1E995;

    /// <summary>The hash as Java's client has it (there a signed int).</summary>
    public static int Hash(ReadOnlySpan<byte> bytes)
    {
        uint h = Seed ^ (uint)bytes.Length;
        while (bytes.Length >= 4)
        {
            uint k = BinaryPrimitives.ReadUInt32LittleEndian(bytes) * Multiplier;
            h = (h * Multiplier) ^ ((k ^ (k >> 24)) * Multiplier);
            bytes = bytes[4..];
        }

        if (!bytes.IsEmpty)
        {
            for (int i = bytes.Length - 1; i >= 0; i--)
                h ^= (uint)bytes[i] << (8 * i);
            h *= Multiplier;
        }

        h = (h ^ (h >> 13)) * Multiplier;
        return (int)(h ^ (h >> 15));
    }

    /// <summary>The hash without its sign, as the Java client takes it modulo the number of partitions.</summary>
    public static int Positive(ReadOnlySpan<byte> bytes) => Hash(bytes) & int.MaxValue;
}
