using System.Text;
using Fastbridge.Core.Records;

namespace Fastbridge.Tests.Core.Records;

public class Murmur2Tests
{
    /// <summary>The vectors of Kafka's own test of its Java client.</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void known_vectors(string key, int expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(key);
        Assert.Equal(expected, Murmur2.Hash(bytes));
        Assert.Equal(expected & 0x7FFFFFFF, Murmur2.Positive(bytes));
    }
}
