using System.Buffers;
using System.Text;

namespace Fastbridge.Core.Config.Source;

/// <summary>
/// Says what is wrong at a place where System.Text.Json gave up. In our words, from the text itself: a trimmed executable may hold no texts of the
/// runtime's, and a hand-edited file has a few mistakes over and over. It shows one character at most, as there may be a secret beside it.
/// </summary>
internal static class JsonSyntax
{
    public static (string Text, string? Remedy) Explain(ReadOnlySpan<byte> utf8, int offset)
    {
        int before = Before(utf8, offset);
        if (offset >= utf8.Length)
        {
            return utf8.Trim(" \t\r\n"u8).IsEmpty
                ? ("there is nothing in it", "write {\"connectors\": []} or a connector")
                : ("the text ends too early", "it was cut off, or a closing bracket or quote is missing");
        }

        byte at = utf8[offset];
        byte last = before < 0 ? (byte)0 : utf8[before];
        bool afterValue = last is (byte)'"' or (byte)'}' or (byte)']' or (>= (byte)'0' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'z');
        return at switch
        {
            < 0x20 => ("a line break, tab or other control character stands inside a text", "write \\n, \\t or \\u00XX, or close the text"),
            (byte)'\'' => ("texts stand in double quotes", "write \" for '"),
            (byte)'"' or (byte)'{' or (byte)'[' when afterValue => ($"unexpected {(char)at}", "a comma is missing before it, or a colon behind a name"),
            (byte)',' => ("unexpected comma", "a value is missing before it"),
            (byte)'}' or (byte)']' => ($"unexpected {(char)at}", "a value or its opening bracket is missing before it"),
            (byte)'=' => ("unexpected =", "write : between a name and its value"),
            _ when InsideText(utf8, offset) => ($"{Character(utf8, offset)} is no escape in JSON", "write \\\\ for a backslash"),
            _ when IsWordStart(at) => ($"unexpected {Character(utf8, offset)}", "texts and names stand in double quotes; else there is true, false and null"),
            _ => ($"unexpected {Character(utf8, offset)}", "write a text in double quotes, a number, true, false, null, an object or a list"),
        };
    }

    private static bool IsWordStart(byte b) => char.IsAsciiLetter((char)b) || b is (byte)'_' or (byte)'$' or >= 0x80;

    /// <summary>The character before is a backslash, which stands in texts only.</summary>
    private static bool InsideText(ReadOnlySpan<byte> utf8, int offset) => utf8[..offset].LastIndexOf((byte)'\\') >= Math.Max(0, offset - 5);

    private static int Before(ReadOnlySpan<byte> utf8, int offset) => utf8[..offset].LastIndexOfAnyExcept(" \t\r\n"u8);

    private static string Character(ReadOnlySpan<byte> utf8, int offset) =>
        Rune.DecodeFromUtf8(utf8[offset..], out Rune rune, out _) == OperationStatus.Done ? Reading.Shown.Quote(rune.ToString()) : "byte";
}
