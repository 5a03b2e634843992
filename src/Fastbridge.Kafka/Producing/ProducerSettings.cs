using System.Collections.Immutable;
using System.Globalization;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Security;
using Fastbridge.Mqtt.Transport;

namespace Fastbridge.Kafka.Producing;

/// <summary>
/// What a producer is made with: librdkafka's properties in the order in which they are set. Two connectors with equal settings share a
/// producer, and what does not reach librdkafka (topic, key, retries …) is no part of them.
/// </summary>
internal sealed class ProducerSettings : IEquatable<ProducerSettings>
{
    /// <summary>
    /// Default linger.ms: librdkafka's own, best for a full load. It costs a small window nothing, as <see cref="IRecordSink.Hurry"/> sends what
    /// is queued when the MQTT broker waits for acknowledgements.
    /// </summary>
    public const int DefaultLingerMs = 5;

    private static readonly KeyValuePair<string, string> OneRecord = new("batch.num.messages", "1");

    private readonly string _identity;

    private readonly string? _filesDigest;

    private ProducerSettings(ImmutableArray<KeyValuePair<string, string>> properties, bool keyless, int acks, string bootstrapServers, string? filesDigest)
    {
        _filesDigest = filesDigest;
        Properties = properties;
        Keyless = keyless;
        Acks = acks;
        BootstrapServers = bootstrapServers;
        Scrubber = new SecretScrubber(properties);
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string value) in properties)
            map[name] = value;
        PropertyMap = map;
        Troubles = new TroubleReader(map);
        Tokens = TokenSettings.From(map);
        _identity = string.Join('\0', properties.Select(p => p.Key + '\0' + p.Value)) + (keyless ? "\0keyless" : "") + "\0" + filesDigest;
    }

    public ImmutableArray<KeyValuePair<string, string>> Properties { get; }

    /// <summary>Records carry no key, and the partition goes by the MQTT topic's hash.</summary>
    public bool Keyless { get; }

    public int Acks { get; }

    /// <summary>For logs.</summary>
    public string BootstrapServers { get; }

    public SecretScrubber Scrubber { get; }

    /// <summary>What counts of <see cref="Properties"/>, by name.</summary>
    public IReadOnlyDictionary<string, string> PropertyMap { get; }

    /// <summary>Puts librdkafka's errors into words, for a connection of these settings.</summary>
    public TroubleReader Troubles { get; }

    /// <summary>Where OAUTHBEARER's tokens come from; null with any other login.</summary>
    public TokenSettings? Tokens { get; }

    /// <exception cref="SinkConfigurationException">A property is one of ours, unknown, or has an illegal value.</exception>
    public static ProducerSettings From(KafkaConfig config)
    {
        if (config.Acks is not (-1 or 0 or 1))
            throw new SinkConfigurationException($"acks: {config.Acks} is not one of -1 (all), 1 and 0; leave it out for all, the only safe one");

        bool keyless = config.Key is { Length: 0 };
        var list = new List<KeyValuePair<string, string>>();
        void Set(string name, string value) => list.Add(new(name, value));
        bool idempotent = config.Acks == -1;

        // A file's properties come behind these and win.
        Set("client.id", "fastbridge");
        Set("bootstrap.servers", config.BootstrapServers);
        Set("compression.type", config.CompressionType);
        Set("linger.ms", (config.LingerMs ?? DefaultLingerMs).ToString(CultureInfo.InvariantCulture));
        if (config.BatchSize is int batchSize)
            Set("batch.size", batchSize.ToString(CultureInfo.InvariantCulture));
        Set("message.max.bytes", config.MessageMaxBytes.ToString(CultureInfo.InvariantCulture));

        // For ever: with a time-out a slow answer would become a duplicate, and Kafka away for a while a storm of them.
        // Only a strategy that gives up has one: its time-outs are failures that it counts.
        Set("message.timeout.ms", config.DeliveryTimeoutMs.ToString(CultureInfo.InvariantCulture));

        // No limit: the windows of the connectors hold back, so that one partition without a leader cannot fill what all share.
        Set("queue.buffering.max.messages", "0");
        Set("queue.buffering.max.kbytes", "2147483647");

        // Connections on demand turn in a loop while Kafka is away: a question that waits for a broker (ours whether Kafka is back) asks for a connection at
        // every change of a broker's state, and each such wish takes the reconnect back-off away. Thousands of attempts a second, a whole core.
        Set("enable.sparse.connections", "false");

        // A firewall that forgets an idle connection says so to nobody. The pauses are the system's.
        Set("socket.keepalive.enable", "true");

        // Five is what Kafka keeps sequence numbers for. Without them a retry behind a later request would turn the order round.
        Set("max.in.flight.requests.per.connection", idempotent ? "5" : "1");
        // Ours, by patches: requests of several partitions leave as one, and a partition's next does not wait for the answer to the one before.
        Set("produce.requests.join", "true");
        Set("produce.requests.overlap", "true");
        Set("partitioner", "murmur2");
        if (!config.Properties.Keys.Any(n => n is "ssl.ca.location" or "ssl.ca.pem" or "ssl.ca.certificate.stores"))
            Set("ssl.ca.location", SystemAuthorities.Find() ?? "probe");

        foreach ((string name, string value) in config.Properties)
        {
            if (PropertyNames.Refusal(name) is string refusal)
                throw new SinkConfigurationException($"properties.{name}: not to be set here: {refusal}");
            Set(name, value);
        }

        // Else librdkafka sends records without a key to one partition after the other and does not even ask our partitioner.
        if (keyless)
            Set("sticky.partitioning.linger.ms", "0");
        Set("acks", config.Acks.ToString(CultureInfo.InvariantCulture));
        Set("enable.idempotence", idempotent ? "true" : "false");
        Set("log.queue", "true");
        var settings = new ProducerSettings([.. list], keyless, config.Acks, config.BootstrapServers, config.FilesDigest);
        using ConfHandle check = settings.NewConf();
        return settings;
    }

    /// <summary>The same, with every record in a batch of its own: a report then judges that record and no other, whichever connector's it is.</summary>
    public ProducerSettings Unbatched() => Properties.Contains(OneRecord) ? this : new([.. Properties, OneRecord], Keyless, Acks, BootstrapServers, _filesDigest);

    /// <summary>A librdkafka configuration of these settings; the caller's.</summary>
    /// <exception cref="SinkConfigurationException">As in <see cref="From"/>.</exception>
    public ConfHandle NewConf()
    {
        var conf = new ConfHandle();
        foreach ((string name, string value) in Properties)
        {
            if (KafkaTokenProperties.IsServed(name))
                continue;
            int result = conf.Set(name, value, out string error);
            if (result == LibRdKafka.ConfOk)
                continue;

            conf.Dispose();
            throw new SinkConfigurationException(result == LibRdKafka.ConfUnknown ? Unknown(name) : Illegal(name, error));
        }

        int tokens = Tokens is null ? 0 : LibRdKafka.EventTokenRefresh;
        LibRdKafka.rd_kafka_conf_set_events(conf.Pointer, LibRdKafka.EventDeliveryReport | LibRdKafka.EventError | LibRdKafka.EventLog | tokens);
        if (KafkaVerification.IsOff(PropertyMap.GetValueOrDefault("enable.ssl.certificate.verification")))
            return conf;
        unsafe
        {
            _ = LibRdKafka.rd_kafka_conf_set_ssl_cert_verify_cb(conf.Pointer, CertificateCheck.Pointer);
        }

        return conf;
    }

    public bool Equals(ProducerSettings? other) => other is not null && other._identity == _identity;

    public override bool Equals(object? obj) => Equals(obj as ProducerSettings);

    public override int GetHashCode() => _identity.GetHashCode(StringComparison.Ordinal);

    private static string Unknown(string name) => PropertyNames.Nearest(name) is string nearest
        ? $"properties.{name}: librdkafka knows no such property; did you mean {nearest}?"
        : $"properties.{name}: librdkafka knows no such property; its CONFIGURATION.md lists them all";

    private string Illegal(string name, string error) => SecretScrubber.IsSecret(name)
        ? $"properties.{name}: librdkafka refuses the value; correct it"
        : $"properties.{name}: {Scrubber.Clean(error)} (the value is '{Scrubber.Clean(Properties.Last(p => p.Key == name).Value)}')";
}
