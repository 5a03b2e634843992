using System.Collections.Immutable;
using System.Globalization;
using Fastbridge.Core.Config.Store;

namespace Fastbridge.Tests.Admin;

/// <summary>Records in memory, with the store's rules: names, revisions, one change at a time.</summary>
internal sealed class FakeStore : IConnectorStore
{
    private readonly Lock _lock = new();
    private ImmutableArray<StoredConnector> _connectors = [];
    private int _revision = 1;

    public static readonly DateTimeOffset Then = new(2024, 1, 1, 10, 0, 0, TimeSpan.Zero);

    public string Where => "memory";

    /// <summary>Thrown by every call; null: none.</summary>
    public Exception? Broken { get; set; }

    /// <summary>What a list waits for.</summary>
    public Func<Task> Listing { get; set; } = () => Task.CompletedTask;

    /// <summary>The draft of the last create or update.</summary>
    public ConnectorDraft? LastDraft { get; private set; }

    public ImmutableArray<StoredConnector> Connectors => _connectors;

    public string Revision => _revision.ToString(CultureInfo.InvariantCulture);

    public void Add(params string[] names) => _connectors = _connectors.AddRange(names.Select(n => Record(n)));

    public void Add(StoredConnector connector) => _connectors = _connectors.Add(connector);

    public static StoredConnector Record(string name, string cluster = "default") => new()
    {
        ClusterName = cluster,
        Name = name,
        Type = "Kafka",
        Config = """{"bootstrap_servers":"localhost:9092","topic":"t"}""",
        TopicIds = ["a/+/b"],
        Status = "Idle",
        CreateTime = Then,
        UpdateTime = Then.AddSeconds(1),
    };

    public async Task<StoreList> ListAsync(CancellationToken cancellation)
    {
        await Listing().WaitAsync(cancellation);
        return Broken is null ? new StoreList(Revision, _connectors) : throw Broken;
    }

    public Task<StoreOutcome> CreateAsync(ConnectorDraft draft, CancellationToken cancellation) => ChangeAsync(null, () =>
    {
        LastDraft = draft;
        string cluster = draft.ClusterName ?? "default";
        if (_connectors.Any(c => c.Name == draft.Name && c.ClusterName == cluster))
            return (StoreResult.Exists, [$"connector \"{draft.Name}\" is there already; use update"]);
        if (!string.Equals(draft.Type, "kafka", StringComparison.OrdinalIgnoreCase))
            return (StoreResult.Invalid, ["connector_type: must be Kafka", "and a second fault"]);
        _connectors = _connectors.Add(Record(draft.Name, cluster) with { Config = draft.Config!, TopicIds = draft.TopicIds!.Value, FailureStrategy = draft.FailureStrategy });
        return (StoreResult.Done, []);
    });

    public Task<StoreOutcome> UpdateAsync(ConnectorDraft draft, string? expectedRevision, CancellationToken cancellation) => ChangeAsync(expectedRevision, () =>
    {
        LastDraft = draft;
        return Replace(draft.ClusterName, draft.Name, c => c with { Config = draft.Config ?? c.Config, TopicIds = draft.TopicIds ?? c.TopicIds });
    });

    public Task<StoreOutcome> DeleteAsync(string? clusterName, string name, string? expectedRevision, CancellationToken cancellation) =>
        ChangeAsync(expectedRevision, () => Replace(clusterName, name, _ => null));

    public Task<StoreOutcome> SetEnabledAsync(string? clusterName, string name, bool enabled, string? expectedRevision, CancellationToken cancellation) =>
        ChangeAsync(expectedRevision, () => Replace(clusterName, name, c => c with { Status = enabled ? "Idle" : "Stopped" }));

    private (StoreResult, ImmutableArray<string>) Replace(string? cluster, string name, Func<StoredConnector, StoredConnector?> change)
    {
        if (_connectors.FirstOrDefault(c => c.Name == name && (cluster ?? c.ClusterName) == c.ClusterName) is not { } found)
            return (StoreResult.NotFound, [$"connector \"{name}\" is not there"]);
        _connectors = change(found) is { } changed ? _connectors.Replace(found, changed) : _connectors.Remove(found);
        return (StoreResult.Done, []);
    }

    private Task<StoreOutcome> ChangeAsync(string? expectedRevision, Func<(StoreResult Result, ImmutableArray<string> Faults)> change)
    {
        if (Broken is not null) throw Broken;
        lock (_lock)
        {
            if (expectedRevision is not null && expectedRevision != Revision)
                return Task.FromResult(new StoreOutcome(StoreResult.Conflict, ["the file has changed; list again"], ""));
            (StoreResult result, ImmutableArray<string> faults) = change();
            if (result == StoreResult.Done) _revision++;
            return Task.FromResult(new StoreOutcome(result, faults, Revision));
        }
    }
}
