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

    public BridgeStatus Status { get; set; } = new() { StartedAt = Start, Source = "/etc/fastbridge/connectors.json", Revision = "r7", Faults = [], Warnings = [], Connectors = [] };

    public int Reloads => _reloads;

    /// <summary>What a reload waits for.</summary>
    public Task Applying { get; set; } = Task.CompletedTask;

    public Task ReloadAsync(CancellationToken cancellation)
    {
        Interlocked.Increment(ref _reloads);
        return Applying;
    }
}
