using Fastbridge.Mqtt.Codec;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Codec;

public class VariableByteIntegerTests
{
    // Table 1-1 [1.5.5]: the first and last value of each length.
    [Theory]
    [InlineData(0, "00")]
    [InlineData(127, "7F")]
    [InlineData(128, "8001")]
    [InlineData(16_383, "FF7F")]
    [InlineData(16_384, "808001")]
    [InlineData(2_097_151, "FFFF7F")]
    [InlineData(2_097_152, "80808001")]
    [InlineData(268_435_455, "FFFFFF7F")]
    public void reads_and_writes_the_table(int value, string hex)
    {
        byte[] bytes = Convert.FromHexString(hex), written = new byte[4];
        Assert.Equal(FrameStatus.Done, VariableByteInteger.Read(bytes, out int read, out int size));
        Assert.Equal((value, bytes.Length), (read, size));
        Assert.Equal((bytes.Length, bytes.Length), (VariableByteInteger.Write(written, value), VariableByteInteger.SizeOf(value)));
        Assert.Equal(bytes, written[..bytes.Length]);
        Assert.Equal(bytes, ServerPackets.VariableByteInteger(value));
        for (int i = 0; i < bytes.Length; i++)
            Assert.Equal(FrameStatus.NeedMoreData, VariableByteInteger.Read(bytes.AsSpan(0, i), out _, out _));
    }

    // [MQTT-1.5.5-1]
    [Theory]
    [InlineData("8000")]
    [InlineData("FF00")]
    [InlineData("808000")]
    [InlineData("80808000")]
    public void a_longer_form_than_needed_is_not_minimal(string hex)
    {
        Assert.Equal(FrameStatus.Done, VariableByteInteger.Read(Convert.FromHexString(hex), out int value, out int size));
        Assert.False(VariableByteInteger.IsMinimal(value, size));
    }

    [Fact]
    public void a_fifth_byte_is_malformed_when_the_fourth_announces_it() =>
        Assert.Equal(FrameStatus.Malformed, VariableByteInteger.Read([0x80, 0x80, 0x80, 0x80], out _, out _));
}
