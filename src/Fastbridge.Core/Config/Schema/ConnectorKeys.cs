using System.Collections.Immutable;
using Fastbridge.Core.Records;

namespace Fastbridge.Core.Config.Schema;

/// <summary>The keys of the file and of a connector.</summary>
internal static class ConnectorKeys
{
    /// <summary>Seconds of the last year that .NET knows, 9999.</summary>
    private const long LastTime = 253_402_300_799;

    public static ImmutableArray<KnownKey> All { get; } =
    [
        new(KeySection.File, "mqtt", KeyType.Section, KnownKey.None, "The MQTT broker and how to connect to it, for all connectors."),
        new(KeySection.File, "connectors", KeyType.List, KnownKey.Required, "The connectors."),
        new(KeySection.File, "status_topic", KeyType.Text, KnownKey.None, "MQTT topic of a small retained status, each minute and at changes; ${client_id} is mqtt.client_id; none: no status.") { Min = 1, Max = 65_535 },
        new(KeySection.File, "state_dir", KeyType.Text, "fastbridge-state", "Folder for dead letters and for what was subscribed, relative to the file.") { Min = 1, Max = 4_096 },

        new(KeySection.Connector, "connector_name", KeyType.Text, KnownKey.Required, "The connector's name, unique in the file.") { Min = 1, Max = 128 },
        new(KeySection.Connector, "connector_type", KeyType.Choice, "Kafka", "What stands at the other end.") { Choices = ["Kafka"] },
        new(KeySection.Connector, "cluster_name", KeyType.Text, "default", "RobustMQ's cluster, by its newer name the tenant.") { Min = 1, Max = 128, Aliases = ["tenant"] },
        new(KeySection.Connector, "topic_id", KeyType.TextOrList, KnownKey.Required, "The MQTT topic filter or filters to subscribe to.") { Min = 1, Max = 256, Aliases = ["topic_name"] },
        new(KeySection.Connector, "config", KeyType.Section, KnownKey.Required, "The Kafka end: an object, or the same as JSON in a text of at most 4096 characters."),
        new(KeySection.Connector, "status", KeyType.Choice, "Idle", "Stop or Stopped: known, and not run; else run.") { Choices = ["Idle", "Running", "Stop", "Stopped", "Error"] },
        new(KeySection.Connector, "mqtt", KeyType.Section, KnownKey.None, "Laid over the file's mqtt, key by key; null takes a key away."),
        new(KeySection.Connector, "qos", KeyType.Number, KnownKey.None, "The connector's QoS, in place of mqtt.qos.") { Min = 0, Max = 2 },
        new(KeySection.Connector, "format", KeyType.Choice, "robustmq", "The record's value: RobustMQ's JSON, or raw, the payload as it stands.") { Choices = RecordEncoderFactory.Formats },
        new(KeySection.Connector, "headers", KeyType.Map, KnownKey.None, "Kafka headers, a template each; or \"mqtt\" for topic, QoS, retain and the MQTT 5 properties."),
        new(KeySection.Connector, "client_id", KeyType.Template, KnownKey.None, "The record's client_id where no User Property says it, such as ${topic[1]}.") { Min = 1, Max = 256 },
        new(KeySection.Connector, "username", KeyType.Template, KnownKey.None, "The record's username where no User Property says it.") { Min = 1, Max = 256 },
        new(KeySection.Connector, "max_inflight_messages", KeyType.Number, "65535", "Messages that may be on their way to Kafka at a time.") { Min = 1, Max = 65_535 },
        new(KeySection.Connector, "max_inflight_bytes", KeyType.Number, "16777216", "Record bytes on their way to Kafka at a time, 256 more for each; busy ones share: 25 have a quarter of the largest.") { Min = 65_536, Max = 1_099_511_627_776 },
        new(KeySection.Connector, "buffer", KeyType.Section, KnownKey.None, "A disk buffer, {} with its defaults; none: what Kafka does not take waits at the broker."),
        new(KeySection.Connector, "failure_strategy", KeyType.Section, "retry", "What becomes of a record that Kafka does not take: an object, or the strategy's name alone."),
        new(KeySection.Connector, "unknown_topic_wait_ms", KeyType.Number, "60000", "Milliseconds that a templated Kafka topic may be missing or denied; then a dead letter.") { Max = 86_400_000 },
        new(KeySection.Connector, "rate_limit", KeyType.Section, KnownKey.None, "How fast the connector takes messages; none: as fast as it can."),
        new(KeySection.Connector, "skip_retained", KeyType.Flag, "false", "Acknowledge and count retained messages, and do not produce them."),
        new(KeySection.Connector, "stuck_after", KeyType.Seconds, "30", "Seconds that one message may block all behind it before log and status name it.") { Min = 100, Max = 86_400_000 },
        new(KeySection.Connector, "expect_message_within", KeyType.Seconds, KnownKey.None, "Seconds within which a message should come; silence is a warning in log, status and metrics.") { Min = 1_000, Max = 2_592_000_000 },
        new(KeySection.Connector, "broker_id", KeyType.Number, KnownKey.None, "RobustMQ's; kept, and of no effect here."),
        new(KeySection.Connector, "create_time", KeyType.Time, KnownKey.None, "When the connector was created.") { Max = LastTime },
        new(KeySection.Connector, "update_time", KeyType.Time, KnownKey.None, "When the connector was last changed.") { Max = LastTime },
    ];
}
