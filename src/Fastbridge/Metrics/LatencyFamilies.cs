using System.Collections.Immutable;

namespace Fastbridge.Metrics;

/// <summary>How long messages take.</summary>
internal static class LatencyFamilies
{
    public static readonly ImmutableArray<Family> All =
    [
        new("fastbridge_ack_latency_seconds", FamilyType.Histogram, "seconds", "From taking a PUBLISH of QoS 1 or 2 until its acknowledgement may leave; sampled: one message of 64, and the first after each pause", (from, to) =>
        {
            foreach (Snapshot.Owned connector in from.Connectors)
                to.Add(connector.Labels, connector.Status.AckLatency);
        }),
        new("fastbridge_produce_latency_seconds", FamilyType.Histogram, "seconds", "From first handing a record to the producer until Kafka has it, repeated attempts included; sampled as the acknowledgements are", (from, to) =>
        {
            foreach (Snapshot.Owned connector in from.Connectors)
                to.Add(connector.Labels, connector.Status.ProduceLatency);
        }),
    ];
}
