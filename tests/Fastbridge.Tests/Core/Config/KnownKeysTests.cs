using Fastbridge.Core.Config.Schema;

namespace Fastbridge.Tests.Core.Config;

/// <summary>The table of keys is the truth: each is read, has an effect, and has the default that it says.</summary>
public sealed class KnownKeysTests
{
    public static TheoryData<KeySection, string> Keys => [.. KeyCases.All.Select(c => (c.Section, c.Name))];

    [Fact]
    public void Every_key_has_a_case() =>
        Assert.Equal(
            KnownKeys.All.Select(k => (k.Section, k.Name)).Order(),
            KeyCases.All.Select(c => (c.Section, c.Name)).Concat(KeyCases.Containers).Order());

    [Theory]
    [MemberData(nameof(Keys))]
    public void Accepts_the_key_and_gives_it_effect(KeySection section, string name)
    {
        KeyCases.Case key = Case(section, name);
        Assert.Equal(key.Shows, KeyCases.Show(key.Read(Files.Valid(KeyCases.File(section, name, key.Json)))));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Documents_the_default_that_counts(KeySection section, string name)
    {
        KnownKey key = KnownKeys.Find(section, name)!;
        Assert.Equal(key.Default, KeyCases.Show(Case(section, name).Read(Files.Valid(KeyCases.FileWithout(section)))));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Takes_null_as_absent(KeySection section, string name)
    {
        KnownKey key = KnownKeys.Find(section, name)!;
        string json = KeyCases.File(section, name, "null");
        if (key.IsRequired)
            Assert.Contains($"\"{name}\" is missing", Assert.Single(Files.Faults(json)), StringComparison.Ordinal);
        else
            Assert.Equal(key.Default, KeyCases.Show(Case(section, name).Read(Files.Valid(json))));
    }

    /// <summary>A wrong type, and for numbers both ends of the range: one fault each, at the key's path.</summary>
    [Theory]
    [MemberData(nameof(Keys))]
    public void Rejects_other_types_and_ranges(KeySection section, string name)
    {
        KnownKey key = KnownKeys.Find(section, name)!;
        List<string> wrong = ["[[]]", "{\"a\": {}}"];
        if (key.Type is KeyType.Number or KeyType.Seconds)
            wrong.AddRange(["-1", "1e300", "\"x\"", "true", "1.0001e-9"]);
        if (key.Type == KeyType.Number)
            wrong.AddRange([$"{key.Min - 1}", "1.5", $"{(decimal)key.Max + 1}"]);
        if (key.Type == KeyType.Seconds)
            wrong.AddRange([$"{(key.Min - 1) / 1000m}", $"{(key.Max + 1) / 1000m}"]);
        if (key.Type == KeyType.Choice)
            wrong.AddRange(["\"nonesuch\"", "99", "false"]);
        if (key.Type == KeyType.Flag)
            wrong.AddRange(["\"true\"", "1", "0"]);
        if (key.Type is KeyType.Text or KeyType.Template or KeyType.TextOrList)
            wrong.AddRange(["5", "false", "\"x\\u0000\"", .. key.Min > 0 ? ["\"\""] : Array.Empty<string>(), $"\"{new string('x', (int)key.Max + 1)}\""]);
        foreach (string json in wrong)
        {
            string[] faults = Files.Faults(KeyCases.File(section, name, json));
            Assert.True(faults.Length == 1, $"{name} {json[..Math.Min(json.Length, 40)]}: {string.Join(" | ", faults)}");
            Assert.Contains(name, faults[0].Split(": ")[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_key_is_documented_in_one_sentence()
    {
        foreach (KnownKey key in KnownKeys.All)
        {
            Assert.EndsWith(".", key.Meaning, StringComparison.Ordinal);
            Assert.InRange(key.Meaning.Length, 10, 120);
            Assert.NotEmpty(key.Expects);
            Assert.Equal(key.Type == KeyType.Choice, key.Choices.Length > 0);
        }
    }

    private static KeyCases.Case Case(KeySection section, string name) => KeyCases.All.Single(c => c.Section == section && c.Name == name);
}
