using System.Text;

namespace Fastbridge.Core.Config.Source;

/// <summary>UTF-8 text that nodes came from: the file, or the content of a <c>config</c> that is a JSON string. Tells offsets as lines and columns.</summary>
internal sealed class SourceText(ReadOnlyMemory<byte> utf8, Node? outer = null, bool hidden = false, bool yaml = false)
{
    private List<int>? _lineStarts;
    private (int Line, int Offset, int Column) _last = (-1, 0, 0);

    public ReadOnlyMemory<byte> Utf8 { get; } = utf8;

    /// <summary>The text node that holds this text; null for the file itself.</summary>
    public Node? Outer { get; } = outer;

    /// <summary>The whole text came from <c>${env:}</c> or <c>${file:}</c>: no value of it is shown.</summary>
    public bool Hidden { get; } = hidden;

    /// <summary>The text is YAML; else JSON with comments.</summary>
    public bool IsYaml { get; } = yaml;

    /// <summary>Line and column in the file, from 1. A place inside a JSON string is where that string begins.</summary>
    public (int Line, int Column) Place(int offset)
    {
        if (Outer is not null)
            return Outer.Source.Place(Outer.Start);
        List<int> starts = _lineStarts ??= LineStarts();
        offset = Math.Min(offset, Utf8.Length);
        int line = starts.BinarySearch(offset);
        if (line < 0)
            line = ~line - 1;
        // Faults come mostly in order: counting on from the last place keeps a file of one long line from costing its square.
        (int from, int column) = _last.Line == line && _last.Offset <= offset ? (_last.Offset, _last.Column) : (starts[line], 0);
        column += Characters(Utf8.Span[from..offset]);
        _last = (line, offset, column);
        return (line + 1, column + 1);
    }

    /// <summary>The place for sorting faults.</summary>
    public (int Outer, int Inner) Order(int offset) => Outer is null ? (offset, 0) : (Outer.Start, offset + 1);

    /// <summary>The byte offset of what System.Text.Json calls a line and a byte in it, both from 0.</summary>
    public int Offset(long line, long byteInLine)
    {
        List<int> starts = _lineStarts ??= LineStarts();
        return (int)Math.Min(starts[(int)Math.Min(line, starts.Count - 1)] + byteInLine, Utf8.Length);
    }

    private static int Characters(ReadOnlySpan<byte> utf8)
    {
        int count = 0;
        while (!utf8.IsEmpty)
        {
            Rune.DecodeFromUtf8(utf8, out _, out int length);
            utf8 = utf8[length..];
            count++;
        }

        return count;
    }

    private List<int> LineStarts()
    {
        List<int> starts = [0];
        ReadOnlySpan<byte> span = Utf8.Span;
        for (int at = span.IndexOf((byte)'\n'); at >= 0;)
        {
            starts.Add(at + 1);
            int next = span[(at + 1)..].IndexOf((byte)'\n');
            at = next < 0 ? -1 : at + 1 + next;
        }

        return starts;
    }
}
