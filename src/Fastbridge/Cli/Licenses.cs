using System.IO.Compression;
using System.Text.Json;

namespace Fastbridge.Cli;

/// <summary>What is inside the executable: scripts/sbom.mjs reads it from the build that links it, and the build puts it in (Fastbridge.Licenses.targets).</summary>
internal sealed class Licenses
{
    private const string Resource = "licenses.json.gz";

    private readonly List<LicenseText> _texts;

    private Licenses(List<LicensedLibrary> libraries, List<LicenseText> texts) => (Libraries, _texts) = (libraries, texts);

    public List<LicensedLibrary> Libraries { get; }

    /// <summary>Null: this build was not published, so nothing is linked into it.</summary>
    public static Licenses? Read()
    {
        using Stream? packed = typeof(Licenses).Assembly.GetManifestResourceStream(Resource);
        if (packed is null)
            return null;
        using var stream = new GZipStream(packed, CompressionMode.Decompress);
        using JsonDocument document = JsonDocument.Parse(stream);
        string[] paragraphs = Texts(document.RootElement, "paragraphs");
        List<LicensedLibrary> libraries = [];
        foreach (JsonElement library in document.RootElement.GetProperty("libraries").EnumerateArray())
            libraries.Add(new LicensedLibrary(Text(library, "name"), Text(library, "version"), Text(library, "license"), Text(library, "purl"), Texts(library, "parts")));
        List<LicenseText> texts = [];
        foreach (JsonElement text in document.RootElement.GetProperty("texts").EnumerateArray())
        {
            List<string> parts = [];
            foreach (JsonElement number in text.GetProperty("paragraphs").EnumerateArray())
                parts.Add(paragraphs[number.GetInt32()]);
            texts.Add(new LicenseText(Texts(text, "headings"), Texts(text, "libraries"), string.Join("\n\n", parts)));
        }

        return new Licenses(libraries, texts);
    }

    /// <summary>Those of that name, or with a part of that name, such as lz4 in librdkafka. Case does not count.</summary>
    public List<LicensedLibrary> Find(string name) =>
        Libraries.FindAll(l => l.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || Array.Exists(l.Parts, p => p.Equals(name, StringComparison.OrdinalIgnoreCase)));

    public List<LicenseText> TextsOf(List<LicensedLibrary> libraries) => _texts.FindAll(t => libraries.Exists(l => Array.IndexOf(t.Libraries, l.Name) >= 0));

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private static string[] Texts(JsonElement of, string name)
    {
        JsonElement list = of.GetProperty(name);
        var texts = new string[list.GetArrayLength()];
        int i = 0;
        foreach (JsonElement text in list.EnumerateArray())
            texts[i++] = text.GetString()!;
        return texts;
    }
}

/// <param name="License">An SPDX expression.</param>
/// <param name="Parts">What it carries itself, under licences of their own.</param>
internal sealed record LicensedLibrary(string Name, string Version, string License, string Purl, string[] Parts);

/// <param name="Headings">What it is the licence of, in words.</param>
/// <param name="Libraries">The same, by the libraries' names.</param>
internal sealed record LicenseText(string[] Headings, string[] Libraries, string Text);
