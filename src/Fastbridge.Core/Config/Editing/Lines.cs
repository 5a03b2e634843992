using System.Text;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Editing;

/// <summary>Where lines, indents and comments are around a place in a text.</summary>
internal static class Lines
{
    /// <summary>How the text ends its lines: as the first one does; <c>\n</c> where there is one line.</summary>
    public static string Break(SourceText source)
    {
        ReadOnlySpan<byte> utf8 = source.Utf8.Span;
        int first = utf8.IndexOf((byte)'\n');
        return first > 0 && utf8[first - 1] == '\r' ? "\r\n" : "\n";
    }

    /// <summary>First byte of the line of <paramref name="at"/>.</summary>
    public static int Start(ReadOnlySpan<byte> utf8, int at) => utf8[..at].LastIndexOf((byte)'\n') + 1;

    /// <summary>The line's break, its <c>\r</c> included, or the end of the text.</summary>
    public static int End(ReadOnlySpan<byte> utf8, int at)
    {
        int length = utf8[at..].IndexOf((byte)'\n');
        if (length < 0)
            return utf8.Length;
        int end = at + length;
        return end > at && utf8[end - 1] == '\r' ? end - 1 : end;
    }

    /// <summary>First byte of the next line, or the end of the text.</summary>
    public static int Next(ReadOnlySpan<byte> utf8, int at)
    {
        int length = utf8[at..].IndexOf((byte)'\n');
        return length < 0 ? utf8.Length : at + length + 1;
    }

    /// <summary>The blanks before <paramref name="at"/> in its line, where nothing else stands there; else null.</summary>
    public static string? Indent(ReadOnlySpan<byte> utf8, int at)
    {
        ReadOnlySpan<byte> before = utf8[Start(utf8, at)..at];
        return before.TrimStart(" \t"u8).IsEmpty ? Encoding.ASCII.GetString(before) : null;
    }

    /// <summary>The blanks at the begin of the line in which <paramref name="at"/> stands.</summary>
    public static string IndentOfLine(ReadOnlySpan<byte> utf8, int at)
    {
        ReadOnlySpan<byte> line = utf8[Start(utf8, at)..at];
        return Encoding.ASCII.GetString(line[..(line.Length - line.TrimStart(" \t"u8).Length)]);
    }

    /// <summary>Behind blanks, line breaks and comments: where the next sign of the notation stands.</summary>
    public static int SkipTrivia(SourceText source, int at)
    {
        ReadOnlySpan<byte> utf8 = source.Utf8.Span;
        while (at < utf8.Length)
        {
            if (utf8[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                at++;
            else if (CommentEnd(source, at) is { } end)
                at = end;
            else
                break;
        }

        return at;
    }

    /// <summary>The break of the line in which <paramref name="at"/> stands, where only blanks and comments come before it; else null.</summary>
    public static int? RestOfLine(SourceText source, int at)
    {
        ReadOnlySpan<byte> utf8 = source.Utf8.Span;
        int line = End(utf8, at);
        while (at < line)
        {
            if (utf8[at] is (byte)' ' or (byte)'\t')
                at++;
            else if (CommentEnd(source, at) is { } end && end <= line)
                at = end;
            else
                return null;
        }

        return at < utf8.Length ? at : null;
    }

    /// <summary>Behind the comment that begins at <paramref name="at"/>; null where none does. A comment to the end of the line ends before its break.</summary>
    private static int? CommentEnd(SourceText source, int at)
    {
        ReadOnlySpan<byte> utf8 = source.Utf8.Span;
        if (source.IsYaml)
            return utf8[at] == '#' ? End(utf8, at) : null;
        if (utf8[at..].StartsWith("//"u8))
            return End(utf8, at);
        if (!utf8[at..].StartsWith("/*"u8))
            return null;
        int length = utf8[(at + 2)..].IndexOf("*/"u8);
        return length < 0 ? utf8.Length : at + length + 4;
    }
}
