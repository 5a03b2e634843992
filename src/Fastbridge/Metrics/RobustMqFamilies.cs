using System.Collections.Immutable;
using Fastbridge.Core;
using static Fastbridge.Metrics.FamilyType;

namespace Fastbridge.Metrics;

/// <summary>RobustMQ's connector metrics under its names and labels, as they stand on its wire, so that its dashboards show this bridge too.</summary>
internal static class RobustMqFamilies
{
    public static readonly ImmutableArray<Family> All =
    [
        Each("mqtt_connector_up", Gauge, "1: the connector runs, 0: it does not", c => c.State is ConnectorState.Running ? 1 : 0),
        Each("mqtt_connector_messages_sent_success", Counter, "Records that Kafka has acknowledged", c => c.Delivered),
        Each("mqtt_connector_messages_sent_failure", Counter, "Messages given up: dead letters and what the failure strategy dropped", GivenUp),
        new("mqtt_connector_send_duration_ms", Histogram, "", "As fastbridge_produce_latency_seconds, in milliseconds", (from, to) =>
        {
            foreach (Snapshot.Owned connector in from.Connectors)
                to.Add(connector.RobustMq, connector.Status.ProduceLatency, 1000);
        }),
        Each("mqtt_connector_retry", Counter, "Records produced again", c => c.ProducedAgain, "strategy", c => c.Strategy),
        Each("mqtt_connector_messages_discarded", Counter, "Messages that the failure strategy dropped", c => c.Discarded, "strategy", c => c.Strategy),
        Each("mqtt_connector_dlq_messages", Counter, "Dead letters, in Kafka or in the file", c => c.DeadLettered, "result", _ => "success"),
        new("mqtt_connector_messages_sent_success_agg", Counter, "", "Records that Kafka has acknowledged, all connectors", (from, to) => to.Add(Labels.None, Sum(from, c => c.Delivered))),
        new("mqtt_connector_messages_sent_failure_agg", Counter, "", "Messages given up, all connectors", (from, to) => to.Add(Labels.None, Sum(from, GivenUp))),
    ];

    private static long GivenUp(ConnectorStatus connector) => connector.DeadLettered + connector.Discarded;

    private static long Sum(Snapshot from, Func<ConnectorStatus, long> value)
    {
        long sum = 0;
        foreach (Snapshot.Owned connector in from.Connectors)
            sum += value(connector.Status);
        return sum;
    }

    private static Family Each(string name, FamilyType type, string help, Func<ConnectorStatus, long> value, string? label = null, Func<ConnectorStatus, string>? text = null) =>
        new(name, type, "", help, (from, to) =>
        {
            foreach (Snapshot.Owned connector in from.Connectors)
                to.Add(connector.RobustMq with { Name = label, Value = text?.Invoke(connector.Status) ?? "" }, value(connector.Status));
        });
}
