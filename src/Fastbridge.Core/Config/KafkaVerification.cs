namespace Fastbridge.Core.Config;

/// <summary>How librdkafka reads what switches the verification of certificates off: in any case of letters, and by more than one word.</summary>
public static class KafkaVerification
{
    /// <summary>A value of enable.ssl.certificate.verification; null is its default, on.</summary>
    public static bool IsOff(string? value) => value is not null && (value == "0" || Is(value, "false") || Is(value, "f"));

    /// <summary>A value of ssl.endpoint.identification.algorithm; null is its default, https.</summary>
    public static bool TakesAnyName(string? value) => value is not null && Is(value, "none");

    private static bool Is(string value, string word) => value.Equals(word, StringComparison.OrdinalIgnoreCase);
}
