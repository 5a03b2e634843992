using Fastbridge.Core;

namespace Fastbridge.Tests.Admin;

/// <summary>A bridge that has the status it was given, and counts what it is told.</summary>
internal sealed class FakeBridge : IBridgeControl
{
    private int _reloads;

    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    public static readonly Fastbridge.Core.Buffering.BufferStatus Buffer = new()
    {
        Path = "/var/b",
        Buffering = true,
        Records = 1,
        Bytes = 2,
        MaxBytes = 3,
        OldestAt = Start,
        Dropped = 4,
        Damaged = 5,
        DamagedBytes = 6,
        Fault = "",
    };

    private BridgeStatus _status = new() { StartedAt = Start, Source = "/etc/fastbridge/connectors.json", Revision = "r7", Faults = [], Warnings = [], Connectors = [] };

    public BridgeStatus Status
    {
        get => Broken is null ? _status : throw Broken;
        set => _status = value;
    }

    /// <summary>Thrown where the status is asked for; null: none.</summary>
    public Exception? Broken { get; set; }

    public int Reloads => _reloads;

    /// <summary>What a reload waits for.</summary>
    public Task Applying { get; set; } = Task.CompletedTask;

    /// <summary>What a look at records yields; null: no such connector.</summary>
    public Fastbridge.Core.Live.RecordSample? Records { get; set; }

    /// <summary>The last look.</summary>
    public (string? Cluster, string Name, int Limit) Looked { get; private set; }

    public Fastbridge.Core.Live.RecordSample? LookAtRecords(string? clusterName, string name, int limit)
    {
        Looked = (clusterName, name, limit);
        return Records;
    }

    public Task ReloadAsync(CancellationToken cancellation)
    {
        Interlocked.Increment(ref _reloads);
        return Applying;
    }
}
