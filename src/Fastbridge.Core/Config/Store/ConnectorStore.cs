using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Fastbridge.Core.Config.Editing;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Source;
using Fastbridge.Core.Live;

namespace Fastbridge.Core.Config.Store;

/// <summary>
/// The connectors file as a store. A change locks the file between processes, edits its text in place, validates the result, and replaces the file whole; what it
/// does not name stays byte for byte. Any thread; several stores on one file, in one process or many, are safe.
/// </summary>
/// <param name="path">The file, JSON or YAML by its name; one that does not exist is made by the first create.</param>
/// <param name="environment">Null: <see cref="LoadEnvironment.Current"/>. A command sets <see cref="LoadEnvironment.MissingSecretsAreWarnings"/>.</param>
/// <param name="time">For create_time and update_time. Null: the system's.</param>
public sealed class ConnectorStore(string path, LoadEnvironment? environment = null, TimeProvider? time = null) : IConnectorStore
{
    private readonly LoadEnvironment _environment = environment ?? LoadEnvironment.Current;
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    public string Where => path;

    /// <summary>Longest wait for another process's change, default 30 s: one takes milliseconds, so that a longer wait means a process that hangs.</summary>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Called after a delete was written, with state_dir, cluster and name, so that the connector's MQTT session is ended by whoever runs it. Default: none is
    /// told, and the session is left to its expiry. It answers null, or why the session is left to its expiry all the same, which becomes a warning.
    /// </summary>
    public Func<string, string, string, string?>? Deleted { get; init; }

    public Task<StoreList> ListAsync(CancellationToken cancellation) => Task.Run(List, cancellation);

    public Task<StoreOutcome> CreateAsync(ConnectorDraft draft, CancellationToken cancellation) => ChangeAsync(null, create: true, document =>
    {
        string cluster = draft.ClusterName ?? "default";
        if (document.IndicesOf(cluster, draft.Name).Count > 0)
            return Refused(StoreResult.Exists, $"there is a connector {Shown.Quote(draft.Name)} already; update it, or choose another name");
        DraftReader read = DraftReader.Read(draft, _environment);
        foreach ((string name, Node value) in read.Members)
            DraftReader.CheckMasks(value, null, name, read.Faults);
        if (read.Faults.Count > 0)
            return Refused(StoreResult.Invalid, [.. read.Faults]);
        List<Member> members = NewRecord(cluster, draft.Name, read, document);
        return new Change(RecordEdits.Add(document, members), document.Records.Count, false, [.. members.Select(m => m.Name)]);
    }, cancellation);

    public Task<StoreOutcome> UpdateAsync(ConnectorDraft draft, string? expectedRevision, CancellationToken cancellation) => ChangeAsync(expectedRevision, create: false, document =>
    {
        if (Find(document, draft.ClusterName, draft.Name, out int index) is { } refused)
            return refused;
        Node record = document.Records[index];
        DraftReader read = DraftReader.Read(draft, _environment);
        foreach ((string name, Node value) in read.Members)
        {
            Node? stored = StoreDocument.Find(record, name);
            if (name == "config" && stored is { Kind: NodeKind.Text })
                stored = Listing.Parsed(stored, _environment);
            if (name == "config")
                DraftReader.CheckMasks(NodePatch.Unwrapped(value), stored is null ? null : NodePatch.Unwrapped(stored), name, read.Faults);
            else
                DraftReader.CheckMasks(value, stored, name, read.Faults);
        }

        return read.Faults.Count > 0 ? Refused(StoreResult.Invalid, [.. read.Faults]) : Changed(document, index, read.Members);
    }, cancellation);

    public Task<StoreOutcome> DeleteAsync(string? clusterName, string name, string? expectedRevision, CancellationToken cancellation) => ChangeAsync(expectedRevision, create: false, document =>
    {
        if (Find(document, clusterName, name, out int index) is { } refused)
            return refused;
        string cluster = StoreDocument.ClusterOf(document.Records[index]);
        return new Change(RecordEdits.Remove(document, index), index, true, []) { Written = () => Deleted?.Invoke(document.StateDir(), cluster, name) };
    }, cancellation);

    public Task<StoreOutcome> SetEnabledAsync(string? clusterName, string name, bool enabled, string? expectedRevision, CancellationToken cancellation) => ChangeAsync(expectedRevision, create: false, document =>
    {
        if (Find(document, clusterName, name, out int index) is { } refused)
            return refused;
        bool same = Listing.IsStopped(document.Records[index]) != enabled;
        return Changed(document, index, same ? [] : [new Member("status", DraftReader.Value(enabled ? "\"Idle\"" : "\"Stopped\""))]);
    }, cancellation);

    private static string Revision(byte[]? bytes) => bytes is null ? "none" : FileConnectorSource.RevisionOf(bytes);

    private static Change Refused(StoreResult result, params ImmutableArray<string> faults) => new(null, 0, false, []) { Refusal = new StoreOutcome(result, faults, "") };

    private static Change? Find(StoreDocument document, string? clusterName, string name, out int index)
    {
        List<int> found = document.IndicesOf(clusterName, name);
        index = found.Count == 1 ? found[0] : -1;
        if (found.Count == 1)
            return null;
        if (found.Count > 1)
            return Refused(StoreResult.Invalid, $"{found.Count} connectors have the name {Shown.Quote(name)}; name the cluster, or give each a name of its own in the file");
        string? near = Nearest.Of(name, [.. document.Records.Select(r => StoreDocument.Text(r, "connector_name")).OfType<string>()]);
        string hint = near is null ? "list shows what there is" : near == name ? "it is in another cluster" : $"did you mean {Shown.Quote(near)}?";
        return Refused(StoreResult.NotFound, $"there is no connector {Shown.Quote(name)}{(clusterName is null ? "" : $" in cluster {Shown.Quote(clusterName)}")}; {hint}");
    }

    private StoreList List()
    {
        byte[]? bytes = new StoreFile(path).Read();
        return bytes is null
            ? new StoreList(Revision(null), [])
            : new StoreList(Revision(bytes), [.. Parse(bytes).Records.Where(r => r.Kind == NodeKind.Object).Select(r => Listing.Of(r, _environment))]);
    }

    private async Task<StoreOutcome> ChangeAsync(string? expectedRevision, bool create, Func<StoreDocument, Change> change, CancellationToken cancellation)
    {
        var file = new StoreFile(path);
        if (!create && file.Read() is null)
            return change(Parse(Template())).Refusal ?? throw new StoreException($"{path}: there is no such file; check the path");
        using FileStream locked = await file.LockAsync(LockWait, cancellation).ConfigureAwait(false);
        byte[]? bytes = file.Read();
        string revision = Revision(bytes);
        if (expectedRevision is not null && expectedRevision != revision)
            return new StoreOutcome(StoreResult.Conflict, ["the file was changed since it was read; read it again, and then change it"], revision);
        StoreDocument before = Parse(bytes ?? Template());
        Change made = change(before);
        if (made.Refusal is { } refusal)
            return refusal with { Revision = revision };
        if (made.After is not { } after)
            return new StoreOutcome(StoreResult.Invalid, ["the file is of a form that is not edited here; edit it by hand"], revision);
        if (ReferenceEquals(after, before))
            return new StoreOutcome(StoreResult.Done, [], revision);
        ImmutableArray<string> faults = new ChangeCheck(before, after, made.Record, made.Removed, made.Names).Faults();
        if (!faults.IsEmpty)
            return new StoreOutcome(StoreResult.Invalid, faults, revision);
        cancellation.ThrowIfCancellationRequested();
        file.Write(after.Bytes);
        string? warning = made.Written?.Invoke();
        ImmutableArray<string> warnings = NewWarnings(before, after);
        if (after.Validated.Config is null && !after.Validated.Faults.IsEmpty)
            warnings = warnings.Add($"written, but not in force: the file has faults elsewhere, and no bridge takes it over before they are mended: {after.Validated.Faults[0]}");
        return new StoreOutcome(StoreResult.Done, [], Revision(after.Bytes)) { Warnings = warning is null ? warnings : warnings.Add(warning) };
    }

    private Change Changed(StoreDocument document, int index, List<Member> members)
    {
        StoreDocument? after = RecordEdits.Change(document, index, members, _environment);
        if (after is null || ReferenceEquals(after, document))
            return new Change(after, index, false, []);
        Node? old = StoreDocument.Find(after.Records[index], "update_time");
        after = RecordEdits.Change(after, index, [new Member("update_time", Now(old))], _environment);
        return new Change(after, index, false, [.. members.Select(m => m.Name), "update_time"]);
    }

    /// <summary>Seconds since 1970; in a record that has its time as a text, the same as a text.</summary>
    private Node Now(Node? old)
    {
        DateTimeOffset now = _time.GetUtcNow();
        return DraftReader.Value(old is { Kind: NodeKind.Text }
            ? Literals.Quoted(now.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture))
            : now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
    }

    private List<Member> NewRecord(string cluster, string name, DraftReader read, StoreDocument document)
    {
        // As the last record has it; else the text of the reference page.
        bool asObject = document.Records is [.., { } last] && StoreDocument.Find(last, "config") is { Kind: NodeKind.Object };
        Node? Find(string key) => read.Members.Find(m => m.Name == key)?.Value;
        List<Member> record =
        [
            new Member("cluster_name", DraftReader.Value(Literals.Quoted(cluster))),
            new Member("connector_name", DraftReader.Value(Literals.Quoted(name))),
            new Member("connector_type", Find("connector_type") ?? DraftReader.Value("\"Kafka\"")),
        ];
        if (Find("config") is { } config)
            record.Add(new Member("config", asObject ? config : DraftReader.Value(Literals.Quoted(read.ConfigText!))));
        if (Find("topic_id") is { } topics)
            record.Add(new Member("topic_id", topics));
        if (Find("failure_strategy") is { } strategy)
            record.Add(new Member("failure_strategy", strategy));
        record.Add(new Member("status", DraftReader.Value("\"Idle\"")));
        record.Add(new Member("broker_id", DraftReader.Value("null")));
        record.Add(new Member("create_time", Now(null)));
        record.Add(new Member("update_time", Now(null)));
        return record;
    }

    private ImmutableArray<string> NewWarnings(StoreDocument before, StoreDocument after)
    {
        HashSet<string> known = [.. before.Validated.Warnings.Select(WithoutPlace)];
        return [.. after.Validated.Warnings.Where(w => !known.Contains(WithoutPlace(w)))];
    }

    /// <summary>Without <c>FILE:LINE:COLUMN</c>, which move with every edit.</summary>
    private string WithoutPlace(string warning) => warning[warning.IndexOf(": ", Math.Min(path.Length, warning.Length), StringComparison.Ordinal)..];

    private StoreDocument Parse(byte[] bytes) => StoreDocument.Parse(bytes, path, _environment, out string? fault) ?? throw new StoreException(fault!);

    /// <summary>A file that is not there yet, as it is made.</summary>
    private byte[] Template() => Encoding.UTF8.GetBytes(ConnectorsFile.IsYaml(path) ? "connectors: []\n" : "{\n  \"connectors\": []\n}\n");

    /// <summary>What a change makes of a document: the new one, or why not.</summary>
    private sealed record Change(StoreDocument? After, int Record, bool Removed, ImmutableArray<string> Names)
    {
        public StoreOutcome? Refusal { get; init; }

        public Func<string?>? Written { get; init; }
    }
}
