using System.Globalization;
using System.Text;

namespace Fastbridge.Mqtt.Transport;

/// <summary>The head of an HTTP/1.1 answer: to a WebSocket handshake, or of a proxy. Nothing behind it is read.</summary>
internal sealed class HttpHead
{
    /// <summary>16 KB: twice what common servers let their own clients send.</summary>
    public const int Most = 16_384;

    private const string Magic = "HTTP/";

    private readonly string[] _lines;

    private HttpHead(string[] lines, string version, int status) => (_lines, Version, Status) = (lines, version, status);

    /// <summary><c>1.1</c>, say.</summary>
    public string Version { get; }

    public int Status { get; }

    /// <summary>Status and the server's own words for it, one short line.</summary>
    public string StatusLine => Cut(_lines[0][(_lines[0].IndexOf(' ', StringComparison.Ordinal) + 1)..]);

    /// <summary>Reads up to the empty line, a byte at a time: what stands behind belongs to another protocol, and a head is read once a connection.</summary>
    /// <exception cref="MqttConnectException">It is no HTTP, has no end, or the peer closed.</exception>
    public static async ValueTask<HttpHead> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (true)
        {
            if (await stream.ReadAsync(one, cancellation).ConfigureAwait(false) == 0)
                throw new MqttConnectException(head.Length == 0 ? "it closed the connection without an answer" : "it closed the connection inside its answer");
            if (head.Length == Most)
                throw new MqttConnectException(string.Create(CultureInfo.InvariantCulture, $"its answer is longer than {Most / 1024} KB"));
            head.Append((char)one[0]);
            if (head.Length <= Magic.Length && head[^1] != Magic[head.Length - 1])
                throw new MqttConnectException("it does not answer in HTTP; check host and port");
            if (one[0] == '\n' && EndsHead(head))
                break;
        }

        string[] lines = head.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string[] words = lines[0].Split(' ', 3);
        if (words.Length < 2 || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int status))
            throw new MqttConnectException("it does not answer in HTTP; check host and port");
        return new HttpHead(lines, words[0][Magic.Length..], status);
    }

    /// <summary>A header's value, several of one name joined by commas; null where there is none.</summary>
    public string? Find(string name)
    {
        string? found = null;
        for (int i = 1; i < _lines.Length; i++)
        {
            int colon = _lines[i].IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !_lines[i].AsSpan(0, colon).Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                continue;
            string value = _lines[i][(colon + 1)..].Trim();
            found = found is null ? value : $"{found}, {value}";
        }

        return found;
    }

    /// <summary>A comma separated header holds the word; case does not count.</summary>
    public bool Has(string name, string word) =>
        Find(name) is { } value && Array.Exists(value.Split(',', StringSplitOptions.TrimEntries), v => v.Equals(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>A peer's words for a log line: printable, 200 characters at most.</summary>
    public static string Cut(string text)
    {
        var shown = new StringBuilder();
        foreach (char c in text)
        {
            if (shown.Length == 200)
                break;
            shown.Append(c is >= ' ' and <= '~' ? c : '?');
        }

        return shown.ToString();
    }

    private static bool EndsHead(StringBuilder head) =>
        (head.Length >= 2 && head[^2] == '\n') || (head.Length >= 4 && head[^2] == '\r' && head[^3] == '\n');
}
