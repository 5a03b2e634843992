using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fastbridge.Tests.Build;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Packaging;

/// <summary>The list of bundled libraries names all that is linked, in the versions that are.</summary>
public sealed class SbomTests : IDisposable
{
    private static readonly string Assets = Path.Combine(TestTools.Root, "artifacts", "publish", "obj", "Fastbridge", "project.assets.json");

    private readonly TempFolder _folder = new("sbom");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task every_package_of_the_restore_graph_is_in_it_with_a_licence()
    {
        JsonElement[] components = await ComponentsAsync();
        using JsonDocument assets = JsonDocument.Parse(await File.ReadAllTextAsync(Assets, TestContext.Current.CancellationToken));
        string[] packages = [.. assets.RootElement.GetProperty("libraries").EnumerateObject().Where(l => l.Value.GetProperty("type").GetString() == "package").Select(l => l.Name.Replace('/', '@'))];

        Assert.Contains(packages, p => p.StartsWith("System.CommandLine@", StringComparison.Ordinal));
        Assert.All(packages, p => Assert.Contains(components, c => c.GetProperty("purl").GetString() == $"pkg:nuget/{p}"));
        Assert.Contains(components, c => c.GetProperty("name").GetString() == "Confluent.Kafka");
        Assert.All(components, c => Assert.NotEqual(0, c.GetProperty("licenses").GetArrayLength()));
    }

    [Fact]
    public async Task every_static_library_is_in_it()
    {
        string[] names = [.. (await ComponentsAsync()).Select(c => c.GetProperty("name").GetString()!)];
        string linking = await File.ReadAllTextAsync(Path.Combine(TestTools.Root, "src", "Fastbridge", "Fastbridge.Native.targets"), TestContext.Current.CancellationToken);
        // librdkafka.a by its path, -l:libzstd.a for the linker.
        string[] archives = [.. Regex.Matches(linking, @"lib(\w+)\.a\b").Select(m => m.Groups[1].Value).Distinct()];

        Assert.Contains("zstd", archives);
        Assert.All(archives, a => Assert.Contains(names, n => n == a || n == $"lib{a}"));
        Assert.Contains("StaticOpenSslLinking", linking, StringComparison.Ordinal);
        Assert.Contains("openssl", names);
    }

    [Fact]
    public async Task the_openssl_it_names_is_the_one_in_the_executable()
    {
        JsonElement openssl = (await ComponentsAsync()).Single(c => c.GetProperty("name").GetString() == "openssl");
        byte[] executable = await File.ReadAllBytesAsync(TestTools.RequireExecutable(), TestContext.Current.CancellationToken);

        Assert.True(executable.AsSpan().IndexOf(Encoding.ASCII.GetBytes($"OpenSSL {openssl.GetProperty("version").GetString()} ")) >= 0);
    }

    [Fact]
    public async Task the_licences_texts_are_all_there()
    {
        await ComponentsAsync();
        string text = await File.ReadAllTextAsync(_folder.File("THIRD-PARTY-LICENSES.txt"), TestContext.Current.CancellationToken);

        foreach (string phrase in (string[])["Copyright (c) Antoine Aubry and contributors", "Copyright (c) 2012-2022, Magnus Edenhill", "The OpenSSL Project Authors", "Leon Sorokin",
            "License notice for zlib-ng", "lz4, in librdkafka", "Confluent Inc."])
        {
            Assert.Contains(phrase, text, StringComparison.Ordinal);
        }
    }

    private async Task<JsonElement[]> ComponentsAsync()
    {
        TestTools.RequireExecutable();
        Assert.SkipUnless(File.Exists(Assets), "what was published is not known: run scripts/publish.sh");
        await PublishedExecutable.OutputOfAsync("node", Path.Combine(TestTools.Root, "scripts", "sbom.mjs"), "--output", _folder.Path);
        using JsonDocument bom = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.File("sbom.cdx.json"), TestContext.Current.CancellationToken));
        Assert.Equal("1.5", bom.RootElement.GetProperty("specVersion").GetString());
        return [.. bom.RootElement.GetProperty("components").EnumerateArray().Select(c => c.Clone())];
    }
}
