using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec;

/// <summary>The checks of UTF-8 Encoded Strings [1.5.4] and topic names [4.7]; vectorised, and they allocate only to report a fault.</summary>
internal static class MqttText
{
    // Throws on a lone surrogate, so that we never send what we would refuse.
    public static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Well-formed UTF-8 (no surrogates, no overlong form) [MQTT-1.5.4-1] without U+0000 [MQTT-1.5.4-2]. A BOM is text like any other [MQTT-1.5.4-3].</summary>
    public static bool IsString(ReadOnlySpan<byte> text) => !text.Contains((byte)0) && Utf8.IsValid(text);

    /// <summary>A string as above without <c>+</c> and <c>#</c> [MQTT-3.3.2-2]. An empty one passes: whether an alias stands for it is seen elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsTopicName(ReadOnlySpan<byte> topic) => topic.IndexOfAny((byte)0, (byte)'+', (byte)'#') < 0 && Utf8.IsValid(topic);

    /// <summary>Why <see cref="IsString"/> said no.</summary>
    public static ProtocolViolation ExplainString(ReadOnlySpan<byte> text) =>
        new(Utf8.IsValid(text) ? Violations.NullCharacter : Violations.NotUtf8, Show(text));

    /// <summary>Why <see cref="IsTopicName"/> said no.</summary>
    public static ProtocolViolation ExplainTopic(ReadOnlySpan<byte> topic) =>
        IsString(topic) ? new(Violations.TopicWildcard, Show(topic)) : ExplainString(topic);

    /// <summary>A text of the peer for a message: what is not printable ASCII is escaped, and it is cut after 64 bytes.</summary>
    public static string Show(ReadOnlySpan<byte> text)
    {
        const int most = 64;
        StringBuilder shown = new("'");
        foreach (byte b in text[..Math.Min(text.Length, most)])
        {
            if (b is >= 0x20 and < 0x7F)
                shown.Append((char)b);
            else
                shown.Append("\\x").Append(Convert.ToHexString([b]));
        }

        return shown.Append(text.Length > most ? "…'" : "'").ToString();
    }
}
