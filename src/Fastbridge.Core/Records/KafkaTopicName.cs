using System.Buffers;

namespace Fastbridge.Core.Records;

/// <summary>What Kafka allows as a topic's name: 1 to 249 of ASCII letters, digits, <c>.</c>, <c>_</c> and <c>-</c>, but neither <c>.</c> nor <c>..</c>.</summary>
public static class KafkaTopicName
{
    /// <summary>Kafka's limit: a topic is a folder name with a partition number behind it, within 255.</summary>
    public const int MaxLength = 249;

    private static readonly SearchValues<char> Legal = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    private static readonly SearchValues<byte> LegalBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"u8);

    /// <summary>Null for a legal name, else one line that says what is wrong with it.</summary>
    public static string? Check(string name)
    {
        if (name.Length == 0)
            return "the Kafka topic is empty; name one";
        if (name is "." or "..")
            return $"\"{name}\" cannot be a Kafka topic; choose another name";
        int bad = name.AsSpan().IndexOfAnyExcept(Legal);
        if (bad >= 0)
        {
            string shown = bad + 1 < name.Length && char.IsSurrogatePair(name, bad) ? name.Substring(bad, 2) : name.Substring(bad, 1);
            return $"\"{Shorten(name)}\" cannot be a Kafka topic: \"{shown}\" at character {bad + 1}; use letters, digits, '.', '_' and '-'";
        }

        return name.Length > MaxLength
            ? $"\"{Shorten(name)}\" cannot be a Kafka topic: {name.Length} characters, {MaxLength} are the most"
            : null;
    }

    /// <summary>
    /// Makes a name of rendered text, in place: <c>/</c> becomes <c>.</c>, any other character that Kafka forbids becomes one <c>_</c>,
    /// however many bytes it has (so <c>größe/7</c> is <c>gr__e.7</c>). Returns the new length.
    /// </summary>
    internal static int Replace(Span<byte> utf8)
    {
        int read = ((ReadOnlySpan<byte>)utf8).IndexOfAnyExcept(LegalBytes);
        if (read < 0)
            return utf8.Length;
        int written = read;
        for (; read < utf8.Length; read++)
        {
            byte b = utf8[read];
            if (LegalBytes.Contains(b))
                utf8[written++] = b;
            else if (b == '/')
                utf8[written++] = (byte)'.';
            else if ((b & 0xC0) != 0x80)
                utf8[written++] = (byte)'_'; // a first byte; the 10xxxxxx bytes that continue the character add nothing
        }

        return written;
    }

    private static string Shorten(string name) => name.Length <= 60 ? name : name[..60] + "…";
}
