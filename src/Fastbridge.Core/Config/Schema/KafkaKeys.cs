using System.Collections.Immutable;

namespace Fastbridge.Core.Config.Schema;

/// <summary>The keys of <c>config</c>: RobustMQ's options with its ranges, short names for TLS and SASL, and <c>properties</c>.</summary>
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
        new(KeySection.Kafka, "tls", KeyType.Section, KnownKey.None, "TLS to Kafka, {} with the system's authorities; none: as properties say, else in the clear."),
        new(KeySection.Kafka, "sasl", KeyType.Section, KnownKey.None, "How to log in at Kafka: by user name and password, or by a token."),
        new(KeySection.Kafka, "properties", KeyType.Map, KnownKey.None, "Properties of librdkafka: security.protocol, sasl.*, ssl.*, message.max.bytes and so on."),

        new(KeySection.KafkaTls, "ca_file", KeyType.Text, KnownKey.None, "PEM file of the authorities to trust; none: the system's.") { Min = 1, Max = 4_096 },
        new(KeySection.KafkaTls, "cert_file", KeyType.Text, KnownKey.None, "PEM file of the client certificate and its chain.") { Min = 1, Max = 4_096 },
        new(KeySection.KafkaTls, "key_file", KeyType.Text, KnownKey.None, "PEM file of its private key; none: in cert_file.") { Min = 1, Max = 4_096 },
        new(KeySection.KafkaTls, "key_password", KeyType.Text, KnownKey.None, "Password of an encrypted key.") { Max = 4_096 },
        new(KeySection.KafkaTls, "verify_hostname", KeyType.Flag, "true", "A broker's certificate must carry the name by which the broker is reached."),
        new(KeySection.KafkaTls, "insecure", KeyType.Flag, "false", "Accept any certificate: anyone on the way can read and change all."),

        new(KeySection.KafkaSasl, "mechanism", KeyType.Choice, KnownKey.Required, "How to log in.") { Choices = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] },
        new(KeySection.KafkaSasl, "username", KeyType.Text, KnownKey.None, "User name, for PLAIN and SCRAM.") { Min = 1, Max = 4_096 },
        new(KeySection.KafkaSasl, "password", KeyType.Text, KnownKey.None, "Password, for PLAIN and SCRAM; best as ${env:NAME} or ${file:PATH}.") { Min = 1, Max = 4_096 },
        new(KeySection.KafkaSasl, "token_url", KeyType.Text, KnownKey.None, "Where OAUTHBEARER's tokens are fetched (OIDC, client credentials): https://HOST/PATH.") { Min = 1, Max = 2_048 },
        new(KeySection.KafkaSasl, "client_id", KeyType.Text, KnownKey.None, "Who asks for the token.") { Min = 1, Max = 4_096 },
        new(KeySection.KafkaSasl, "client_secret", KeyType.Text, KnownKey.None, "The client's secret at the token server; best as ${env:NAME} or ${file:PATH}.") { Min = 1, Max = 4_096 },
        new(KeySection.KafkaSasl, "scope", KeyType.Text, KnownKey.None, "The scope to ask for; several with blanks between.") { Min = 1, Max = 4_096 },
        new(KeySection.KafkaSasl, "audience", KeyType.Text, KnownKey.None, "For whom the token is to be, where the token server asks for it.") { Min = 1, Max = 4_096 },
        new(KeySection.KafkaSasl, "extensions", KeyType.Map, KnownKey.None, "SASL extensions, such as logicalCluster and identityPoolId."),
        new(KeySection.KafkaSasl, "ca_file", KeyType.Text, KnownKey.None, "PEM file of the authorities to trust for token_url; none: the system's.") { Min = 1, Max = 4_096 },
    ];
}
