using System.Text;
using Fastbridge.Core.Config;
using Fastbridge.Core.Config.Store;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Config.Store;

/// <summary>A connectors file in a folder of the test's own, at a fixed time, with the store on it.</summary>
internal sealed class StoreFixture : IDisposable
{
    /// <summary>The time of every change: 2027-01-15 08:00:00 UTC.</summary>
    public const long Now = 1_800_000_000;

    public const string Kafka = """{"bootstrap_servers": "k:9092", "topic": "new"}""";

    private readonly TempFolder _folder = new("store");

    public StoreFixture(string name = "c.json", string? text = null)
    {
        Path = _folder.File(name);
        if (text is not null)
            File.WriteAllBytes(Path, Encoding.UTF8.GetBytes(text));
        Store = new ConnectorStore(Path, Environment, new FixedTime());
    }

    public static LoadEnvironment Environment { get; } = Files.Machine with { MissingSecretsAreWarnings = true };

    public string Path { get; }

    public string Folder => _folder.Path;

    public ConnectorStore Store { get; }

    public string Text => Encoding.UTF8.GetString(File.ReadAllBytes(Path));

    public static ConnectorDraft Draft(string name, string? config = Kafka, params string[] topics) =>
        new() { Name = name, Type = "kafka", Config = config, TopicIds = topics.Length == 0 ? ["n/#"] : [.. topics] };

    public Task<StoreOutcome> CreateAsync(string name, string config = Kafka) => Store.CreateAsync(Draft(name, config), TestContext.Current.CancellationToken);

    public Task<StoreOutcome> UpdateAsync(ConnectorDraft draft, string? revision = null) => Store.UpdateAsync(draft, revision, TestContext.Current.CancellationToken);

    public Task<StoreOutcome> DeleteAsync(string name, string? revision = null) => Store.DeleteAsync(null, name, revision, TestContext.Current.CancellationToken);

    public Task<StoreOutcome> EnableAsync(string name, bool enabled) => Store.SetEnabledAsync(null, name, enabled, null, TestContext.Current.CancellationToken);

    public Task<StoreList> ListAsync() => Store.ListAsync(TestContext.Current.CancellationToken);

    /// <summary>Asserts that a change fails by I/O with this line (the path as FILE), and that the folder is as it was.</summary>
    public async Task ThrowsAsync(string line)
    {
        string[] before = Entries();
        StoreException e = await Assert.ThrowsAsync<StoreException>(() => CreateAsync("n"));
        Assert.Equal(line, e.Message.Replace(Path, "FILE", StringComparison.Ordinal));
        Assert.Equal(before, Entries());
    }

    public void Dispose() => _folder.Dispose();

    private string[] Entries() =>
        [.. Directory.GetFileSystemEntries(Folder).Where(p => !p.EndsWith(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(p => $"{p} {(Directory.Exists(p) ? "" : Convert.ToHexString(File.ReadAllBytes(p)))}")];

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(Now);
    }
}
