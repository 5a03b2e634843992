using System.Diagnostics.CodeAnalysis;

namespace Fastbridge.Core.Config;

/// <summary>
/// The properties of OAUTHBEARER that the bridge serves itself: it fetches the tokens, and librdkafka, built without an HTTP client, gets them. Names are librdkafka's own, so that a
/// configuration of another client serves as it stands; <see cref="Audience"/>, which librdkafka does not have, is ours.
/// </summary>
public static class KafkaTokenProperties
{
    /// <summary><c>oidc</c>: tokens are fetched. Implied by <c>config.sasl</c>.</summary>
    public const string Method = "sasl.oauthbearer.method";

    /// <summary>Address of the token server; https, or http for tests.</summary>
    public const string Url = "sasl.oauthbearer.token.endpoint.url";

    public const string ClientId = "sasl.oauthbearer.client.id";

    public const string ClientSecret = "sasl.oauthbearer.client.secret";

    public const string Scope = "sasl.oauthbearer.scope";

    public const string Audience = "sasl.oauthbearer.audience";

    /// <summary><c>name=value</c>, comma separated.</summary>
    public const string Extensions = "sasl.oauthbearer.extensions";

    /// <summary>PEM file of the authorities that vouch for the token server; none: the system's.</summary>
    public const string CaFile = "https.ca.location";

    /// <summary>librdkafka must not see it.</summary>
    public static bool IsServed(string name) => name is Method or Url or ClientId or ClientSecret or Scope or Audience or Extensions or CaFile;

    /// <summary>Whether these properties ask for the OAUTHBEARER mechanism. Kafka's names of mechanisms are in capitals.</summary>
    public static bool IsAsked(IReadOnlyDictionary<string, string> properties) =>
        (properties.TryGetValue("sasl.mechanism", out string? mechanism) || properties.TryGetValue("sasl.mechanisms", out mechanism)) && mechanism == "OAUTHBEARER";

    /// <summary>Whether one property can be used, for what it says alone. The value is not in the fault.</summary>
    /// <returns>Null, or why not.</returns>
    public static string? Check(string name, string value) => name switch
    {
        Method => value == "oidc" ? null : "tokens are fetched by OIDC; write oidc",
        Url => TryUrl(value, out _) ? null : "no address of a token server; write https://HOST/PATH, without a user name",
        Extensions => TryExtensions(value, out _) ? null : "write name=value, comma separated; names have letters only, and auth is reserved",
        _ => null,
    };

    /// <summary>An absolute address of http or https without credentials.</summary>
    public static bool TryUrl(string text, [NotNullWhen(true)] out Uri? url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp) && url.UserInfo.Length == 0 && url.Host.Length > 0;

    /// <summary>Names and values, alternately. By RFC 7628 a name has letters only, and a value what is printable in ASCII.</summary>
    public static bool TryExtensions(string text, out string[] namesAndValues)
    {
        List<string> all = [];
        namesAndValues = [];
        foreach (string pair in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !IsExtensionName(pair.AsSpan(0, equals)) || !IsExtensionValue(pair.AsSpan(equals + 1)))
                return false;
            all.Add(pair[..equals]);
            all.Add(pair[(equals + 1)..]);
        }

        namesAndValues = [.. all];
        return true;
    }

    internal static bool IsExtensionName(ReadOnlySpan<char> name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetter(c))
                return false;
        }

        return name.Length > 0 && name is not "auth";
    }

    internal static bool IsExtensionValue(ReadOnlySpan<char> value) => !value.ContainsAnyExceptInRange(' ', '~') && !value.Contains(',');
}
