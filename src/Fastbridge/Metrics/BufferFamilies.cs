using System.Collections.Immutable;
using Fastbridge.Core.Buffering;
using static Fastbridge.Metrics.FamilyType;

namespace Fastbridge.Metrics;

/// <summary>The disk buffers; only connectors that have one.</summary>
internal static class BufferFamilies
{
    public static readonly ImmutableArray<Family> All =
    [
        Each("fastbridge_buffer_active", Gauge, "", "1: messages go by the disk; 0: straight to Kafka", b => b.Buffering ? 1 : 0),
        Each("fastbridge_buffer_records", Gauge, "", "Records on disk that Kafka does not have", b => b.Records),
        Each("fastbridge_buffer_bytes", Gauge, "bytes", "Bytes on disk, all files of the buffer", b => b.Bytes),
        Each("fastbridge_buffer_max_bytes", Gauge, "bytes", "Cap of fastbridge_buffer_bytes", b => b.MaxBytes),
        Each("fastbridge_buffer_oldest_timestamp_seconds", Gauge, "seconds", "When the oldest record that was given to Kafka and is not settled was received, seconds since the epoch; absent where there is none", b => b.OldestAt?.ToUnixTimeMilliseconds() / 1000.0),
        Each("fastbridge_buffer_damaged_records", Counter, "", "Records that could not be read back because their bytes were damaged", b => b.Damaged),
        Each("fastbridge_buffer_fault", Gauge, "", "1: the buffer cannot be written; the status says why", b => b.Fault.Length > 0 ? 1 : 0),
    ];

    private static Family Each(string name, FamilyType type, string unit, string help, Func<BufferStatus, double?> value) => new(name, type, unit, help, (from, to) =>
    {
        foreach (Snapshot.Owned connector in from.Connectors)
        {
            if (connector.Status.Buffer is { } buffer && value(buffer) is { } number)
                to.Add(connector.Labels, number);
        }
    });
}
