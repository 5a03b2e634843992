using System.Globalization;
using System.Text;

namespace Fastbridge.Cli.Mqtt;

/// <summary>A bordered table of texts, one line a row.</summary>
internal static class TextTable
{
    /// <summary>A column is not cut below this: less says nothing.</summary>
    private const int LeastWidth = 8;

    /// <param name="width">Columns of the terminal; 0: nothing is cut. What still does not fit is wrapped by the terminal.</param>
    /// <param name="firstToCut">The column that is cut before the others.</param>
    public static string Render(string[] head, List<string[]> rows, int width, int firstToCut)
    {
        List<string[]> lines = [head];
        foreach (string[] row in rows)
            lines.Add(Array.ConvertAll(row, OneLine));
        int[] widths = new int[head.Length];
        foreach (string[] line in lines)
        {
            for (int i = 0; i < line.Length; i++)
                widths[i] = Math.Max(widths[i], Width(line[i]));
        }

        if (width > 0)
            Fit(widths, width - (3 * head.Length) - 1, firstToCut);
        var text = new StringBuilder();
        Border(text, widths);
        for (int i = 0; i < lines.Count; i++)
        {
            for (int column = 0; column < widths.Length; column++)
            {
                string shown = Cut(lines[i][column], widths[column]);
                text.Append("| ").Append(shown).Append(' ', widths[column] - Width(shown) + 1);
            }

            text.Append("|\n");
            if (i == 0)
                Border(text, widths);
        }

        if (rows.Count > 0)
            Border(text, widths);
        return text.ToString();
    }

    /// <summary>Control characters as their codes, so that a value can neither break a line nor speak to the terminal.</summary>
    public static string OneLine(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (char c in value)
        {
            if (char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                text.Append("\\u").Append(((int)c).ToString("X4", CultureInfo.InvariantCulture));
            else
                text.Append(c);
        }

        return text.ToString();
    }

    /// <summary>Columns on a terminal: East Asian wide characters and emoji take two, combining ones none.</summary>
    public static int Width(string text)
    {
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes())
            width += Width(rune);
        return width;
    }

    private static int Width(Rune rune)
    {
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
            return 0;
        return rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE30 and <= 0xFE6F)
            or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6) or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD) ? 2 : 1;
    }

    private static void Fit(int[] widths, int room, int firstToCut)
    {
        int excess = widths.Sum() - room;
        excess -= Shrink(widths, firstToCut, excess);
        while (excess > 0)
        {
            int widest = Array.IndexOf(widths, widths.Max());
            if (Shrink(widths, widest, 1) == 0)
                return;
            excess--;
        }
    }

    private static int Shrink(int[] widths, int column, int by)
    {
        int cut = Math.Clamp(by, 0, Math.Max(0, widths[column] - LeastWidth));
        widths[column] -= cut;
        return cut;
    }

    private static string Cut(string text, int width)
    {
        if (Width(text) <= width)
            return text;
        var cut = new StringBuilder();
        int used = 1;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if ((used += Width(rune)) > width)
                break;
            cut.Append(rune.ToString());
        }

        return cut.Append('…').ToString();
    }

    private static void Border(StringBuilder text, int[] widths)
    {
        foreach (int width in widths)
            text.Append('+').Append('-', width + 2);
        text.Append("+\n");
    }
}
