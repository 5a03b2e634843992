using System.Text;

namespace Fastbridge.Core.Config.Editing;

/// <summary>Changes of a text by byte positions. What no edit names stays byte for byte. One thread.</summary>
internal sealed class TextEdits
{
    private readonly List<(int Start, int End, string Text)> _edits = [];

    public bool IsEmpty => _edits.Count == 0;

    /// <summary>Puts <paramref name="text"/> in place of the bytes from <paramref name="start"/> up to <paramref name="end"/>. Edits must not overlap; those of one place apply in the order in which they were made.</summary>
    public void Replace(int start, int end, string text) => _edits.Add((start, end, text));

    public void Insert(int at, string text) => Replace(at, at, text);

    public void Delete(int start, int end) => Replace(start, end, "");

    /// <summary>The new text; null where edits overlap, which no sound tree makes.</summary>
    public byte[]? Apply(ReadOnlySpan<byte> utf8)
    {
        List<(int Start, int End, string Text)> ordered = [.. _edits.OrderBy(e => e.Start)];
        using var result = new MemoryStream(utf8.Length + 1_024);
        int at = 0;
        foreach ((int start, int end, string text) in ordered)
        {
            if (start < at || end < start)
                return null;
            result.Write(utf8[at..start]);
            result.Write(Encoding.UTF8.GetBytes(text));
            at = end;
        }

        result.Write(utf8[at..]);
        return result.ToArray();
    }
}
