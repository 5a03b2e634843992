using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Fastbridge.Core.Checking;

namespace Fastbridge.Cli.Check;

/// <summary>Findings as a table for people or as JSON for programs.</summary>
internal static class CheckReport
{
    private const string Gap = "  ";

    /// <summary>The first columns are cut at this width: a name may have 128 characters. Nothing is cut in JSON.</summary>
    private const int WidestColumn = 40;

    private static readonly string[] Titles = ["RESULT", "CONNECTOR", "END", "CHECK", "FINDING"];

    /// <summary>Columns, and a line of counts at the end. The last column is wrapped to the width.</summary>
    public static string Table(List<Finding> findings, int width)
    {
        var rows = new List<string[]> { Titles };
        int[] widths = new int[Titles.Length - 1];
        foreach (Finding finding in findings)
            rows.Add([Word(finding.Level), Connectors(finding), Cut(finding.End), Cut(finding.What), Printable.Text(finding.Remedy is null ? finding.Text : $"{finding.Text}; {finding.Remedy}")]);
        foreach (string[] row in rows)
        {
            for (int i = 0; i < widths.Length; i++)
                widths[i] = Math.Max(widths[i], row[i].Length);
        }

        int indent = 0;
        foreach (int column in widths)
            indent += column + Gap.Length;
        var text = new StringBuilder();
        foreach (string[] row in rows)
        {
            for (int i = 0; i < widths.Length; i++)
                text.Append(row[i].PadRight(widths[i])).Append(Gap);
            // Where the columns leave no room for words, lines are as long as they are.
            Wrap(text, row[^1], indent, width - indent < 30 ? int.MaxValue : width - indent);
        }

        return text.Append(Counts(findings)).ToString();
    }

    /// <summary>One object: the file, whether all is well, and the findings.</summary>
    public static string Json(string file, List<Finding> findings)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("file", file);
            writer.WriteBoolean("ok", !findings.Exists(f => f.Level == FindingLevel.Fail));
            writer.WriteStartArray("findings");
            foreach (Finding finding in findings)
            {
                writer.WriteStartObject();
                writer.WriteString("result", Word(finding.Level));
                writer.WriteStartArray("connectors");
                foreach (string connector in finding.Connectors)
                    writer.WriteStringValue(connector);
                writer.WriteEndArray();
                writer.WriteString("end", finding.End);
                writer.WriteString("check", finding.What);
                writer.WriteString("text", finding.Text);
                writer.WriteString("remedy", finding.Remedy);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Word(FindingLevel level) => level switch
    {
        FindingLevel.Ok => "ok",
        FindingLevel.Warn => "warn",
        _ => "fail",
    };

    private static string Connectors(Finding finding) => finding.Connectors.Length switch
    {
        0 => "-",
        1 => Cut(finding.Connectors[0]),
        int n => string.Create(CultureInfo.InvariantCulture, $"{Cut(finding.Connectors[0])} +{n - 1}"),
    };

    private static string Cut(string text)
    {
        string shown = Printable.Text(text);
        if (shown.Length <= WidestColumn)
            return shown;
        // Not between the halves of a surrogate pair.
        int end = char.IsHighSurrogate(shown[WidestColumn - 2]) ? WidestColumn - 2 : WidestColumn - 1;
        return shown[..end] + "…";
    }

    private static void Wrap(StringBuilder text, string words, int indent, int width)
    {
        while (words.Length > width)
        {
            int at = words.LastIndexOf(' ', width);
            if (at <= 0)
                at = words.IndexOf(' ', StringComparison.Ordinal);
            if (at <= 0)
                break;
            text.Append(words, 0, at).Append('\n').Append(' ', indent);
            words = words[(at + 1)..];
        }

        text.Append(words).Append('\n');
    }

    private static string Counts(List<Finding> findings)
    {
        int fail = 0, warn = 0;
        foreach (Finding finding in findings)
        {
            fail += finding.Level == FindingLevel.Fail ? 1 : 0;
            warn += finding.Level == FindingLevel.Warn ? 1 : 0;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{findings.Count - fail - warn} ok, {warn} warnings, {fail} failed");
    }
}
