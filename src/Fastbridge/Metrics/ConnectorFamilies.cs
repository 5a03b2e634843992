using System.Collections.Immutable;
using Fastbridge.Core;
using static Fastbridge.Metrics.FamilyType;

namespace Fastbridge.Metrics;

/// <summary>Each connector's state, counters and window.</summary>
internal static class ConnectorFamilies
{
    public static readonly ImmutableArray<string> States = ["Idle", "Running", "Stopped", "Error"];

    public static readonly ImmutableArray<Family> All =
    [
        new("fastbridge_connector_state", Gauge, "", "1 for the live state of the connector, 0 for the others", (from, to) =>
        {
            foreach (Snapshot.Owned connector in from.Connectors)
            {
                foreach (string state in States)
                    to.Add(connector.Labels with { Name = "state", Value = state }, connector.Status.State.ToString() == state ? 1 : 0);
            }
        }),
        Each("fastbridge_connector_stuck", Gauge, "1: one message has blocked all behind it for longer than stuck_after", c => c.Stuck.Length > 0 ? 1 : 0),
        Each("fastbridge_connector_silent", Gauge, "1: no message for longer than expect_message_within", c => c.Warning.Length > 0 ? 1 : 0),
        Each("fastbridge_received_messages", Counter, "Messages taken from MQTT, without redeliveries that were adopted", c => c.Received),
        Each("fastbridge_received_bytes", Counter, "Bytes of the values of their records", c => c.ReceivedBytes, "bytes"),
        Each("fastbridge_delivered_records", Counter, "Records that Kafka has acknowledged", c => c.Delivered),
        ByReason("fastbridge_produce_failures", "Records that came back from Kafka or could not be handed over, a record as often as it failed; most are produced again", c => c.FailureReasons),
        Each("fastbridge_produced_again_records", Counter, "Records produced again after a failure", c => c.ProducedAgain),
        Each("fastbridge_possibly_repeated_records", Counter, "Records produced again of which Kafka may have the first as well", c => c.PossiblyRepeated),
        ByReason("fastbridge_dead_letters", "Messages given up as dead letters, in Kafka or in the file", c => c.DeadLetterReasons),
        new("fastbridge_dropped_messages", Counter, "", "Messages dropped: by the failure strategy under Kafka's reason, by a full buffer under buffer_full", (from, to) =>
        {
            foreach (Snapshot.Owned connector in from.Connectors)
            {
                Reasons(connector, connector.Status.DiscardReasons, to);
                if (connector.Status.Buffer is { } buffer)
                    to.Add(connector.Labels with { Name = "reason", Value = "buffer_full" }, buffer.Dropped);
            }
        }),
        Each("fastbridge_skipped_retained_messages", Counter, "Retained messages that skip_retained kept out of Kafka", c => c.SkippedRetained),
        Each("fastbridge_adopted_messages", Counter, "Redelivered messages whose record was under way or delivered already", c => c.Adopted),
        Each("fastbridge_unmatched_messages", Counter, "Messages that came under a filter of the past", c => c.Unmatched),
        Each("fastbridge_window_messages", Gauge, "Messages whose record is not settled", c => c.InFlight),
        Each("fastbridge_window_max_messages", Gauge, "Bound of fastbridge_window_messages", c => c.Window.MaxMessages),
        Each("fastbridge_window_bytes", Gauge, "Bytes of their records", c => c.InFlightBytes, "bytes"),
        Each("fastbridge_window_max_bytes", Gauge, "Bound of fastbridge_window_bytes", c => c.Window.MaxBytes, "bytes"),
        Each("fastbridge_mqtt_connections", Counter, "MQTT connections that came about", c => c.Connections),
        Each("fastbridge_mqtt_reconnects", Counter, "The same without the first", c => Math.Max(0, c.Connections - 1)),
        Each("fastbridge_mqtt_connections_lost", Counter, "MQTT connections that were lost", c => c.ConnectionsLost),
        Each("fastbridge_mqtt_connect_failures", Counter, "Attempts to connect to MQTT that failed", c => c.ConnectFailures),
        When("fastbridge_last_message_timestamp_seconds", "When the last message came, seconds since the epoch; absent before the first", c => c.LastMessageAt),
        When("fastbridge_last_delivery_timestamp_seconds", "When Kafka last acknowledged a record, seconds since the epoch; absent before the first", c => c.LastDeliveredAt),
        When("fastbridge_connector_state_timestamp_seconds", "When the live state was entered, seconds since the epoch", c => c.Since),
    ];

    private static Family Each(string name, FamilyType type, string help, Func<ConnectorStatus, long> value, string unit = "") => new(name, type, unit, help, (from, to) =>
    {
        foreach (Snapshot.Owned connector in from.Connectors)
            to.Add(connector.Labels, value(connector.Status));
    });

    private static Family When(string name, string help, Func<ConnectorStatus, DateTimeOffset?> value) => new(name, Gauge, "seconds", help, (from, to) =>
    {
        foreach (Snapshot.Owned connector in from.Connectors)
        {
            if (value(connector.Status) is { } at)
                to.Add(connector.Labels, at.ToUnixTimeMilliseconds() / 1000.0);
        }
    });

    private static Family ByReason(string name, string help, Func<ConnectorStatus, ImmutableArray<KeyValuePair<string, long>>> value) => new(name, Counter, "", help, (from, to) =>
    {
        foreach (Snapshot.Owned connector in from.Connectors)
            Reasons(connector, value(connector.Status), to);
    });

    /// <summary>There are at most 32 reasons a connector; the rest is counted as "other" where it is counted.</summary>
    private static void Reasons(Snapshot.Owned connector, ImmutableArray<KeyValuePair<string, long>> reasons, ISeries to)
    {
        foreach ((string reason, long count) in reasons)
            to.Add(connector.Labels with { Name = "reason", Value = reason }, count);
    }
}
