using Fastbridge.Kafka;

namespace Fastbridge.Tests.Kafka;

public class KafkaPropertiesTests
{
    [Theory]
    [InlineData("security.protocol", "sasl_ssl")]
    [InlineData("sasl.password", "anything")]
    [InlineData("socket.keepalive.enable", "true")]
    public void Accepts_what_librdkafka_accepts(string name, string value) => Assert.Null(KafkaProperties.Check(name, value));

    [Theory]
    [InlineData("securty.protocol", "ssl", "did you mean security.protocol?")]
    [InlineData("transactional.id", "x", "not to be set here")]
    [InlineData("socket.timeout.ms", "soon", "refuses the value")]
    [InlineData("compression.level", "hunter2", "refuses the value")]
    public void Rejects_the_rest_with_the_reason_and_without_the_value(string name, string value, string expected)
    {
        string? fault = KafkaProperties.Check(name, value);
        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault, StringComparison.Ordinal);
    }
}
