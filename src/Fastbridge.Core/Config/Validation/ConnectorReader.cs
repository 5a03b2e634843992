using System.Globalization;
using System.Text;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Core.Config.Validation;

/// <summary>A connector with the nodes that faults between connectors point to.</summary>
/// <param name="Name">Null where it is missing or wrong.</param>
/// <param name="OwnClientId">The connector's own <c>mqtt.client_id</c>; null where the id was made of prefix and name.</param>
internal sealed record ReadConnector(Node Node, Node? Name, Node? OwnClientId, ConnectorConfig Config);

/// <summary>One connector record: what it is and what it is made of. Its parts have readers of their own.</summary>
internal static class ConnectorReader
{
    /// <summary>Null only where the record is no object; else complete, with defaults in place of what is wrong.</summary>
    public static ReadConnector? Read(Node record, Node? fileMqtt, LoadContext context)
    {
        if (record.Kind != NodeKind.Object)
        {
            context.WrongType(record, "a connector, an object");
            return null;
        }

        KeyCheck.Known(record, KeySection.Connector, context);
        var reader = new ObjectReader(record, KeySection.Connector, context);
        Resolved? name = reader.RequireText("connector_name");
        if (name is { } given)
            CheckName(given, reader.Find("connector_name")!, context);
        reader.Choice("connector_type");
        Node? ownMqtt = reader.Object("mqtt");
        if (ownMqtt is not null)
            MqttReader.CheckKeys(ownMqtt, context);
        Node? ownQoS = reader.Find("qos");
        MqttSettings mqtt = MqttReader.Read(Node.Merge(fileMqtt, ownMqtt), complete: true, context);
        QoS qos = reader.Number("qos") is { } number ? (QoS)number : mqtt.QoS;
        if (ownQoS is not null && ownMqtt?.Find("qos") is { Kind: not NodeKind.Null } other)
            context.Fault(other, "the connector has \"qos\" as well", "remove one");
        SessionWarnings.Check(mqtt, qos, ownQoS, buffered: reader.Find("buffer") is not null, context);

        KafkaConfig kafka = KafkaReader.Read(reader.Require("config"), context);
        FailureConfig failure = FailureReader.Read(reader, kafka.Retries, context);
        if (failure.GivesUp)
            kafka = kafka with { DeliveryTimeoutMs = kafka.MessageTimeoutMs };
        Node? ownClientId = ownMqtt?.Find("client_id") is { Kind: not NodeKind.Null } own ? own : null;
        string clientId = ownClientId is not null
            ? mqtt.ClientId ?? ""
            : ClientIds.ForConnector(mqtt.ClientId ?? ClientIds.DefaultPrefix(context.Environment), name?.Value ?? "");
        if (ownClientId is null && Encoding.UTF8.GetByteCount(clientId) > ushort.MaxValue)
            context.FaultWithoutValue(record, "the client id made of mqtt.client_id and connector_name is longer than the 65535 bytes that MQTT can carry", "shorten mqtt.client_id");
        var config = new ConnectorConfig
        {
            Name = name?.Value ?? "",
            ClusterName = reader.Text("cluster_name")?.Value ?? "default",
            Enabled = reader.Choice("status") is not ("Stop" or "Stopped"),
            BrokerId = BrokerId(reader),
            CreateTime = Time("create_time", reader, context),
            UpdateTime = Time("update_time", reader, context),
            Mqtt = mqtt.Options with
            {
                ClientId = clientId,
                // A PUBLISH that no record can hold need not be buffered.
                LargestPublish = kafka.MessageMaxBytes,
                Subscriptions = TopicFilterReader.Read(reader, qos, mqtt.RetainHandling, context),
            },
            Kafka = kafka,
            Record = RecordReader.Read(reader, context),
            Window = Window(reader),
            Buffer = BufferReader.Read(reader, kafka.MessageMaxBytes, context),
            Failure = failure,
            RateLimit = FailureReader.ReadRateLimit(reader, context),
            SkipRetained = reader.Flag("skip_retained") ?? false,
            ExpectMessageWithin = reader.Seconds("expect_message_within"),
            StuckAfter = reader.Seconds("stuck_after") ?? TimeSpan.FromSeconds(30),
        };
        return new ReadConnector(record, name is null ? null : reader.Find("connector_name"), ownClientId, config);
    }

    /// <summary>A name stands in log lines, tables, client ids and commands: two that look alike must be alike, and a line must stay one.</summary>
    private static void CheckName(Resolved name, Node node, LoadContext context)
    {
        foreach (Rune rune in name.Value.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator))
                continue;
            context.Fault(node, "a connector's name has no control characters", "leave them out");
            return;
        }

        if (name.Value.Length > 0 && (char.IsWhiteSpace(name.Value[0]) || char.IsWhiteSpace(name.Value[^1])))
            context.Fault(node, "a connector's name does not begin or end with a blank", name.IsSecret ? "leave it out" : "write " + Shown.Quote(name.Value.Trim()));
    }

    private static WindowConfig Window(ObjectReader reader)
    {
        var window = new WindowConfig();
        return window with
        {
            MaxMessages = (int)(reader.Number("max_inflight_messages") ?? window.MaxMessages),
            MaxBytes = reader.Number("max_inflight_bytes") ?? window.MaxBytes,
        };
    }

    /// <summary>RobustMQ's API gives a text, "-" for none; its file a number.</summary>
    private static long? BrokerId(ObjectReader reader)
    {
        if (reader.Find("broker_id") is not { Kind: NodeKind.Text } text)
            return reader.Number("broker_id");
        if (text.Value is "-" or "")
            return null;
        return long.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long id) ? id : reader.Number("broker_id");
    }

    private static DateTimeOffset? Time(string name, ObjectReader reader, LoadContext context)
    {
        if (reader.Find(name) is not { Kind: NodeKind.Text } text)
            return reader.Number(name) is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParseExact(text.Value, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, Utc, out DateTimeOffset time))
            return time;
        context.WrongType(text, reader.Key(name).Expects);
        return null;
    }
}
