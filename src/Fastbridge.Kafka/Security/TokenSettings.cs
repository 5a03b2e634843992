using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Kafka.Security;

/// <summary>How SASL OAUTHBEARER gets its tokens: OpenID Connect by client credentials. Immutable.</summary>
/// <param name="extensions">Names and values, alternately.</param>
internal sealed class TokenSettings(Uri url, string clientId, string clientSecret, string? scope, string? audience, string[] extensions, string? caFile)
{
    public Uri Url { get; } = url;

    public string ClientId { get; } = clientId;

    public string ClientSecret { get; } = clientSecret;

    public string? Scope { get; } = scope;

    public string? Audience { get; } = audience;

    public string[] Extensions { get; } = extensions;

    /// <summary>PEM file of the authorities; null: the system's.</summary>
    public string? CaFile { get; } = caFile;

    /// <summary>Null where these properties ask for no token.</summary>
    /// <exception cref="SinkConfigurationException">They do, and something is missing or wrong.</exception>
    public static TokenSettings? From(IReadOnlyDictionary<string, string> properties)
    {
        if (!KafkaTokenProperties.IsAsked(properties))
            return null;
        foreach ((string name, string value) in properties)
        {
            if (KafkaTokenProperties.Check(name, value) is { } fault)
                throw new SinkConfigurationException($"properties.{name}: {fault}");
        }

        return new TokenSettings(
            KafkaTokenProperties.TryUrl(Needed(KafkaTokenProperties.Url), out Uri? url) ? url : throw new InvalidOperationException("The address was checked."),
            Needed(KafkaTokenProperties.ClientId),
            Needed(KafkaTokenProperties.ClientSecret),
            properties.GetValueOrDefault(KafkaTokenProperties.Scope),
            properties.GetValueOrDefault(KafkaTokenProperties.Audience),
            KafkaTokenProperties.TryExtensions(properties.GetValueOrDefault(KafkaTokenProperties.Extensions) ?? "", out string[] extensions) ? extensions : [],
            properties.GetValueOrDefault(KafkaTokenProperties.CaFile));

        string Needed(string name) => properties.TryGetValue(name, out string? value) && value.Length > 0
            ? value
            : throw new SinkConfigurationException($"properties.{name}: OAUTHBEARER needs it; write token_url, client_id and client_secret in sasl");
    }

    /// <summary>What a token is fetched with is in no message.</summary>
    public override string ToString() => $"tokens of {Url.Authority}";
}
