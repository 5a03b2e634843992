using System.Text;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads <c>mqtt.will</c>.</summary>
internal static class WillReader
{
    public static MqttWill? Read(ObjectReader mqtt, bool complete, LoadContext context)
    {
        if (mqtt.Object("will") is not { } node)
            return null;
        var reader = new ObjectReader(node, KeySection.Will, context);
        if (complete)
            reader.Require("topic");
        string? topic = MqttReader.WireText(reader, "topic", context);
        // [MQTT-4.7.1-1]: a topic that is published to has no wildcards.
        if (topic?.AsSpan().IndexOfAny('+', '#') >= 0)
            context.Fault(reader.Find("topic")!, "a will is published to one topic, without + and #");
        Resolved? payload = reader.Text("payload");
        byte[] bytes = Encoding.UTF8.GetBytes(payload?.Value ?? "");
        if (bytes.Length > ushort.MaxValue)
            context.Fault(reader.Find("payload")!, "is longer than the 65535 bytes that a will can carry");
        return new MqttWill(
            topic ?? "",
            bytes,
            (QoS)(reader.Number("qos") ?? 0),
            reader.Flag("retain") ?? false,
            (uint)(reader.Number("delay_interval") ?? 0));
    }
}
