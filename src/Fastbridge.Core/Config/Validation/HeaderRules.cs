namespace Fastbridge.Core.Config.Validation;

/// <summary>What may be a header of a WebSocket handshake. The texts never repeat a value.</summary>
public static class HeaderRules
{
    /// <summary>Why a header's name cannot be; null where it can.</summary>
    public static string? OfName(string name)
    {
        if (name.Length is 0 or > 256 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)))
            return "no name of an HTTP header";
        bool own = name.StartsWith("Sec-WebSocket-", StringComparison.OrdinalIgnoreCase)
            || name.ToUpperInvariant() is "UPGRADE" or "CONNECTION" or "HOST" or "CONTENT-LENGTH" or "TRANSFER-ENCODING";
        return own ? "this header is the handshake's own" : null;
    }

    /// <summary>Why a header's value cannot be; null where it can.</summary>
    public static string? OfValue(string value) =>
        value.Length > 8_192 ? "a header's value has 8192 characters at most" : value.Any(char.IsControl) ? "a header's value is one line without control characters" : null;
}
