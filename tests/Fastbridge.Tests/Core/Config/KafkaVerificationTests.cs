using Fastbridge.Core.Config;

namespace Fastbridge.Tests.Core.Config;

/// <summary>What librdkafka takes for "off" is warned of as such.</summary>
public class KafkaVerificationTests
{
    [Theory]
    [InlineData("false", true)]
    [InlineData("False", true)]
    [InlineData("f", true)]
    [InlineData("0", true)]
    [InlineData("true", false)]
    [InlineData("1", false)]
    [InlineData(null, false)]
    public void verification_is_off_by_any_word_of_librdkafkas(string? value, bool off) => Assert.Equal(off, KafkaVerification.IsOff(value));

    [Theory]
    [InlineData("none", true)]
    [InlineData("NONE", true)]
    [InlineData("https", false)]
    [InlineData(null, false)]
    public void any_name_is_taken_by_none_in_any_letters(string? value, bool any) => Assert.Equal(any, KafkaVerification.TakesAnyName(value));
}
