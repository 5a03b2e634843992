using System.Collections.Immutable;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Source;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads <c>topic_id</c>: a filter or a list of them.</summary>
internal static class TopicFilterReader
{
    public static ImmutableArray<MqttSubscription> Read(ObjectReader connector, QoS qos, byte retainHandling, LoadContext context)
    {
        if (connector.Require("topic_id") is not { } node)
            return [];
        List<Node> items = node.Kind == NodeKind.List ? node.Items : [node];
        if (items.Count == 0)
            context.FaultWithoutValue(node, "the list is empty", "name a topic filter; \"status\": \"Stopped\" keeps a connector from running");
        if (node.Kind is not (NodeKind.List or NodeKind.Text))
        {
            context.WrongType(node, connector.Key("topic_id").Expects);
            return [];
        }

        var subscriptions = ImmutableArray.CreateBuilder<MqttSubscription>(items.Count);
        var seen = new Dictionary<string, Node>(StringComparer.Ordinal);
        foreach (Node item in items)
        {
            if (connector.Text(item, connector.Key("topic_id")) is not { } filter)
                continue;
            if (TopicFilter.Check(filter.Value) is { } fault)
                context.Fault(item, fault.Text, filter.IsSecret ? null : fault.Remedy);
            else if (!seen.TryAdd(filter.Value, item))
                context.Fault(item, $"the same filter as {seen[filter.Value].Path}", "remove one");
            subscriptions.Add(new MqttSubscription(filter.Value, qos, retainHandling));
        }

        return subscriptions.ToImmutable();
    }
}
