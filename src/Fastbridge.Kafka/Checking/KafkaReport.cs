using System.Collections.Immutable;
using System.Globalization;
using Confluent.Kafka;
using Fastbridge.Core.Checking;
using Fastbridge.Core.Config;
using Fastbridge.Kafka.Producing;
using Fastbridge.Mqtt.Transport;

namespace Fastbridge.Kafka.Checking;

/// <summary>What <see cref="ClusterFacts"/> mean for the connectors of that cluster.</summary>
internal sealed class KafkaReport(ClusterFacts facts, List<ConnectorConfig> connectors)
{
    /// <summary>librdkafka's batch.size where neither the connector nor its properties have one.</summary>
    private const long DefaultBatchSize = 1_000_000;

    private readonly List<Finding> _findings = [];
    private readonly string _end = "kafka " + connectors[0].Kafka.BootstrapServers;

    public List<Finding> Write()
    {
        if (facts.Fault is { } fault)
        {
            Add("connect", FindingLevel.Fail, fault, facts.Remedy ?? Remedy(facts.FaultCode), All());
            return _findings;
        }

        Brokers();
        var templates = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        var topics = new SortedDictionary<string, List<ConnectorConfig>>(StringComparer.Ordinal);
        foreach (ConnectorConfig connector in connectors)
        {
            if (KafkaProbe.FixedTopic(connector.Kafka) is { } topic)
                Of(topics, topic).Add(connector);
            else
                Of(templates, connector.Kafka.Topic).Add(connector.Name);
        }

        foreach ((string topic, List<ConnectorConfig> of) in topics)
            Topic(topic, of);
        foreach ((string template, List<string> of) in templates)
            Add("topic " + template, FindingLevel.Ok, "made from each message, so its topics cannot be checked" + (facts.AutoCreate == false ? "; none is created by itself (auto.create.topics.enable is off)" : ""), null, [.. of]);
        return _findings;
    }

    private void Brokers()
    {
        int silent = 0;
        foreach (BrokerFacts broker in facts.Brokers)
        {
            if (broker.Answered || ++silent > 10)
                continue;
            Add($"broker {broker.Id.ToString(CultureInfo.InvariantCulture)}", FindingLevel.Fail, $"the cluster names {broker.Address}, and nothing answers there",
                "mend the broker or its advertised.listeners; this host must reach every broker", All());
        }

        string many = facts.Brokers.Count == 1 ? "1 broker" : $"{facts.Brokers.Count.ToString(CultureInfo.InvariantCulture)} brokers";
        if (silent == 0)
            Add("connect", FindingLevel.Ok, many + Trust(connectors[0].Kafka.Properties), null, All());
    }

    /// <summary>What vouched for the brokers' certificates; empty without TLS.</summary>
    private static string Trust(ImmutableSortedDictionary<string, string> properties)
    {
        if (!properties.TryGetValue("security.protocol", out string? protocol) || !protocol.EndsWith("ssl", StringComparison.OrdinalIgnoreCase))
            return "";
        return KafkaVerification.IsOff(properties.GetValueOrDefault("enable.ssl.certificate.verification"))
            ? " over TLS, any certificate"
            : $" over TLS, authorities of {properties.GetValueOrDefault("ssl.ca.location") ?? SystemAuthorities.Find() ?? "the system"}";
    }

    private void Topic(string topic, List<ConnectorConfig> of)
    {
        TopicFacts seen = facts.Topics[topic];
        var names = ImmutableArray.CreateBuilder<string>(of.Count);
        foreach (ConnectorConfig connector in of)
            names.Add(connector.Name);
        ImmutableArray<string> all = names.MoveToImmutable();
        string what = "topic " + topic;
        switch (seen.Error)
        {
            case ErrorCode.NoError when seen.Leaderless > 0:
                Add(what, FindingLevel.Warn, $"{seen.Leaderless} of {seen.Partitions} partitions have no leader: records for them wait", "mend the brokers that held them", all);
                break;
            case ErrorCode.NoError:
                Add(what, FindingLevel.Ok, seen.Partitions == 1 ? "1 partition" : $"{seen.Partitions} partitions", null, all);
                break;
            case ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic:
                Missing(what, all);
                break;
            case ErrorCode.TopicAuthorizationFailed:
                Add(what, FindingLevel.Fail, "this user may not see it", "permit DESCRIBE and WRITE on the topic", all);
                return;
            default:
                Add(what, FindingLevel.Fail, Faults.Name((int)seen.Error), null, all);
                return;
        }

        if (seen.Error == ErrorCode.NoError)
            Write(topic, seen, all);
        Sizes(topic, seen.Error == ErrorCode.NoError ? seen.MaxMessageBytes : facts.MessageMaxBytes, of);
    }

    private void Missing(string what, ImmutableArray<string> of)
    {
        if (facts.AutoCreate == false)
            Add(what, FindingLevel.Fail, "does not exist, and Kafka does not create it (auto.create.topics.enable is off)", "create it", of);
        else if (facts.MayCreate == false)
            Add(what, FindingLevel.Warn, "does not exist, and this user may not create topics in general", "create it, or permit CREATE on it", of);
        else if (facts.AutoCreate is null)
            Add(what, FindingLevel.Warn, "does not exist; whether Kafka creates it, it does not say", "create it", of);
        else
            Add(what, FindingLevel.Warn, "does not exist; Kafka creates it at the first record, with its own defaults", "create it, with the partitions and replicas that it shall have", of);
    }

    private void Write(string topic, TopicFacts seen, ImmutableArray<string> of)
    {
        string what = "write " + topic;
        if (seen.MayWrite == true)
            Add(what, FindingLevel.Ok, "permitted", null, of);
        else if (seen.MayWrite == false)
            Add(what, FindingLevel.Fail, "not permitted to this user", "permit WRITE on the topic", of);
        else
            Add(what, FindingLevel.Warn, "Kafka does not say whether it is permitted", "see it with a first message", of);
    }

    private void Sizes(string topic, long? limit, List<ConnectorConfig> of)
    {
        var batches = new List<Batch>();
        foreach (ConnectorConfig connector in of)
        {
            long bytes = BatchSize(connector.Kafka);
            Batch? batch = batches.Find(b => b.Bytes == bytes);
            if (batch is null)
                batches.Add(batch = new Batch(bytes));
            batch.Connectors.Add(connector.Name);
        }

        string what = "record size " + topic;
        foreach (Batch batch in batches)
        {
            ImmutableArray<string> names = [.. batch.Connectors];
            if (limit is not { } most)
                Add(what, FindingLevel.Warn, "Kafka does not say what it takes", "permit DESCRIBE_CONFIGS, or compare its max.message.bytes with batch_size yourself", names);
            else if (most < batch.Bytes)
                Add(what, FindingLevel.Warn, string.Create(CultureInfo.InvariantCulture, $"it takes {most} bytes, and a batch may have {batch.Bytes}: Kafka may condemn a batch of small records as a whole, and at a fresh start they can lose their order"), string.Create(CultureInfo.InvariantCulture, $"set batch_size to {most} or less, or raise max.message.bytes"), names);
            else
                Add(what, FindingLevel.Ok, string.Create(CultureInfo.InvariantCulture, $"up to {most} bytes; a longer record goes to the dead letters"), null, names);
        }
    }

    private static long BatchSize(KafkaConfig kafka)
    {
        long batch = kafka.Properties.TryGetValue("batch.size", out string? own) && long.TryParse(own, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
            ? bytes
            : kafka.BatchSize ?? DefaultBatchSize;
        return Math.Min(batch, kafka.MessageMaxBytes);
    }

    private static string? Remedy(ErrorCode code) => code switch
    {
        ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed => "check sasl.mechanism, sasl.username and sasl.password in properties",
        ErrorCode.Local_Ssl => "check ssl.ca.location and the other ssl.* in properties, and security.protocol",
        ErrorCode.Local_Resolve => "check the name in bootstrap_servers, and that DNS works",
        ErrorCode.ClusterAuthorizationFailed => "permit DESCRIBE on the cluster",
        _ => "check bootstrap_servers, that Kafka runs there, and security.protocol in properties",
    };

    private ImmutableArray<string> All()
    {
        var names = ImmutableArray.CreateBuilder<string>(connectors.Count);
        foreach (ConnectorConfig connector in connectors)
            names.Add(connector.Name);
        return names.MoveToImmutable();
    }

    private void Add(string what, FindingLevel level, string text, string? remedy, ImmutableArray<string> of) =>
        _findings.Add(new Finding { Connectors = of, End = _end, What = what, Level = level, Text = text, Remedy = remedy });

    /// <summary>The connectors whose largest batch is of one size.</summary>
    private sealed record Batch(long Bytes)
    {
        public List<string> Connectors { get; } = [];
    }

    private static List<T> Of<T>(SortedDictionary<string, List<T>> map, string key)
        where T : class
    {
        if (!map.TryGetValue(key, out List<T>? list))
            map[key] = list = [];
        return list;
    }
}
