using System.Collections.Immutable;

namespace Fastbridge.Core.Config.Schema;

/// <summary>The keys of <c>mqtt</c>. Bounds are the specification's field sizes; the defaults' reasons stand at <see cref="Fastbridge.Mqtt.MqttClientOptions"/>.</summary>
internal static class MqttKeys
{
    public static ImmutableArray<KnownKey> All { get; } =
    [
        new(KeySection.Mqtt, "server", KeyType.TextOrList, "mqtt://localhost:1883", "The broker: mqtt:// (1883), mqtts:// (8883), ws:// (80), wss:// (443) or host:port; several are tried in turn.") { Min = 1, Max = 4_096 },
        new(KeySection.Mqtt, "follow_server_reference", KeyType.Flag, "true", "Go where a broker sends its clients (MQTT 5); never from TLS to plain, nor in a circle."),
        new(KeySection.Mqtt, "headers", KeyType.Map, KnownKey.None, "HTTP headers of a WebSocket handshake, such as Authorization; never shown."),
        new(KeySection.Mqtt, "proxy", KeyType.Text, KnownKey.None, "A proxy: socks5://, socks5h:// (it resolves names) or http://, with USER:PASSWORD@ where it asks.") { Min = 1, Max = 1_024 },
        new(KeySection.Mqtt, "protocol_version", KeyType.Choice, "5", "MQTT 5, or 4 for 3.1.1.") { Choices = ["5", "5.0", "4", "3.1.1"] },
        new(KeySection.Mqtt, "client_id", KeyType.Text, "fastbridge-HOST-HASH", "The file's is a prefix to -connector_name; a connector's own is taken as it stands.") { Min = 1, Max = 65_535 },
        new(KeySection.Mqtt, "username", KeyType.Text, KnownKey.None, "User name at the broker.") { Max = 65_535 },
        new(KeySection.Mqtt, "password", KeyType.Text, KnownKey.None, "Password at the broker; best as ${env:NAME} or ${file:PATH}.") { Max = 65_535 },
        new(KeySection.Mqtt, "qos", KeyType.Number, "1", "The highest QoS that is asked for; 0 may lose messages.") { Min = 0, Max = 2 },
        new(KeySection.Mqtt, "keep_alive", KeyType.Number, "60", "Seconds without a packet of ours before a ping; 0 is never.") { Max = 65_535 },
        new(KeySection.Mqtt, "clean_start", KeyType.Flag, "false", "Forget the session at the start, with all that the broker had queued in it."),
        new(KeySection.Mqtt, "session_expiry_interval", KeyType.Number, "604800", "Seconds that the broker keeps the session while the bridge is away (MQTT 5).") { Max = uint.MaxValue },
        new(KeySection.Mqtt, "receive_maximum", KeyType.Number, "10000", "Messages that the broker may send ahead of our acknowledgements (MQTT 5).") { Min = 1, Max = 65_535 },
        new(KeySection.Mqtt, "topic_alias_maximum", KeyType.Number, "1024", "Topic aliases that the broker may use; 0 is none (MQTT 5).") { Max = 65_535 },
        new(KeySection.Mqtt, "maximum_packet_size", KeyType.Number, "0", "Bytes above which the broker drops a message unseen; 0 announces no limit (MQTT 5).") { Max = uint.MaxValue },
        new(KeySection.Mqtt, "retain_handling", KeyType.Number, "1", "Retained messages: 0 at every subscribe, 1 at a new subscription, 2 never (MQTT 5).") { Max = 2 },
        new(KeySection.Mqtt, "connect_timeout", KeyType.Seconds, "10", "Seconds for TCP, TLS and CONNACK together.") { Min = 100, Max = 300_000 },
        new(KeySection.Mqtt, "reconnect_delay", KeyType.Seconds, "0.1", "Seconds before the first new attempt; then doubled, with jitter.") { Min = 10, Max = 3_600_000 },
        new(KeySection.Mqtt, "reconnect_delay_max", KeyType.Seconds, "30", "Longest wait between attempts, seconds.") { Min = 10, Max = 3_600_000 },
        new(KeySection.Mqtt, "will", KeyType.Section, KnownKey.None, "The message that the broker publishes when the bridge is gone without a word."),
        new(KeySection.Mqtt, "tls", KeyType.Section, KnownKey.None, "TLS; with it the connection is encrypted whatever the server's scheme, {} with the system's authorities."),

        new(KeySection.Will, "topic", KeyType.Text, KnownKey.Required, "The will's topic.") { Min = 1, Max = 65_535 },
        new(KeySection.Will, "payload", KeyType.Text, "", "The will's payload, UTF-8.") { Max = 65_535 },
        new(KeySection.Will, "qos", KeyType.Number, "0", "The will's QoS.") { Max = 2 },
        new(KeySection.Will, "retain", KeyType.Flag, "false", "Publish the will retained."),
        new(KeySection.Will, "delay_interval", KeyType.Number, "0", "Seconds that the broker waits before it publishes the will (MQTT 5).") { Max = uint.MaxValue },

        new(KeySection.Tls, "ca_file", KeyType.Text, KnownKey.None, "PEM file of the authorities to trust; none: the system's.") { Min = 1, Max = 4_096 },
        new(KeySection.Tls, "cert_file", KeyType.Text, KnownKey.None, "PEM file of the client certificate and its chain.") { Min = 1, Max = 4_096 },
        new(KeySection.Tls, "key_file", KeyType.Text, KnownKey.None, "PEM file of its private key; none: in cert_file.") { Min = 1, Max = 4_096 },
        new(KeySection.Tls, "key_password", KeyType.Text, KnownKey.None, "Password of an encrypted key.") { Max = 4_096 },
        new(KeySection.Tls, "server_name", KeyType.Text, KnownKey.None, "Name to ask for and to check; none: the server's host.") { Min = 1, Max = 253 },
        new(KeySection.Tls, "fingerprint", KeyType.TextOrList, KnownKey.None, "SHA-256 of the broker's certificate, or several; without ca_file it alone decides.") { Min = 64, Max = 128 },
        new(KeySection.Tls, "min_version", KeyType.Choice, "1.2", "The lowest version of TLS.") { Choices = ["1.2", "1.3"] },
        new(KeySection.Tls, "alpn", KeyType.TextOrList, KnownKey.None, "Protocol names for ALPN, the best first, such as x-amzn-mqtt-ca for AWS IoT on port 443.") { Min = 1, Max = 255 },
        new(KeySection.Tls, "insecure", KeyType.Flag, "false", "Accept any certificate: anyone on the way can read and change all."),
    ];
}
