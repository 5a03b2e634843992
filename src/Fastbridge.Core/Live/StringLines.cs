using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Fastbridge.Core.Live;

/// <summary>Small files of state_dir with one JSON object a line, whose members are strings. A row holds the members' values in the order of their names.</summary>
internal static class StringLines
{
    /// <summary>Rows in the file's order, each once; none where there is no file. Lines that are no such object, as one that somebody cut, are passed over.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static List<string[]> Read(string path, ReadOnlySpan<string> names)
    {
        List<string[]> rows = [];
        if (!File.Exists(path))
            return rows;
        foreach (string line in File.ReadAllLines(path))
        {
            if (Parse(line, names) is { } row && !rows.Exists(r => r.AsSpan().SequenceEqual(row)))
                rows.Add(row);
        }

        return rows;
    }

    /// <summary>Replaces the file as <see cref="WholeFile"/> does.</summary>
    /// <exception cref="IOException">It cannot be written; the old one stands.</exception>
    public static void Write(string path, ReadOnlySpan<string> names, ImmutableArray<string[]> rows)
    {
        var text = new ArrayBufferWriter<byte>();
        foreach (string[] row in rows)
        {
            using (var json = new Utf8JsonWriter(text))
            {
                json.WriteStartObject();
                for (int i = 0; i < names.Length; i++)
                    json.WriteString(names[i], row[i]);
                json.WriteEndObject();
            }

            text.Write("\n"u8);
        }

        WholeFile.Write(path, text.WrittenSpan);
    }

    private static string[]? Parse(string line, ReadOnlySpan<string> names)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            string[] row = new string[names.Length];
            for (int i = 0; i < row.Length; i++)
            {
                if (json.RootElement.ValueKind is not JsonValueKind.Object
                    || !json.RootElement.TryGetProperty(names[i], out JsonElement value) || value.ValueKind is not JsonValueKind.String)
                    return null;
                row[i] = value.GetString()!;
            }

            return row;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
