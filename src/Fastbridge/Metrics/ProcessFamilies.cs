using System.Collections.Immutable;
using static Fastbridge.Metrics.FamilyType;

namespace Fastbridge.Metrics;

/// <summary>The process and the .NET runtime, under the names that dashboards know.</summary>
internal static class ProcessFamilies
{
    public static readonly ImmutableArray<Family> All =
    [
        new("process_cpu_seconds", Counter, "seconds", "CPU time, user and system", (from, to) => to.Add(Labels.None, from.Process.CpuSeconds)),
        new("process_resident_memory_bytes", Gauge, "bytes", "Resident memory", (from, to) => to.Add(Labels.None, from.Process.ResidentBytes)),
        new("process_start_time_seconds", Gauge, "seconds", "When the process began, seconds since the epoch", (from, to) => to.Add(Labels.None, from.Bridge.StartedAt.ToUnixTimeMilliseconds() / 1000.0)),
        new("process_open_fds", Gauge, "", "Open file descriptors; absent where the system does not tell", (from, to) =>
        {
            if (from.Process.OpenFiles is { } files)
                to.Add(Labels.None, files);
        }),
        new("dotnet_gc_collections", Counter, "", "Garbage collections of this generation, those of older ones included", (_, to) =>
        {
            for (int generation = 0; generation <= GC.MaxGeneration; generation++)
                to.Add(Labels.None with { Name = "generation", Value = generation switch { 0 => "0", 1 => "1", _ => "2" } }, GC.CollectionCount(generation));
        }),
        new("dotnet_gc_heap_bytes", Gauge, "bytes", "The managed heap, as it is thought to be now", (_, to) => to.Add(Labels.None, GC.GetTotalMemory(forceFullCollection: false))),
        new("dotnet_gc_allocated_bytes", Counter, "bytes", "Bytes ever allocated on the managed heap", (_, to) => to.Add(Labels.None, GC.GetTotalAllocatedBytes())),
        new("dotnet_gc_pause_seconds", Counter, "seconds", "Time in which the garbage collector held all managed threads", (_, to) => to.Add(Labels.None, GC.GetTotalPauseDuration().TotalSeconds)),
    ];
}
