namespace Fastbridge.Tests.Kafka;

/// <summary>
/// 32-bit murmur2 with Kafka's seed, after Austin Appleby's published algorithm: an oracle that owes nothing to librdkafka. Checked
/// against the values in Java's own UtilsTest by <see cref="JavaMurmur2Tests"/>.
/// </summary>
internal static class JavaMurmur2
{
    private const uint Multiplier = 0x5bd1e995;

    public static int Positive(ReadOnlySpan<byte> data) => Hash(data) & int.MaxValue;

    public static int Hash(ReadOnlySpan<byte> data)
    {
        uint hash = 0x9747b28c ^ (uint)data.Length;
        while (data.Length >= 4)
        {
            uint k = (uint)(data[0] | data[1] << 8 | data[2] << 16 | data[3] << 24) * Multiplier;
            hash = (hash * Multiplier) ^ ((k ^ (k >> 24)) * Multiplier);
            data = data[4..];
        }

        if (data.Length > 0)
        {
            for (int i = 0; i < data.Length; i++)
                hash ^= (uint)data[i] << (8 * i);
            hash *= Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return (int)(hash ^ (hash >> 15));
    }
}

public class JavaMurmur2Tests
{
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void the_oracle_hashes_as_java_does(string key, int expected)
        => Assert.Equal(expected, JavaMurmur2.Hash(System.Text.Encoding.UTF8.GetBytes(key)));
}
