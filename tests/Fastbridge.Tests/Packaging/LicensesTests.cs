using System.Text.Json;
using Fastbridge.Cli;
using Fastbridge.Tests.Build;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Packaging;

/// <summary><c>fastbridge licenses</c> of the published executable: what the SBOM of the same build says, and the texts.</summary>
public sealed class LicensesTests : IDisposable
{
    private static readonly string Assets = Path.Combine(TestTools.Root, "artifacts", "publish", "obj", "Fastbridge", "project.assets.json");

    private readonly TempFolder _folder = new("licenses");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task the_list_is_what_the_sbom_says_is_linked()
    {
        (string Name, string Version)[] listed = [.. (await JsonAsync()).GetProperty("libraries").EnumerateArray().Select(l => (l.GetProperty("name").GetString()!, l.GetProperty("version").GetString()!)).Order()];
        Assert.All((string[])["librdkafka", "openssl", "zstd", "Confluent.Kafka", "System.CommandLine", "YamlDotNet", "uplot"], n => Assert.Contains(listed, l => l.Name == n));
        Assert.Contains(listed, l => l.Name.StartsWith("Microsoft.NETCore.App.Runtime.", StringComparison.Ordinal));
        Assert.Contains(listed, l => l.Name.StartsWith("Microsoft.AspNetCore.App.Runtime.", StringComparison.Ordinal));

        Assert.SkipUnless(File.Exists(Assets), "what was published is not known: run scripts/publish.sh");
        await PublishedExecutable.OutputOfAsync("node", Path.Combine(TestTools.Root, "scripts", "sbom.mjs"), "--output", _folder.Path);
        using JsonDocument bom = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.File("sbom.cdx.json"), TestContext.Current.CancellationToken));
        IEnumerable<(string, string)> linked = bom.RootElement.GetProperty("components").EnumerateArray().Where(c => c.GetProperty("scope").GetString() == "required")
            .Select(c => (c.GetProperty("name").GetString()!, c.GetProperty("version").GetString()!)).Order();
        Assert.Equal(linked, listed);
        // And the texts are those of the file in the packages, which has a list above them.
        string text = await File.ReadAllTextAsync(_folder.File("THIRD-PARTY-LICENSES.txt"), TestContext.Current.CancellationToken);
        Assert.EndsWith((await OutputAsync("--text")).Trim(), text.Trim(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LIBRDKAFKA", "Magnus Edenhill")]
    [InlineData("lz4", "Yann Collet")]
    [InlineData("openssl", "The OpenSSL Project Authors")]
    [InlineData("zstd", "Copyright (c) 2016-2022, Meta Platforms, Inc. and affiliates.")]
    [InlineData("zlib-ng", "License notice for zlib-ng")]
    [InlineData("yamldotnet", "Antoine Aubry")]
    [InlineData("System.CommandLine", "MIT")]
    [InlineData("uplot", "Leon Sorokin")]
    public async Task a_name_shows_its_texts(string name, string words) => Assert.Contains(words, await OutputAsync(name), StringComparison.Ordinal);

    [Fact]
    public async Task every_library_has_a_text_of_its_own()
    {
        JsonElement all = await JsonAsync("--text");
        JsonElement[] texts = [.. all.GetProperty("texts").EnumerateArray()];
        Assert.All(all.GetProperty("libraries").EnumerateArray(), l => Assert.Contains(texts, t =>
            t.GetProperty("libraries").EnumerateArray().Any(n => n.GetString() == l.GetProperty("name").GetString()) && t.GetProperty("text").GetString()!.Length > 300));
    }

    [Fact]
    public async Task a_name_that_is_not_inside_is_told_with_those_that_are()
    {
        (int code, string output, string error) = await BridgeProcess.RunAsync("licenses", "log4j");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("librdkafka", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Trim());
    }

    [Fact]
    public async Task a_build_that_links_nothing_says_so()
    {
        // This very test's: it is not published.
        using StringWriter output = new(), error = new();
        Assert.Equal(1, await CommandTree.RunAsync(["licenses"], output, error));
        Assert.Equal("", output.ToString());
        Assert.Contains("scripts/publish.sh", error.ToString(), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> JsonAsync(params string[] arguments) => JsonDocument.Parse(await OutputAsync([.. arguments, "--output", "json"])).RootElement;

    private static async Task<string> OutputAsync(params string[] arguments)
    {
        (int code, string output, string error) = await BridgeProcess.RunAsync(["licenses", .. arguments]);
        Assert.Equal((0, ""), (code, error));
        return output;
    }
}
