using System.Collections.Immutable;

namespace Fastbridge.Core.Config.Schema;

/// <summary>The keys of <c>config</c>: RobustMQ's options with its ranges, and <c>properties</c>.</summary>
internal static class KafkaKeys
{
    public static ImmutableArray<KnownKey> All { get; } =
    [
        new(KeySection.Kafka, "bootstrap_servers", KeyType.Text, KnownKey.Required, "Kafka's brokers, host:port, comma separated.") { Min = 1, Max = 1_024 },
        new(KeySection.Kafka, "topic", KeyType.Template, KnownKey.Required, "The Kafka topic, or a template of one: / becomes a dot, what else is illegal _.") { Min = 1, Max = 256 },
        new(KeySection.Kafka, "key", KeyType.Template, KnownKey.None, "The record's key; none: ${topic}; empty: no key, and the MQTT topic chooses the partition.") { Max = 256 },
        new(KeySection.Kafka, "compression_type", KeyType.Choice, "none", "Compression of batches.") { Choices = ["none", "gzip", "snappy", "lz4", "zstd"] },
        new(KeySection.Kafka, "batch_size", KeyType.Number, KnownKey.None, "Largest batch, bytes; none: what is best here.") { Min = 1, Max = 1_048_576 },
        new(KeySection.Kafka, "linger_ms", KeyType.Number, KnownKey.None, "Longest wait for a batch to fill, milliseconds; none: what is best here.") { Max = 60_000 },
        new(KeySection.Kafka, "acks", KeyType.Choice, "all", "Who must have a record: all (or -1), 1 or 0; only all is safe.") { Choices = ["all", "-1", "1", "0"] },
        new(KeySection.Kafka, "retries", KeyType.Number, "3", "Attempts, for strategies that give up; the default strategy never does.") { Max = 100 },
        new(KeySection.Kafka, "message_timeout_ms", KeyType.Number, "30000", "Milliseconds until a record counts as failed, for strategies that give up.") { Min = 1_000, Max = 300_000 },
        new(KeySection.Kafka, "cleanup_timeout_secs", KeyType.Number, "10", "Seconds that removing the connector may take.") { Max = 300 },
        new(KeySection.Kafka, "properties", KeyType.Map, KnownKey.None, "Properties of librdkafka: security.protocol, sasl.*, ssl.*, message.max.bytes and so on."),
    ];
}
