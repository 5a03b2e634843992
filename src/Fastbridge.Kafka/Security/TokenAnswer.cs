using System.Globalization;
using System.Text.Json;

namespace Fastbridge.Kafka.Security;

/// <summary>What a token server answers: RFC 6749, 5.1 and 5.2. Pure.</summary>
internal static class TokenAnswer
{
    /// <summary>Of a token whose life the server does not tell: five minutes, so one that was revoked or is shorter-lived is soon replaced.</summary>
    private const long UntoldLifeSeconds = 300;

    /// <summary>A year: what is longer is as good as for ever, and the sum stays within a date.</summary>
    private const long LongestLifeSeconds = 366 * 24 * 3600;

    /// <summary>Of what the server says of a fault.</summary>
    private const int LongestWords = 200;

    /// <exception cref="TokenException">There is no token in it.</exception>
    public static Token Read(ReadOnlySpan<byte> body, int status, TokenSettings settings, DateTimeOffset now)
    {
        Members members = Parse(body);
        if (status is < 200 or > 299)
            throw TokenRequest.Fault(settings, OfStatus(status, members, settings));
        if (string.IsNullOrEmpty(members.Token))
            throw TokenRequest.Fault(settings, members.Error is null ? "the answer is no token (JSON with access_token is expected); check sasl.token_url" : OfStatus(status, members, settings));
        long life = Math.Min(members.ExpiresIn ?? UntoldLifeSeconds, LongestLifeSeconds);
        if (life <= 0)
            throw TokenRequest.Fault(settings, "the token has expired already (expires_in); check the token server's settings for this client");
        return new Token(members.Token, now.ToUnixTimeMilliseconds() + (life * 1000));
    }

    private static string OfStatus(int status, Members members, TokenSettings settings)
    {
        string said = members.Error is null ? "" : members.Description is null ? $" {Plain(members.Error, settings)}" : $" {Plain(members.Error, settings)} ({Plain(members.Description, settings)})";
        string remedy = members.Error switch
        {
            "invalid_client" or "unauthorized_client" => "check sasl.client_id and sasl.client_secret, and that the client may use the client credentials grant",
            "invalid_scope" => "check sasl.scope",
            "invalid_target" => "check sasl.audience",
            "unsupported_grant_type" => "permit the client credentials grant there",
            _ when status is 401 or 403 => "check sasl.client_id and sasl.client_secret",
            _ when status is >= 300 and < 400 => "write the address to which it sends its clients as sasl.token_url",
            _ when status >= 500 || status == 429 => "it is asked again",
            _ => "check sasl.token_url, sasl.scope and sasl.audience",
        };
        return string.Create(CultureInfo.InvariantCulture, $"HTTP {status}{said}; {remedy}");
    }

    /// <summary>On one line and not too long; a server that repeats what it was sent shows it to nobody.</summary>
    private static string Plain(string text, TokenSettings settings)
    {
        text = text.Replace(settings.ClientSecret, "***", StringComparison.Ordinal).Replace(Uri.EscapeDataString(settings.ClientSecret), "***", StringComparison.Ordinal);
        Span<char> line = text.Length > LongestWords ? text.AsSpan(0, LongestWords).ToArray() : text.ToCharArray();
        foreach (ref char c in line)
        {
            if (char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029')
                c = ' ';
        }

        return line.Trim().ToString().TrimEnd('.');
    }

    private static Members Parse(ReadOnlySpan<byte> body)
    {
        var members = new Members();
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 64 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return members;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                reader.Read();
                string? text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                if (name == "access_token")
                    members.Token = text;
                else if (name == "error")
                    members.Error = text;
                else if (name == "error_description")
                    members.Description = text;
                else if (name == "expires_in")
                    members.ExpiresIn = Seconds(ref reader, text);
                reader.Skip();
            }

            return members;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or text in it that is no Unicode: no token.
            return new Members();
        }
    }

    /// <summary>Some servers write it as a text.</summary>
    private static long? Seconds(ref Utf8JsonReader reader, string? text)
    {
        if (text is not null)
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long quoted) ? quoted : null;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double number) ? (long)Math.Clamp(number, 0, LongestLifeSeconds) : null;
    }

    private ref struct Members
    {
        public string? Token;
        public string? Error;
        public string? Description;
        public long? ExpiresIn;
    }
}
