using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fastbridge.Cli.Mqtt;

namespace Fastbridge.Cli;

/// <summary><c>fastbridge licenses</c>: the libraries inside the executable, with their licences.</summary>
internal static class LicensesCommand
{
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
        if (Licenses.Read() is not { } inside)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"{CommandTree.Name} licenses: this build links no library, and has no list; scripts/publish.sh makes the executable that does").ConfigureAwait(false);
            return CommandTree.Failed;
        }

        List<LicensedLibrary> libraries = inside.Libraries;
        if (name is not null && (libraries = inside.Find(name)).Count == 0)
            throw new SettingsException($"no library \"{Printable.Text(name)}\" is inside; there are {string.Join(", ", inside.Libraries.ConvertAll(l => l.Name))}");
        List<LicenseText>? texts = name is null && !withText ? null : inside.TextsOf(libraries);
        string shown = json ? Json(libraries, texts) : texts is null ? Table(libraries) : Plain(texts);
        await parsed.InvocationConfiguration.Output.WriteAsync(shown).ConfigureAwait(false);
        return CommandTree.Done;
    }

    private static string Table(List<LicensedLibrary> libraries) => TextTable.Render(
        ["library", "version", "licence", "with, under licences of their own"],
        libraries.ConvertAll(l => new[] { l.Name, l.Version, l.License, string.Join(", ", l.Parts) }),
        0,
        3);

    private static string Plain(List<LicenseText> texts)
    {
        var shown = new StringBuilder();
        string rule = new('=', 100);
        foreach (LicenseText text in texts)
        {
            shown.Append(shown.Length == 0 ? "" : "\n").Append(rule).Append('\n');
            foreach (string heading in text.Headings)
                shown.Append(heading).Append('\n');
            shown.Append(rule).Append("\n\n").Append(text.Text).Append('\n');
        }

        return shown.ToString();
    }

    private static string Json(List<LicensedLibrary> libraries, List<LicenseText>? texts)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Format))
        {
            json.WriteStartObject();
            json.WriteStartArray("libraries");
            foreach (LicensedLibrary library in libraries)
            {
                json.WriteStartObject();
                json.WriteString("name", library.Name);
                json.WriteString("version", library.Version);
                json.WriteString("license", library.License);
                json.WriteString("purl", library.Purl);
                WriteTexts(json, "parts", library.Parts);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (texts is not null)
            {
                json.WriteStartArray("texts");
                foreach (LicenseText text in texts)
                {
                    json.WriteStartObject();
                    WriteTexts(json, "headings", text.Headings);
                    WriteTexts(json, "libraries", text.Libraries);
                    json.WriteString("text", text.Text);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, string[] texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
