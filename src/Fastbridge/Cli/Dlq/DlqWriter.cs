using System.Globalization;
using System.Text;
using System.Text.Json;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Cli.Dlq;

/// <summary>Shows dead letters: a table that fits a terminal and is whole in a pipe, or JSON.</summary>
internal sealed class DlqWriter(TextWriter output, bool json)
{
    private static readonly string[] Columns = ["id", "connector", "time", "source topic", "kafka topic", "bytes", "retries", "error"];

    /// <summary>Texts come from messages: nothing in them may steer a terminal.</summary>
    public static string Plain(string text)
    {
        StringBuilder? plain = null;
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]))
                (plain ??= new StringBuilder(text))[i] = '?';
        }

        return plain?.ToString() ?? text;
    }

    public void WriteList(IReadOnlyList<DeadLetter> letters)
    {
        if (json)
            WriteJson(letters);
        else
            WriteTable(letters);
    }

    public void WriteOne(DeadLetter letter)
    {
        if (json)
        {
            output.WriteLine(Encoding.UTF8.GetString(letter.Json));
            return;
        }

        string[] cells = Cells(letter);
        for (int i = 0; i < Columns.Length; i++)
            output.WriteLine($"{Columns[i],-13} {cells[i]}");
        output.WriteLine($"{"key",-13} {(letter.Key is null ? "(none)" : Plain(Encoding.UTF8.GetString(letter.Key)))}");
        output.WriteLine($"{"record",-13} {(letter.Value is null ? "(too large, not kept)" : Plain(Encoding.UTF8.GetString(letter.Value)))}");
    }

    private static string[] Cells(DeadLetter letter) =>
    [
        letter.Id,
        Plain(letter.ConnectorName),
        Plain(letter.Time),
        Plain(letter.SourceTopic),
        Plain(letter.KafkaTopic),
        letter.Value is null ? "-" : letter.Value.Length.ToString(CultureInfo.InvariantCulture),
        letter.RetryTimes.ToString(CultureInfo.InvariantCulture),
        Plain(letter.ErrorMessage),
    ];

    private void WriteJson(IReadOnlyList<DeadLetter> letters)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("data");
            foreach (DeadLetter letter in letters)
            {
                writer.WriteStartObject();
                writer.WriteString("id", letter.Id);
                writer.WritePropertyName("letter");
                writer.WriteRawValue(letter.Json, skipInputValidation: true);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteNumber("total_count", letters.Count);
            writer.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(bytes.ToArray()));
    }

    private void WriteTable(IReadOnlyList<DeadLetter> letters)
    {
        List<string[]> rows = [Columns];
        foreach (DeadLetter letter in letters)
            rows.Add(Cells(letter));
        int[] widths = new int[Columns.Length];
        foreach (string[] row in rows)
        {
            for (int i = 0; i < row.Length; i++)
                widths[i] = Math.Max(widths[i], row[i].Length);
        }

        int most = Console.IsOutputRedirected ? int.MaxValue : Math.Max(Console.WindowWidth, 40);
        foreach (string[] row in rows)
        {
            var line = new StringBuilder();
            for (int i = 0; i < row.Length; i++)
                line.Append(i == row.Length - 1 ? row[i] : row[i].PadRight(widths[i] + 2));
            string text = line.ToString();
            output.WriteLine(text.Length <= most ? text : text[..(most - 1)] + "…");
        }
    }
}
