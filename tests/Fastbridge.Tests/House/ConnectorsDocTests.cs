using System.Globalization;
using System.Text;
using Fastbridge.Core.Config.Schema;

namespace Fastbridge.Tests.House;

/// <summary>docs/CONNECTORS.md is made from the table of keys that the reader uses. FASTBRIDGE_UPDATE_DOCS=1 writes it anew.</summary>
public class ConnectorsDocTests
{
    [Fact]
    public void docs_connectors_md_is_the_table_of_known_keys()
    {
        string path = Path.Combine(RepositoryRoot(), "docs", "CONNECTORS.md");
        string expected = Render();
        if (Environment.GetEnvironmentVariable("FASTBRIDGE_UPDATE_DOCS") == "1")
            File.WriteAllText(path, expected);
        Assert.True(File.Exists(path), "docs/CONNECTORS.md is missing; run this test with FASTBRIDGE_UPDATE_DOCS=1");
        Assert.True(expected == File.ReadAllText(path), "docs/CONNECTORS.md does not say what the code reads; run this test with FASTBRIDGE_UPDATE_DOCS=1");
    }

    private static string Render()
    {
        var text = new StringBuilder("# The connectors file, key by key\n\nMade from the code's own table. A key that is not here is an error that names the nearest known one.\n");
        foreach (KeySection section in Enum.GetValues<KeySection>())
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {char.ToUpperInvariant(KnownKeys.NameOf(section)[0])}{KnownKeys.NameOf(section)[1..]}\n\n| key | type | default | meaning |\n|---|---|---|---|\n");
            foreach (KnownKey key in KnownKeys.Of(section))
                text.Append(CultureInfo.InvariantCulture, $"| `{key.Name}`{Aliases(key)} | {TypeOf(key)} | {DefaultOf(key)} | {key.Meaning.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }

        return text.ToString();
    }

    private static string Aliases(KnownKey key) => key.Aliases.IsEmpty ? "" : $" (or {string.Join(", ", key.Aliases.Select(a => $"`{a}`"))})";

    private static string DefaultOf(KnownKey key) => key.Default is KnownKey.Required or KnownKey.None ? key.Default : $"`{key.Default}`";

    private static string TypeOf(KnownKey key) => key.Type switch
    {
        KeyType.Choice => string.Join(", ", key.Choices.Select(c => $"`{c}`")),
        KeyType.Number => string.Create(CultureInfo.InvariantCulture, $"number, {key.Min:N0} to {key.Max:N0}"),
        KeyType.Seconds => string.Create(CultureInfo.InvariantCulture, $"seconds, {key.Min / 1000m} to {key.Max / 1000m:N0}"),
        KeyType.TextOrList => "text or list of texts",
        KeyType.Flag => "true or false",
        KeyType.Section => "object",
        KeyType.Map => "object of your own names",
        KeyType.List => "list",
        KeyType.Template => "text with placeholders",
        KeyType.Time => "seconds since 1970, or `2024-01-31 10:00:00` (UTC)",
        _ => "text",
    };

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "fastbridge.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests run outside their repository.");
    }
}
