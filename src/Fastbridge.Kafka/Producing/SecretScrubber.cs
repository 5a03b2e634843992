using System.Collections.Immutable;

namespace Fastbridge.Kafka.Producing;

/// <summary>Keeps secrets out of what librdkafka says: property values that are secret never pass, whatever text they stand in.</summary>
internal sealed class SecretScrubber
{
    // Shorter values would blot out ordinary letters of every message and are no secrets.
    private const int ShortestSecret = 3;

    private readonly ImmutableArray<string> _secrets;

    public SecretScrubber(IEnumerable<KeyValuePair<string, string>> properties)
        => _secrets = [.. properties.Where(p => IsSecret(p.Key) && p.Value.Length >= ShortestSecret).Select(p => p.Value).OrderByDescending(v => v.Length)];

    /// <summary>Whether a property of this name holds a secret.</summary>
    public static bool IsSecret(string name)
        => name.Contains("password", StringComparison.Ordinal) || name.Contains("secret", StringComparison.Ordinal)
            || name.Contains("passphrase", StringComparison.Ordinal) || name.Contains("jaas", StringComparison.Ordinal)
            || name.Contains("token", StringComparison.Ordinal) || name.EndsWith("key.pem", StringComparison.Ordinal)
            || name == "sasl.oauthbearer.config";

    /// <summary>The text on one line, each secret in it replaced.</summary>
    public string Clean(string text)
    {
        foreach (string secret in _secrets)
            text = text.Replace(secret, "***", StringComparison.Ordinal);
        return text.ReplaceLineEndings(" ").Trim();
    }
}
