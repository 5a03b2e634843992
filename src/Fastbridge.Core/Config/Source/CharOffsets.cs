using System.Text;

namespace Fastbridge.Core.Config.Source;

/// <summary>Turns positions in UTF-16 code units, as the YAML parser counts, into bytes of the UTF-8 text.</summary>
internal sealed class CharOffsets
{
    /// <summary>A mark each so many code units: 1 MB of text has 64 KB of marks.</summary>
    private const int Step = 64;

    private readonly byte[] _utf8;

    /// <summary>For each mark, the first byte of the character in which it falls, and the code unit where that character begins; null where all is ASCII.</summary>
    private readonly List<(int Byte, int Unit)>? _marks;

    public CharOffsets(ReadOnlySpan<byte> utf8)
    {
        _utf8 = [];
        Length = utf8.Length;
        if (Ascii.IsValid(utf8))
            return;
        _utf8 = utf8.ToArray();
        _marks = [];
        int at = 0;
        int unit = 0;
        while (at < utf8.Length)
        {
            if (unit >= _marks.Count * Step)
                _marks.Add((at, unit));
            Rune.DecodeFromUtf8(utf8[at..], out Rune rune, out int bytes);
            at += bytes;
            unit += rune.Utf16SequenceLength;
        }
    }

    private int Length { get; }

    /// <summary>The byte offset of a code unit; the text's length where it lies behind the end.</summary>
    public int Byte(int unit)
    {
        if (_marks is null)
            return Math.Clamp(unit, 0, Length);
        int index = Math.Min(unit / Step, _marks.Count - 1);
        // A mark may begin one unit late, behind a surrogate pair.
        if (_marks[index].Unit > unit)
            index--;
        (int at, int counted) = _marks[index];
        while (counted < unit && at < Length)
        {
            Rune.DecodeFromUtf8(_utf8.AsSpan(at), out Rune rune, out int bytes);
            at += bytes;
            counted += rune.Utf16SequenceLength;
        }

        return at;
    }
}
