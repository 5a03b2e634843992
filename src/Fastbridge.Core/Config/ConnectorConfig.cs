using System.Collections.Immutable;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Config;

/// <summary>Everything that runs: the connectors and where the bridge keeps what it must remember. Immutable; what runs asks for this, never for a file.</summary>
public sealed record BridgeConfig
{
    public required ImmutableArray<ConnectorConfig> Connectors { get; init; }

    /// <summary>Folder for dead letters and memory of subscriptions. Default: <c>fastbridge-state</c> beside the connectors file.</summary>
    public required string StateDir { get; init; }

    /// <summary>The file's own <c>mqtt</c> object, without client id and subscriptions: where tools connect that belong to no connector, and where the session of a deleted one is ended. Null where the file has none.</summary>
    public MqttClientOptions? Mqtt { get; init; }

    /// <summary>Where the bridge tells of itself by MQTT. Null (the default): nowhere.</summary>
    public StatusTopicConfig? StatusTopic { get; init; }
}

/// <summary>The file's <c>status_topic</c>.</summary>
/// <param name="Topic">As it is published to.</param>
/// <param name="Mqtt">The connection, which is the status's alone: a client id of its own, Clean Start, no subscription and no will (the publisher sets its own).</param>
public sealed record StatusTopicConfig(string Topic, MqttClientOptions Mqtt);

/// <summary>One connector, validated, with the file's <c>mqtt</c> object and its own merged and every default filled in.</summary>
public sealed record ConnectorConfig
{
    /// <summary>1 to 128 characters, unique within the file.</summary>
    public required string Name { get; init; }

    /// <summary>RobustMQ's cluster_name (tenant). Default <c>default</c>.</summary>
    public string ClusterName { get; init; } = "default";

    /// <summary>False where the file says <c>"status": "Stopped"</c>: known, and not run.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>RobustMQ's broker_id; null (the default) where the file has none. Of no effect here.</summary>
    public long? BrokerId { get; init; }

    /// <summary>create_time, UTC; null where the file has none.</summary>
    public DateTimeOffset? CreateTime { get; init; }

    /// <summary>update_time, UTC; null where the file has none.</summary>
    public DateTimeOffset? UpdateTime { get; init; }

    /// <summary>The connection, complete: server, TLS, client id, subscriptions (one per filter of <c>topic_id</c>, at the connector's QoS).</summary>
    public required MqttClientOptions Mqtt { get; init; }

    public required KafkaConfig Kafka { get; init; }

    public RecordConfig Record { get; init; } = new();

    public WindowConfig Window { get; init; } = new();

    /// <summary>The disk buffer; null (the default) for none: the disk of a gateway is its owner's to give.</summary>
    public BufferConfig? Buffer { get; init; }
    public FailureConfig Failure { get; init; } = new();

    public RateLimitConfig RateLimit { get; init; } = new();

    /// <summary>A message with RETAIN set on arrival is acknowledged and counted, and not produced. Default false: a retained message is a message.</summary>
    public bool SkipRetained { get; init; }

    /// <summary>How long one message may block all behind it before log and status name it. Default 30 s: longer than a leader election, shorter than an operator's patience.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Silence for longer than this is a warning. Null (the default): messages may come whenever they like.</summary>
    public TimeSpan? ExpectMessageWithin { get; init; }
}

/// <summary>The Kafka end of a connector. Two connectors whose <see cref="KafkaConfig"/> differ only in topic and key share one producer.</summary>
public sealed record KafkaConfig
{
    /// <summary>host:port, comma separated.</summary>
    public required string BootstrapServers { get; init; }

    /// <summary>Kafka topic, or a template of one (see Records.Template).</summary>
    public required string Topic { get; init; }

    /// <summary>Record key template; null where the file names none (then <c>${topic}</c>); empty: no key, the partition goes by the MQTT topic.</summary>
    public string? Key { get; init; }

    /// <summary>none, gzip, snappy, lz4 or zstd. Default none: RobustMQ's, and the least CPU.</summary>
    public string CompressionType { get; init; } = "none";

    /// <summary>Largest batch, bytes (librdkafka's batch.size). Default null: librdkafka's 1,000,000.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Longest wait for a batch to fill, milliseconds. Default null: the bridge's own choice.</summary>
    public int? LingerMs { get; init; }

    /// <summary>-1 (all, the default), 1 or 0. Only all is safe; the others switch idempotence off, which start and status say.</summary>
    public int Acks { get; init; } = -1;

    /// <summary>How often a failed record is produced again, for strategies that give up. Default 3, RobustMQ's. Not used by the default strategy, which never gives up.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>After how long a record counts as failed, milliseconds, for strategies that give up. Default 30,000, RobustMQ's. The default strategy waits for ever.</summary>
    public int MessageTimeoutMs { get; init; } = 30_000;

    /// <summary>
    /// librdkafka's message.timeout.ms: 0, the default, is never. A strategy that gives up sets it to <see cref="MessageTimeoutMs"/>, and a time-out is then a
    /// failure that it counts.
    /// </summary>
    public int DeliveryTimeoutMs { get; init; }

    /// <summary>How long removing the connector may take to flush, seconds. Default 10, RobustMQ's.</summary>
    public int CleanupTimeoutSecs { get; init; } = 10;

    /// <summary>
    /// librdkafka properties as given, secrets resolved, in ordinal order of their names; without message.max.bytes, which is <see cref="MessageMaxBytes"/>.
    /// Never printed.
    /// </summary>
    public ImmutableSortedDictionary<string, string> Properties { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// What the files of <see cref="Properties"/> held when the file was read (certificates, keys), as a digest; null where there are none. librdkafka reads them when a producer is
    /// made, so other contents want another producer.
    /// </summary>
    public string? FilesDigest { get; init; }

    /// <summary>Largest record, bytes: message.max.bytes of the file's properties. Default 10 MB, so that what a broker can carry in one MQTT message of some size need not die here.</summary>
    public int MessageMaxBytes { get; init; } = 10_000_000;
}

/// <summary>How a PUBLISH becomes a record.</summary>
public sealed record RecordConfig
{
    /// <summary><c>robustmq</c> (default) or <c>raw</c>.</summary>
    public string Format { get; init; } = "robustmq";

    /// <summary>Template for <c>client_id</c>; null: the User Property client_id where present, else "".</summary>
    public string? ClientId { get; init; }

    /// <summary>Template for <c>username</c>; null: the User Property username where present, else "".</summary>
    public string? Username { get; init; }

    /// <summary>Headers "mqtt": mqtt.topic, mqtt.qos, mqtt.retain and the MQTT 5 properties. Default false.</summary>
    public bool MqttHeaders { get; init; }

    /// <summary>Kafka headers by name with a template each, in the file's order. Default none.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];
}

/// <summary>Bounds of what a connector has in Kafka's hands at a time.</summary>
public sealed record WindowConfig
{
    /// <summary>Default 65,535 messages: as many packet identifiers as MQTT has.</summary>
    public int MaxMessages { get; init; } = 65_535;

    /// <summary>Bytes of encoded records, with 256 for each beside. Default 16 MB: 12,000 records of 1 KB, and memory stays bounded at any record size. What one connector may have; what several have together is less than each alone, see <see cref="Delivery.InflightBudget"/>.</summary>
    public long MaxBytes { get; init; } = 16 * 1024 * 1024;
}
