using System.Text;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;
using Fastbridge.Core.Records;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads <c>config</c>: an object, a JSON text of one, or either inside newer RobustMQ's <c>{"Kafka": {…}}</c>.</summary>
internal static class KafkaReader
{
    /// <summary>RobustMQ's bound for the text; an object has none.</summary>
    private const int MaxTextLength = 4_096;

    public static KafkaConfig Read(Node? config, LoadContext context)
    {
        var kafka = new KafkaConfig { BootstrapServers = "", Topic = "" };
        if (config is null || Unwrap(config, context) is not { } node)
            return kafka;
        KeyCheck.Known(node, KeySection.Kafka, context);
        var reader = new ObjectReader(node, KeySection.Kafka, context);
        Node? given = reader.Object("properties");
        (var properties, int? messageMaxBytes) = KafkaProperties.Read(given, context);
        KafkaSecurity.Read(reader, given, properties, context);
        reader.Require("topic");
        kafka = kafka with
        {
            BootstrapServers = BootstrapServers.Read(reader, context),
            Topic = TemplateReader.Read(reader, "topic", TemplateUse.KafkaTopic, context) ?? "",
            Key = TemplateReader.Read(reader, "key", TemplateUse.Key, context),
            CompressionType = reader.Choice("compression_type") ?? kafka.CompressionType,
            BatchSize = (int?)reader.Number("batch_size"),
            LingerMs = (int?)reader.Number("linger_ms"),
            Acks = Acks(reader.Choice("acks")) ?? kafka.Acks,
            Retries = (int)(reader.Number("retries") ?? kafka.Retries),
            MessageTimeoutMs = (int)(reader.Number("message_timeout_ms") ?? kafka.MessageTimeoutMs),
            CleanupTimeoutSecs = (int)(reader.Number("cleanup_timeout_secs") ?? kafka.CleanupTimeoutSecs),
            Properties = properties.ToImmutable(),
            FilesDigest = KafkaProperties.Digest(properties, context),
            MessageMaxBytes = messageMaxBytes ?? kafka.MessageMaxBytes,
        };
        if (kafka.Acks != -1)
            context.Warn(reader.Find("acks")!, "idempotence is off: a record may be lost when a broker fails, or stand in Kafka twice", "\"all\" is safe");
        return kafka;
    }

    private static int? Acks(string? choice) => choice switch
    {
        "1" => 1,
        "0" => 0,
        null => null,
        _ => -1,
    };

    private static Node? Unwrap(Node config, LoadContext context)
    {
        Node? node = config.Kind == NodeKind.Text ? Parse(config, context) : config;
        if (node is null)
            return null;
        if (node is { Kind: NodeKind.Object, Members: [{ } only] } && string.Equals(only.Name, "kafka", StringComparison.OrdinalIgnoreCase))
            node = only;
        if (node.Kind == NodeKind.Object)
            return node;
        context.WrongType(node, "an object, or JSON of one in a text");
        return null;
    }

    private static Node? Parse(Node config, LoadContext context)
    {
        // Parsed first and resolved then, so that a quote in a password stays a character. Only a text that is one reference is itself fetched.
        bool fetched = SecretResolver.IsReference(config.Value.Trim());
        string json = config.Value;
        if (fetched)
        {
            if (!context.Secrets.TryResolve(config, false, out Resolved text))
                return null;
            json = text.Value;
        }

        int length = json.EnumerateRunes().Count();
        if (length is > 0 and <= MaxTextLength)
            return JsonNodeReader.Read(new SourceText(Encoding.UTF8.GetBytes(json), config, fetched), context);
        if (length == 0)
            context.FaultWithoutValue(config, "is empty", "name at least bootstrap_servers and topic");
        else
            context.FaultWithoutValue(config, $"the text has {length} characters, {MaxTextLength} are the most", "write it as an object, which has no such bound");
        return null;
    }
}
