using System.Globalization;
using System.Text;

namespace Fastbridge.Cli;

/// <summary>Text from networks and files as a terminal may see it: nothing in it moves the cursor, changes colours or turns the direction of writing.</summary>
internal static class Printable
{
    /// <summary>Escapes control and format characters and line ends as <c>\uXXXX</c>, tab and line feed as <c>\t</c> and <c>\n</c>. The rest stands as it is, backslashes too.</summary>
    public static string Text(string text)
    {
        var shown = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            Append(shown, rune);
        return shown.ToString();
    }

    private static void Append(StringBuilder shown, Rune rune)
    {
        // The joiners hold emoji and many scripts together and do no harm.
        bool joiner = rune.Value is 0x200C or 0x200D;
        if (rune.Value == '\t')
            shown.Append("\\t");
        else if (rune.Value == '\n')
            shown.Append("\\n");
        else if (!joiner && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator && !joiner)
            shown.Append("\\u").Append(rune.Value.ToString("X4", CultureInfo.InvariantCulture));
        else
            shown.Append(rune.ToString());
    }
}
