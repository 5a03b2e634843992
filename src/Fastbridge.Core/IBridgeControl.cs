using System.Collections.Immutable;

namespace Fastbridge.Core;

/// <summary>A running bridge as its admin API sees it. Any thread.</summary>
public interface IBridgeControl
{
    /// <summary>A snapshot.</summary>
    BridgeStatus Status { get; }

    /// <summary>
    /// Reads the connectors file now and applies what changed; completes when it is applied: new connectors are started (not yet connected), removed ones told
    /// to drain. A file with faults changes nothing and shows in the status.
    /// </summary>
    Task ReloadAsync(CancellationToken cancellation);

    /// <summary>
    /// The last records of a connector since somebody began to look at them; the first call begins it, and 30 s without a call end it. Nothing is kept of records while
    /// nobody looks.
    /// </summary>
    /// <param name="clusterName">Null: whichever.</param>
    /// <param name="limit">At most so many, the newest; 20 are kept.</param>
    /// <returns>Null: there is no such connector.</returns>
    Live.RecordSample? LookAtRecords(string? clusterName, string name, int limit);
}

/// <summary>Where in its life a bridge is.</summary>
public enum BridgePhase
{
    /// <summary>Its connectors are not started yet.</summary>
    Starting,

    /// <summary>Its connectors are started, each connects as soon as it can.</summary>
    Running,

    /// <summary>It drains, or has ended.</summary>
    Stopping,
}

/// <summary>A running bridge at one moment.</summary>
public sealed record BridgeStatus
{
    /// <summary>When the process began, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    public BridgePhase Phase { get; init; } = BridgePhase.Running;

    /// <summary>The connectors file, or another source by name.</summary>
    public required string Source { get; init; }

    /// <summary>Revision of the set that runs (<see cref="Config.Store.StoreList.Revision"/> of the file it came from).</summary>
    public required string Revision { get; init; }

    /// <summary>Faults of the file as it stands now, while an older set runs; empty where it is sound.</summary>
    public required ImmutableArray<string> Faults { get; init; }

    /// <summary>Changes of the connectors file that were applied since the start.</summary>
    public long Reloads { get; init; }

    /// <summary>Changes that were refused for the file's faults.</summary>
    public long FailedReloads { get; init; }

    /// <summary>What an operator should know: an edit that removed every connector, a state_dir that cannot be written.</summary>
    public required ImmutableArray<string> Warnings { get; init; }

    /// <summary>Every connector of the set, also those that do not run, in the file's order; behind them those that still drain.</summary>
    public required ImmutableArray<ConnectorStatus> Connectors { get; init; }
}
