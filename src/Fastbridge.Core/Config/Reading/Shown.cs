using System.Globalization;
using System.Text;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Reading;

/// <summary>How values of the file appear in faults: on one line, cut when long, and not at all when they may be secret.</summary>
internal static class Shown
{
    public const string Hidden = "(hidden)";

    /// <summary>More would bury the reason that follows.</summary>
    private const int MaxCharacters = 80;

    /// <summary>In double quotes; control characters escaped, 80 characters at most.</summary>
    public static string Quote(string text)
    {
        var shown = new StringBuilder("\"");
        int count = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (++count > MaxCharacters)
            {
                shown.Append('…');
                break;
            }

            Append(shown, rune);
        }

        return shown.Append('"').ToString();
    }

    /// <summary>Control characters escaped, so that a line stays a line.</summary>
    public static string OneLine(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\u001f') && !text.AsSpan().ContainsAny('\u007f', '\u2028', '\u2029'))
            return text;
        var shown = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
            Append(shown, rune);
        return shown.ToString();
    }

    /// <summary>The value as the file has it: with <c>${env:NAME}</c>, not with what that stands for.</summary>
    public static string? Value(Node node) => node.Kind switch
    {
        NodeKind.Object or NodeKind.List => null,
        _ when IsSecret(node) => Hidden,
        NodeKind.Text => Quote(node.Value),
        _ => Cut(node.Value),
    };

    /// <summary>What stands there, for "expected …, found …".</summary>
    public static string Found(Node node) => node.Kind switch
    {
        NodeKind.Object => "an object",
        NodeKind.List => "a list",
        NodeKind.Text => IsSecret(node) ? "a text" : $"the text {Quote(node.Value)}",
        NodeKind.Number => IsSecret(node) ? "a number" : $"the number {Cut(node.Value)}",
        _ => node.Value,
    };

    /// <summary>
    /// By its name or an object's around it, as it came from a variable or file whole, or as an address with credentials (<c>://user:password@</c>, Kafka's also without scheme) or
    /// a query, which may be signed.
    /// </summary>
    public static bool IsSecret(Node node)
    {
        int scheme = node.Value.IndexOf("://", StringComparison.Ordinal);
        if (node.Name is "bootstrap_servers" or "bootstrap.servers" or "metadata.broker.list" && scheme < 0)
            scheme = 0;
        if (scheme >= 0 && node.Value.AsSpan(scheme).IndexOfAny('@', '?') >= 0)
            return true;
        for (Node? at = node; at is not null; at = at.Parent)
        {
            if (at.Source.Hidden || (at.Name is { } name && (IsSecretName(name) || (name == "headers" && at.Parent?.Name == "mqtt"))))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Names whose values are never shown: what librdkafka and MQTT call passwords, keys and tokens. Of <c>sasl.*</c> only the mechanism and the user name are told: who
    /// looks for a refused login needs them.
    /// </summary>
    public static bool IsSecretName(string name) =>
        name.Contains("password", StringComparison.OrdinalIgnoreCase)
        || name.Contains("passwd", StringComparison.OrdinalIgnoreCase)
        || name.Contains("secret", StringComparison.OrdinalIgnoreCase)
        || name.Contains("token", StringComparison.OrdinalIgnoreCase)
        || name.Contains("credential", StringComparison.OrdinalIgnoreCase)
        || name.Contains("passphrase", StringComparison.OrdinalIgnoreCase)
        || IsKeyName(name)
        || (name.StartsWith("sasl.", StringComparison.OrdinalIgnoreCase) && !IsToldOfSasl(name))
        || name.StartsWith("ssl.key", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ssl_key", StringComparison.OrdinalIgnoreCase);

    /// <summary><c>api_key</c>, <c>private-key</c>, <c>apiKey</c> and the like; a record's <c>key</c> is none.</summary>
    private static bool IsKeyName(string name)
    {
        Span<char> letters = stackalloc char[Math.Min(name.Length, 64)];
        int count = 0;
        foreach (char letter in name.AsSpan(0, letters.Length))
        {
            if (letter is not ('_' or '-' or '.'))
                letters[count++] = char.ToLowerInvariant(letter);
        }

        ReadOnlySpan<char> plain = letters[..count];
        return plain.Contains("apikey", StringComparison.Ordinal) || plain.Contains("privatekey", StringComparison.Ordinal);
    }

    private static bool IsToldOfSasl(string name) =>
        name.Equals("sasl.mechanism", StringComparison.OrdinalIgnoreCase)
        || name.Equals("sasl.mechanisms", StringComparison.OrdinalIgnoreCase)
        || name.Equals("sasl.username", StringComparison.OrdinalIgnoreCase);

    private static string Cut(string text) => text.Length <= MaxCharacters ? text : text[..MaxCharacters] + "…";

    private static void Append(StringBuilder shown, Rune rune)
    {
        UnicodeCategory category = Rune.GetUnicodeCategory(rune);
        if (category is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            shown.Append("\\u").Append(rune.Value.ToString("X4", CultureInfo.InvariantCulture));
        else
            shown.Append(rune.ToString());
    }
}
