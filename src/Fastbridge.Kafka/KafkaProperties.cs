using Fastbridge.Core.Config;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Producing;

namespace Fastbridge.Kafka;

/// <summary>Asks librdkafka about single entries of <c>properties</c>, so that a misspelt one is a fault of the file and not of a running connector.</summary>
public static class KafkaProperties
{
    /// <summary>Null where librdkafka takes it, else why not, in one line and without the value. Any thread.</summary>
    public static string? Check(string name, string value)
    {
        if (PropertyNames.Refusal(name) is { } refusal)
            return $"not to be set here: {refusal}";
        if (KafkaTokenProperties.IsServed(name))
            return KafkaTokenProperties.Check(name, value);
        using var conf = new ConfHandle();
        int result = conf.Set(name, value, out string error);
        if (result == LibRdKafka.ConfOk)
            return null;
        if (result == LibRdKafka.ConfUnknown)
            return PropertyNames.Nearest(name) is { } nearest ? $"librdkafka knows no such property; did you mean {nearest}?" : "librdkafka knows no such property; its CONFIGURATION.md lists them all";
        // librdkafka's text repeats the value, which may be a secret that the file only refers to.
        return value.Length > 0 && error.Contains(value, StringComparison.Ordinal) ? "librdkafka refuses the value; its CONFIGURATION.md has the range" : $"librdkafka refuses the value: {error}";
    }
}
