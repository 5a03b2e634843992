using System.Globalization;
using System.Text;
using Fastbridge.Core.Config;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Mqtt;

namespace Fastbridge.Tests.Core.Config;

/// <summary>For every key: where its value ends up in the configuration, and a value other than the default.</summary>
internal static class KeyCases
{
    /// <summary>The value's JSON, what the configuration then shows, and how it is shown.</summary>
    public sealed record Case(KeySection Section, string Name, string Json, string Shows, Func<BridgeConfig, object?> Read);

    public static IReadOnlyList<Case> All { get; } =
    [
        Of(KeySection.Connector, "expect_message_within", "90.5", "90.5", c => c.ExpectMessageWithin?.TotalSeconds),
        new(KeySection.File, "status_topic", "\"x/${client_id}/y\"", "x/fastbridge-gateway-HASH/y", b => b.StatusTopic is { } s ? s.Topic.Replace(s.Mqtt.ClientId[..^".status".Length], "fastbridge-gateway-HASH", StringComparison.Ordinal) : null),
        new(KeySection.File, "state_dir", "\"/var/x\"", "/var/x", b => Path.GetRelativePath("/nowhere", b.StateDir) is ['.', ..] ? b.StateDir : Path.GetRelativePath("/nowhere", b.StateDir)),
        Of(KeySection.Connector, "connector_name", "\"b\"", "b", c => c.Name == "a" ? "required" : c.Name),
        Of(KeySection.Connector, "connector_type", "\"KAFKA\"", "Kafka", _ => "Kafka"),
        Of(KeySection.Connector, "cluster_name", "\"plant\"", "plant", c => c.ClusterName),
        Of(KeySection.Connector, "topic_id", "[\"x\", \"y\"]", "x y", c => c.Mqtt.Subscriptions is [{ Filter: "s/#" }] ? "required" : string.Join(' ', c.Mqtt.Subscriptions.Select(s => s.Filter))),
        Of(KeySection.Connector, "status", "\"Stop\"", "Stop", c => c.Enabled ? "Idle" : "Stop"),
        Of(KeySection.Connector, "qos", "2", "2", c => c.Mqtt.Subscriptions[0].QoS is var q && (int)q == 1 ? "none" : (int)q),
        Of(KeySection.Connector, "format", "\"raw\"", "raw", c => c.Record.Format),
        Of(KeySection.Connector, "headers", "{\"h\": \"${topic}\", \"g\": \"x\"}", "h=${topic} g=x", c => string.Join(' ', c.Record.Headers.Select(h => $"{h.Key}={h.Value}")) is { Length: > 0 } h ? h : "none"),
        Of(KeySection.Connector, "client_id", "\"${topic[2]}\"", "${topic[2]}", c => c.Record.ClientId),
        Of(KeySection.Connector, "username", "\"${topic[1]}\"", "${topic[1]}", c => c.Record.Username),
        Of(KeySection.Connector, "max_inflight_messages", "100", "100", c => c.Window.MaxMessages),
        Of(KeySection.Connector, "max_inflight_bytes", "1000000000000", "1000000000000", c => c.Window.MaxBytes),
        Buffer("path", "\"/var/b\"", "/var/b", b => b.Path),
        Buffer("max_bytes", "20000000", "20000000", b => b.MaxBytes),
        Buffer("when", "\"always\"", "always", b => b.When switch { BufferWhen.Always => "always", BufferWhen.FullWindow => "full_window", _ => "kafka_down" }),
        Buffer("full", "\"drop_newest\"", "drop_newest", b => b.Full switch { BufferFull.DropNewest => "drop_newest", BufferFull.DropOldest => "drop_oldest", _ => "hold" }),
        Of(KeySection.Connector, "unknown_topic_wait_ms", "0", "0", c => c.Failure.UnknownTopicWait.TotalMilliseconds),
        Of(KeySection.Connector, "skip_retained", "true", "true", c => c.SkipRetained),
        Of(KeySection.Connector, "stuck_after", "0.5", "0.5", c => c.StuckAfter.TotalSeconds),
        Of(KeySection.Failure, "strategy", "\"discard\"", "Discard", c => c.Failure.Strategy is FailureStrategy.DeadMessageQueue ? "required" : c.Failure.Strategy),
        Of(KeySection.Failure, "retry_total_times", "7", "7", c => c.Failure.RetryTotalTimes),
        Of(KeySection.Failure, "wait_time_ms", "250", "250", c => c.Failure.WaitTime.TotalMilliseconds),
        Of(KeySection.Failure, "topic_name", "\"dlq\"", "dlq", c => c.Failure.TopicName),
        Of(KeySection.RateLimit, "messages_per_second", "100", "100", c => c.RateLimit.MessagesPerSecond),
        Of(KeySection.RateLimit, "bytes_per_second", "100000", "100000", c => c.RateLimit.BytesPerSecond),
        Of(KeySection.Connector, "broker_id", "7", "7", c => c.BrokerId),
        Of(KeySection.Connector, "create_time", "1640995200", "1640995200", c => c.CreateTime?.ToUnixTimeSeconds()),
        Of(KeySection.Connector, "update_time", "\"2022-01-01 00:00:01\"", "1640995201", c => c.UpdateTime?.ToUnixTimeSeconds()),
        Mqtt("server", "[\"tcp://h:7\", \"ws://g:8/p\"]", "mqtt://h:7 ws://g:8/p", m => string.Join(' ', m.Servers.Select(s => s.Address(m.Tls is not null)))),
        Mqtt("follow_server_reference", "false", "false", m => m.FollowServerReference),
        Mqtt("headers", "{\"Authorization\": \"Bearer x\", \"A\": \"b\"}", "Authorization=Bearer x A=b", m => string.Join(' ', m.WebSocketHeaders.Select(h => $"{h.Key}={h.Value}")) is { Length: > 0 } h ? h : null),
        Mqtt("proxy", "\"socks5h://u:p%40@[::1]\"", "socks5h://[::1]:1080 u p@", m => m.Proxy is { } p ? $"{p.Address} {p.Username} {p.Password}" : null),
        Mqtt("protocol_version", "\"3.1.1\"", "4", m => (byte)m.Version),
        Mqtt("client_id", "\"gw\"", "gw-a", m => m.ClientId == "fastbridge-gateway-ee6b92f5-a" ? "fastbridge-HOST-HASH" : m.ClientId),
        Mqtt("username", "\"u\"", "u", m => m.Username),
        Mqtt("password", "\"p\"", "p", m => m.Password is { } p ? Encoding.UTF8.GetString(p.Span) : null),
        Of(KeySection.Mqtt, "qos", "2", "2", c => (int)c.Mqtt.Subscriptions[0].QoS),
        Mqtt("keep_alive", "5", "5", m => m.KeepAlive),
        Mqtt("clean_start", "true", "true", m => m.CleanStart),
        Mqtt("session_expiry_interval", "4294967295", "4294967295", m => m.SessionExpiryInterval),
        Mqtt("receive_maximum", "65535", "65535", m => m.ReceiveMaximum),
        Mqtt("topic_alias_maximum", "0", "0", m => m.TopicAliasMaximum),
        Mqtt("maximum_packet_size", "1000", "1000", m => m.MaximumPacketSize),
        Of(KeySection.Mqtt, "retain_handling", "2", "2", c => c.Mqtt.Subscriptions[0].RetainHandling),
        Mqtt("connect_timeout", "2.5", "2.5", m => m.ConnectTimeout.TotalSeconds),
        Mqtt("reconnect_delay", "0.25", "0.25", m => m.ReconnectDelay.TotalSeconds),
        Mqtt("reconnect_delay_max", "60", "60", m => m.ReconnectDelayMax.TotalSeconds),
        Will("topic", "\"w\"", "w", w => w.Topic),
        Will("payload", "\"grün\"", "grün", w => Encoding.UTF8.GetString(w.Payload.Span)),
        Will("qos", "2", "2", w => (int)w.QoS),
        Will("retain", "true", "true", w => w.Retain),
        Will("delay_interval", "30", "30", w => w.DelayInterval),
        Tls("ca_file", $"\"{Path.GetFullPath(typeof(KeyCases).Assembly.Location)}\"", typeof(KeyCases).Assembly.Location, t => t.CaFile),
        Tls("cert_file", $"\"{typeof(KeyCases).Assembly.Location}\"", typeof(KeyCases).Assembly.Location, t => t.CertFile),
        Tls("key_file", $"\"{typeof(KeyCases).Assembly.Location}\", \"cert_file\": \"{typeof(KeyCases).Assembly.Location}\"", typeof(KeyCases).Assembly.Location, t => t.KeyFile),
        Tls("key_password", "\"k\"", "k", t => t.KeyPassword),
        Tls("server_name", "\"n\"", "n", t => t.ServerName),
        Tls("fingerprint", $"[\"{new string('a', 64)}\", \"{string.Join(':', Enumerable.Repeat("0B", 32))}\"]", $"{new string('A', 64)} {string.Concat(Enumerable.Repeat("0B", 32))}", t => t.Fingerprints.IsEmpty ? null : string.Join(' ', t.Fingerprints)),
        Tls("min_version", "\"1.3\"", "1.3", t => t.OnlyTls13 ? "1.3" : "1.2"),
        Tls("alpn", "[\"x-amzn-mqtt-ca\", \"mqtt\"]", "x-amzn-mqtt-ca mqtt", t => t.Alpn.IsEmpty ? null : string.Join(' ', t.Alpn)),
        Tls("insecure", "true", "true", t => t.Insecure),
        Kafka("bootstrap_servers", "\"a:1, [::1]:2\"", "a:1,[::1]:2", k => k.BootstrapServers == "localhost:9092" ? "required" : k.BootstrapServers),
        Kafka("topic", "\"x.${topic}\"", "x.${topic}", k => k.Topic == "t" ? "required" : k.Topic),
        Kafka("key", "\"\"", "", k => k.Key),
        Kafka("compression_type", "\"zstd\"", "zstd", k => k.CompressionType),
        Kafka("batch_size", "1048576", "1048576", k => k.BatchSize),
        Kafka("linger_ms", "0", "0", k => k.LingerMs),
        Kafka("acks", "0", "0", k => k.Acks == -1 ? "all" : k.Acks),
        Kafka("retries", "100", "100", k => k.Retries),
        Kafka("message_timeout_ms", "1000", "1000", k => k.MessageTimeoutMs),
        Kafka("cleanup_timeout_secs", "0", "0", k => k.CleanupTimeoutSecs),
        KafkaTls("ca_file", $"\"{Here}\"", Here, "ssl.ca.location"),
        KafkaTls("cert_file", $"\"{Here}\"", Here, "ssl.certificate.location"),
        KafkaTls("key_file", $"\"{Here}\", \"cert_file\": \"{Here}\"", Here, "ssl.key.location"),
        KafkaTls("key_password", "\"k\"", "k", "ssl.key.password"),
        Kafka(KeySection.KafkaTls, "verify_hostname", "false", "false", p => p.GetValueOrDefault("ssl.endpoint.identification.algorithm") != "none"),
        Kafka(KeySection.KafkaTls, "insecure", "true", "true", p => p.GetValueOrDefault("enable.ssl.certificate.verification") == "false"),
        Kafka(KeySection.KafkaSasl, "mechanism", "\"scram-sha-512\"", "SCRAM-SHA-512", p => p["sasl.mechanism"] == "PLAIN" ? "required" : p["sasl.mechanism"]),
        KafkaSasl("username", "\"u\"", "u", "sasl.username"),
        KafkaSasl("password", "\"p\"", "p", "sasl.password"),
        KafkaSasl("token_url", "\"https://t/x\"", "https://t/x", "sasl.oauthbearer.token.endpoint.url"),
        KafkaSasl("client_id", "\"c\"", "c", "sasl.oauthbearer.client.id"),
        KafkaSasl("client_secret", "\"s\"", "s", "sasl.oauthbearer.client.secret"),
        KafkaSasl("scope", "\"a b\"", "a b", "sasl.oauthbearer.scope"),
        KafkaSasl("audience", "\"kafka\"", "kafka", "sasl.oauthbearer.audience"),
        KafkaSasl("extensions", "{\"logicalCluster\": \"lkc-1\", \"identityPoolId\": \"p 2\"}", "logicalCluster=lkc-1,identityPoolId=p 2", "sasl.oauthbearer.extensions"),
        KafkaSasl("ca_file", $"\"{Here}\"", Here, "https.ca.location"),
        Kafka("properties", "{\"ssl.ca.location\": \"/x\", \"debug\": \"all\", \"queue.buffering.max.kbytes\": 9, \"socket.keepalive.enable\": true}", "debug=all queue.buffering.max.kbytes=9 socket.keepalive.enable=true ssl.ca.location=/x", k => string.Join(' ', k.Properties.Select(p => $"{p.Key}={p.Value}")) is { Length: > 0 } p ? p : "none"),
    ];

    /// <summary>Keys that hold other keys: those are the cases.</summary>
    public static readonly (KeySection, string)[] Containers =
        [(KeySection.File, "mqtt"), (KeySection.File, "connectors"), (KeySection.Connector, "config"), (KeySection.Connector, "mqtt"), (KeySection.Connector, "failure_strategy"), (KeySection.Connector, "rate_limit"), (KeySection.Connector, "buffer"), (KeySection.Mqtt, "will"), (KeySection.Mqtt, "tls"), (KeySection.Kafka, "tls"), (KeySection.Kafka, "sasl")];

    public static string Show(object? value) => value switch
    {
        null => "none",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>A file where just this key has this JSON.</summary>
    public static string File(KeySection section, string name, string json) => section switch
    {
        KeySection.File => Files.One(file: $"\"{name}\": {json},"),
        KeySection.Connector when name == "connector_name" => Files.One().Replace("\"connector_name\": \"a\"", $"\"connector_name\": {json}", StringComparison.Ordinal),
        KeySection.Connector => Files.One($"\"{name}\": {json},"),
        KeySection.Mqtt when name == "password" => Files.One(mqtt: $"\"username\": \"u\", \"{name}\": {json}"),
        KeySection.Mqtt => Files.One(mqtt: $"\"{name}\": {json}"),
        KeySection.Will => Files.One(mqtt: $$"""
            "will": { {{(name == "topic" ? "" : "\"topic\": \"will\", ")}} "{{name}}": {{json}} }
            """),
        KeySection.Tls => Files.One(mqtt: $$"""
            "tls": { "{{name}}": {{json}} }
            """),
        KeySection.Buffer => Files.One($"\"buffer\": {{ \"{name}\": {json} }},"),
        KeySection.KafkaTls => Files.One(kafka: $"\"tls\": {{ \"{name}\": {json} }}"),
        KeySection.KafkaSasl when name == "mechanism" => Files.One(kafka: $"\"sasl\": {{ \"mechanism\": {json}, \"username\": \"base\", \"password\": \"base\" }}"),
        KeySection.KafkaSasl => Files.One(kafka: $"\"sasl\": {{ {Login(name, json)}, \"{name}\": {json} }}"),
        KeySection.Failure when name == "strategy" => Files.One($"\"failure_strategy\": {{\"strategy\": {json}}},"),
        KeySection.Failure => Files.One($"\"failure_strategy\": {{\"strategy\": \"dead_message_queue\", \"{name}\": {json}}},"),
        KeySection.RateLimit => Files.One($"\"rate_limit\": {{\"{name}\": {json}}},"),
        _ when name == "bootstrap_servers" => Files.One().Replace("\"localhost:9092\"", json, StringComparison.Ordinal),
        _ => Files.One(kafka: $"\"{name}\": {json}"),
    };

    /// <summary>A file where the section is there and the key is not.</summary>
    public static string FileWithout(KeySection section) => section switch
    {
        KeySection.Will => Files.One(mqtt: "\"will\": {\"topic\": \"will\"}"),
        KeySection.Tls => Files.One(mqtt: "\"tls\": {}"),
        KeySection.Buffer => Files.One("\"buffer\": {},"),
        KeySection.KafkaTls => Files.One(kafka: "\"tls\": {}"),
        KeySection.KafkaSasl => Files.One(kafka: $"\"sasl\": {{ {ByPassword} }}"),
        KeySection.Failure => Files.One("\"failure_strategy\": \"dead_message_queue\","),
        _ => Files.One(),
    };

    private static Case Of(KeySection section, string name, string json, string shows, Func<ConnectorConfig, object?> read) =>
        new(section, name, json, shows, b => read(b.Connectors[0]));

    private static Case Mqtt(string name, string json, string shows, Func<MqttClientOptions, object?> read) =>
        Of(KeySection.Mqtt, name, json, shows, c => read(c.Mqtt));

    private static Case Will(string name, string json, string shows, Func<MqttWill, object?> read) =>
        Of(KeySection.Will, name, json, shows, c => read(c.Mqtt.Will!) is "will" ? "required" : read(c.Mqtt.Will!));

    private static Case Tls(string name, string json, string shows, Func<MqttTlsOptions, object?> read) =>
        Of(KeySection.Tls, name, json, shows, c => read(c.Mqtt.Tls!));

    private static Case Buffer(string name, string json, string shows, Func<BufferConfig, object?> read) =>
        Of(KeySection.Buffer, name, json, shows, c => read(c.Buffer!));

    private const string ByPassword = "\"mechanism\": \"PLAIN\", \"username\": \"base\", \"password\": \"base\"";
    private const string ByToken = "\"mechanism\": \"OAUTHBEARER\", \"token_url\": \"https://base/\", \"client_id\": \"base\", \"client_secret\": \"base\"";

    private static string Here => typeof(KeyCases).Assembly.Location;

    /// <summary>What else a login needs, so that this key may be there, or be null.</summary>
    private static string Login(string name, string json)
    {
        bool byPassword = name is "username" or "password" != (json == "null");
        string login = byPassword ? ByPassword : ByToken;
        foreach (string value in (string[])["base", "https://base/"]) login = login.Replace($", \"{name}\": \"{value}\"", "", StringComparison.Ordinal);
        return login;
    }

    private static Case KafkaTls(string name, string json, string shows, string property) => Kafka(KeySection.KafkaTls, name, json, shows, p => p.GetValueOrDefault(property));

    private static Case KafkaSasl(string name, string json, string shows, string property) =>
        Kafka(KeySection.KafkaSasl, name, json, shows, p => p.GetValueOrDefault(property) is { } value && !value.Contains("base", StringComparison.Ordinal) ? value : null);

    private static Case Kafka(KeySection section, string name, string json, string shows, Func<IReadOnlyDictionary<string, string>, object?> read) =>
        Of(section, name, json, shows, c => read(c.Kafka.Properties));

    private static Case Kafka(string name, string json, string shows, Func<KafkaConfig, object?> read) =>
        Of(KeySection.Kafka, name, json, shows, c => read(c.Kafka));
}
