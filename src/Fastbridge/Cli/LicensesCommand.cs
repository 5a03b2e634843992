using System.CommandLine;
using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fastbridge.Cli.Mqtt;

namespace Fastbridge.Cli;

/// <summary><c>fastbridge licenses</c>: the libraries inside the executable, with their licences. scripts/sbom.mjs puts the list in when the executable is published.</summary>
internal static class LicensesCommand
{
    private const string Resource = "licenses.json.gz";

    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    public static Command Create()
    {
        var name = new Argument<string?>("NAME") { Description = "One library, of which the texts are shown", Arity = ArgumentArity.ZeroOrOne };
        var text = new Option<bool>("--text") { Description = "The texts of all licences, instead of the list" };
        var output = new Option<string>("--output", "-o") { Description = "table or json; json has the list, and with NAME or --text the texts as well", HelpName = "FORM", DefaultValueFactory = _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("licenses", "The libraries inside the executable: name, version, licence, and the licences' texts.") { name, text, output };
        command.SetAction((parsed, _) => ShowAsync(parsed, parsed.GetValue(name), parsed.GetValue(text), parsed.GetValue(output) == "json"));
        return command;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, string? name, bool withText, bool json)
    {
        using JsonDocument? all = Read();
        if (all is null)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"{CommandTree.Name} licenses: this build links no library, and has no list; scripts/publish.sh makes the executable that does").ConfigureAwait(false);
            return CommandTree.Failed;
        }

        List<JsonElement> libraries = [.. all.RootElement.GetProperty("libraries").EnumerateArray()];
        if (name is not null && (libraries = libraries.FindAll(l => IsMeant(l, name))).Count == 0)
        {
            string known = string.Join(", ", all.RootElement.GetProperty("libraries").EnumerateArray().Select(l => l.GetProperty("name").GetString()));
            throw new SettingsException($"no library \"{Printable.Text(name)}\" is inside; there are {known}");
        }

        List<JsonElement> texts = name is null && !withText ? [] : [.. all.RootElement.GetProperty("texts").EnumerateArray()];
        texts.RemoveAll(t => !libraries.Exists(l => Has(t.GetProperty("libraries"), l.GetProperty("name").GetString()!)));
        string shown = json ? Json(libraries, texts, name is not null || withText) : texts.Count == 0 ? Table(libraries) : Texts(texts);
        await parsed.InvocationConfiguration.Output.WriteAsync(shown).ConfigureAwait(false);
        return CommandTree.Done;
    }

    private static JsonDocument? Read()
    {
        using Stream? packed = typeof(LicensesCommand).Assembly.GetManifestResourceStream(Resource);
        if (packed is null)
            return null;
        using var stream = new GZipStream(packed, CompressionMode.Decompress);
        return JsonDocument.Parse(stream);
    }

    /// <summary>By its name or that of a part of it, such as lz4 in librdkafka.</summary>
    private static bool IsMeant(JsonElement library, string name) =>
        library.GetProperty("name").GetString()!.Equals(name, StringComparison.OrdinalIgnoreCase) || Has(library.GetProperty("parts"), name);

    private static bool Has(JsonElement list, string name)
    {
        foreach (JsonElement one in list.EnumerateArray())
        {
            if (one.GetString()!.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static string Table(List<JsonElement> libraries)
    {
        List<string[]> rows = libraries.ConvertAll(l => new[]
        {
            l.GetProperty("name").GetString()!,
            l.GetProperty("version").GetString()!,
            l.GetProperty("license").GetString()!,
            string.Join(", ", l.GetProperty("parts").EnumerateArray().Select(p => p.GetString())),
        });
        return TextTable.Render(["library", "version", "licence", "with, under licences of their own"], rows, 0, 3);
    }

    private static string Texts(List<JsonElement> texts)
    {
        var shown = new StringBuilder();
        string rule = new('=', 100);
        foreach (JsonElement text in texts)
        {
            shown.Append(shown.Length == 0 ? "" : "\n").Append(rule).Append('\n');
            foreach (JsonElement heading in text.GetProperty("headings").EnumerateArray())
                shown.Append(heading.GetString()).Append('\n');
            shown.Append(rule).Append("\n\n").Append(text.GetProperty("text").GetString()).Append('\n');
        }

        return shown.ToString();
    }

    private static string Json(List<JsonElement> libraries, List<JsonElement> texts, bool withTexts)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Format))
        {
            json.WriteStartObject();
            json.WriteStartArray("libraries");
            foreach (JsonElement library in libraries)
                library.WriteTo(json);
            json.WriteEndArray();
            if (withTexts)
            {
                json.WriteStartArray("texts");
                foreach (JsonElement text in texts)
                    text.WriteTo(json);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }
}
