using System.Text;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Source;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads <c>status_topic</c>: where the bridge tells of itself, over a connection of its own with the file's <c>mqtt</c>.</summary>
internal static class StatusTopicReader
{
    private const string Key = "status_topic";
    private const string Placeholder = "${client_id}";

    /// <summary>Behind the file's client id. Connectors' ids go on with <c>-</c>, so no connector's name leads to this one.</summary>
    private const string Suffix = ".status";

    /// <param name="file">The file's object.</param>
    /// <param name="mqtt">Its <c>mqtt</c>; null where it has none.</param>
    public static StatusTopicConfig? Read(ObjectReader file, MqttSettings? mqtt, IReadOnlyList<ReadConnector> connectors, LoadContext context)
    {
        if (MqttReader.WireText(file, Key, context) is not { } text)
            return null;
        Node node = file.Find(Key)!;
        string prefix = mqtt?.ClientId ?? ClientIds.DefaultPrefix(context.Environment);
        string topic = text.Replace(Placeholder, prefix, StringComparison.Ordinal);
        string clientId = prefix + Suffix;
        MqttClientOptions options = mqtt?.Options ?? new MqttClientOptions();
        if (topic.Contains("${", StringComparison.Ordinal))
            context.Fault(node, $"only {Placeholder} may be filled in here", "write the rest of the topic as it stands");
        else if (topic.AsSpan().ContainsAny('+', '#', '\0'))
            context.Fault(node, "a topic that is published to has no + and no #", "name one topic, such as fastbridge/${client_id}/status");
        else if (Encoding.UTF8.GetByteCount(topic) > ushort.MaxValue || Encoding.UTF8.GetByteCount(clientId) > ushort.MaxValue)
            context.FaultWithoutValue(node, "with mqtt.client_id it is longer than the 65535 bytes that MQTT can carry", "shorten one of them");
        // [MQTT-3.1.2-22] (3.1.1): no password without a user name; connectors may have one of their own, this connection has none.
        if (options is { Version: MqttVersion.V311, Username: null, Password: not null })
            context.FaultWithoutValue(node, "MQTT 3.1.1 allows no password without a user name", "add mqtt.username, or set mqtt.protocol_version to 5");
        foreach (ReadConnector connector in connectors)
        {
            if (connector.Config.Mqtt.ClientId == clientId)
                context.Fault(connector.OwnClientId ?? connector.Node, "the connection of status_topic has this client id", "give the connector another client_id, or leave it out");
        }

        return new StatusTopicConfig(topic, options with { ClientId = clientId, CleanStart = true, SessionExpiryInterval = 0, Will = null, Subscriptions = [] });
    }
}
