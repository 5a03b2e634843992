using System.Text;

namespace Fastbridge.Core.Config.Editing;

/// <summary>Changes of a text by byte positions. What no edit names stays byte for byte. One thread.</summary>
internal sealed class TextEdits
{
    private readonly List<Edit> _edits = [];

    public bool IsEmpty => _edits.Count == 0;

    /// <summary>Puts <paramref name="text"/> in place of the bytes from <paramref name="start"/> up to <paramref name="end"/>. Edits must not overlap; those of one place apply in the order in which they were made.</summary>
    public void Replace(int start, int end, string text)
    {
        int at = _edits.Count;
        while (at > 0 && _edits[at - 1].Start > start)
            at--;
        _edits.Insert(at, new Edit(start, end, text));
    }

    public void Insert(int at, string text) => Replace(at, at, text);

    public void Delete(int start, int end) => Replace(start, end, "");

    /// <summary>The new text; null where edits overlap, which no sound tree makes.</summary>
    public byte[]? Apply(ReadOnlySpan<byte> utf8)
    {
        using var result = new MemoryStream(utf8.Length + 1_024);
        int at = 0;
        foreach (Edit edit in _edits)
        {
            if (edit.Start < at || edit.End < edit.Start)
                return null;
            result.Write(utf8[at..edit.Start]);
            result.Write(Encoding.UTF8.GetBytes(edit.Text));
            at = edit.End;
        }

        result.Write(utf8[at..]);
        return result.ToArray();
    }

    /// <summary>A class on purpose: lists of values are code of their own in the executable.</summary>
    private sealed class Edit(int start, int end, string text)
    {
        public int Start { get; } = start;

        public int End { get; } = end;

        public string Text { get; } = text;
    }
}
