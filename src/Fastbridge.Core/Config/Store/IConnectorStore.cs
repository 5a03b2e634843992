using System.Collections.Immutable;

namespace Fastbridge.Core.Config.Store;

/// <summary>
/// Where connector records are kept, as commands and the admin API see it: the connectors file, or a running bridge that keeps one. Every change is
/// whole or not at all. Any thread; also from several processes at once.
/// </summary>
public interface IConnectorStore
{
    /// <summary>The file's path or the bridge's address, for messages.</summary>
    string Where { get; }

    /// <summary>All records in the file's order. A file that does not exist yet is an empty list.</summary>
    /// <exception cref="StoreException">It cannot be read, or is not a connectors file; one line with the remedy.</exception>
    Task<StoreList> ListAsync(CancellationToken cancellation);

    /// <summary>Adds a record. A name that is there in the same cluster is refused, and so is what the file's validation refuses.</summary>
    /// <exception cref="StoreException">The file cannot be read or written, or the bridge does not answer.</exception>
    Task<StoreOutcome> CreateAsync(ConnectorDraft draft, CancellationToken cancellation);

    /// <summary>Changes what the draft names and keeps the rest.</summary>
    /// <param name="expectedRevision">Refused with <see cref="StoreResult.Conflict"/> where the list has another by now; null: whatever it has.</param>
    /// <exception cref="StoreException">As for <see cref="CreateAsync"/>.</exception>
    Task<StoreOutcome> UpdateAsync(ConnectorDraft draft, string? expectedRevision, CancellationToken cancellation);

    /// <summary>Takes a record out, and marks its MQTT session to be ended, now by a running bridge or at the next start.</summary>
    /// <param name="clusterName">Null: the only one of that name, whatever its cluster.</param>
    /// <param name="name">connector_name.</param>
    /// <param name="expectedRevision">As for <see cref="UpdateAsync"/>.</param>
    /// <param name="cancellation">Before the write begins.</param>
    /// <exception cref="StoreException">As for <see cref="CreateAsync"/>.</exception>
    Task<StoreOutcome> DeleteAsync(string? clusterName, string name, string? expectedRevision, CancellationToken cancellation);

    /// <summary>Sets the file's status: Idle (to be run) or Stopped. One that has it already is left as it is, and is a success.</summary>
    /// <exception cref="StoreException">As for <see cref="CreateAsync"/>.</exception>
    Task<StoreOutcome> SetEnabledAsync(string? clusterName, string name, bool enabled, string? expectedRevision, CancellationToken cancellation);
}

/// <summary>The records at one moment.</summary>
/// <param name="Revision">Changes with every change of the file's text; opaque.</param>
public sealed record StoreList(string Revision, ImmutableArray<StoredConnector> Connectors);

/// <summary>One record as it is listed. Secrets are masked as <c>******</c>; references such as <c>${env:NAME}</c> stand as written.</summary>
public sealed record StoredConnector
{
    /// <summary>Default <c>default</c>.</summary>
    public required string ClusterName { get; init; }

    public required string Name { get; init; }

    /// <summary>As the file has it; <c>Kafka</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The config object as compact JSON, whatever its form in the file, secrets masked.</summary>
    public required string Config { get; init; }

    /// <summary>The filters of topic_id, one or more.</summary>
    public required ImmutableArray<string> TopicIds { get; init; }

    /// <summary>What the file says, <c>Idle</c> or <c>Stopped</c>; from a running bridge the live state.</summary>
    public required string Status { get; init; }

    /// <summary>One line; from a running bridge where something is wrong, else empty.</summary>
    public string Why { get; init; } = "";

    public long? BrokerId { get; init; }

    /// <summary>UTC; null where the file has none.</summary>
    public DateTimeOffset? CreateTime { get; init; }

    /// <summary>UTC; null where the file has none.</summary>
    public DateTimeOffset? UpdateTime { get; init; }

    /// <summary>The failure_strategy object as compact JSON; null where the file has none.</summary>
    public string? FailureStrategy { get; init; }
}

/// <summary>A record to be made or changed. In an update null means: as it is.</summary>
public sealed record ConnectorDraft
{
    /// <summary>Null: <c>default</c> in a create, in an update the only one of that name.</summary>
    public string? ClusterName { get; init; }

    public required string Name { get; init; }

    /// <summary>Kafka, in any case of letters.</summary>
    public string? Type { get; init; }

    /// <summary>JSON text of the config object, also in RobustMQ's newer shape {"Kafka": {…}}. A value <c>******</c> keeps the secret that is stored.</summary>
    public string? Config { get; init; }

    public ImmutableArray<string>? TopicIds { get; init; }

    /// <summary>JSON text of a failure_strategy object.</summary>
    public string? FailureStrategy { get; init; }
}

/// <summary>How a change ended.</summary>
public enum StoreResult
{
    Done,

    /// <summary>A create of a name that is there.</summary>
    Exists,

    /// <summary>No connector of that name (in that cluster).</summary>
    NotFound,

    /// <summary>The draft, or the file with it, does not pass validation.</summary>
    Invalid,

    /// <summary>The file has another revision than was expected.</summary>
    Conflict,
}

/// <summary>A change's end. Where it is not Done nothing was changed.</summary>
/// <param name="Faults">One line each, with the remedy; empty where done.</param>
/// <param name="Revision">The file's revision after it; empty where unknown.</param>
public sealed record StoreOutcome(StoreResult Result, ImmutableArray<string> Faults, string Revision)
{
    public bool IsDone => Result is StoreResult.Done;

    /// <summary>What the change brought that is allowed and weakens a promise, or could not be checked from here: one line each.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];
}

/// <summary>The store cannot be reached, read or written; one line: what, where, remedy.</summary>
public sealed class StoreException(string message, Exception? inner = null) : Exception(message, inner);
