using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Source;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Settings of the MQTT session that are allowed and lose messages, or that have no effect in the version asked for.</summary>
internal static class SessionWarnings
{
    private static readonly string[] OnlyIn5 =
        ["session_expiry_interval", "receive_maximum", "topic_alias_maximum", "maximum_packet_size", "retain_handling", "follow_server_reference"];

    /// <param name="qosAt">Where the QoS is written; null where nowhere.</param>
    /// <param name="buffered">The connector has a disk buffer.</param>
    public static void Check(MqttSettings mqtt, QoS qos, Node? qosAt, bool buffered, LoadContext context)
    {
        Node? Written(string key) => mqtt.Node?.Find(key);

        if (qos == QoS.AtMostOnce && !buffered && (qosAt ?? Written("qos")) is { } unsafely)
            context.Warn(unsafely, "no broker keeps QoS 0 messages for us: what comes is lost while Kafka is away and the window is full", "ask for QoS 1, or give the connector a \"buffer\"");

        if (qos > QoS.AtMostOnce)
        {
            const string Lost = "what the broker queues while the bridge is away is lost, also at QoS 1 and 2";
            if (mqtt.Options.CleanStart && Written("clean_start") is { } clean)
                context.Warn(clean, Lost, "leave clean_start out");
            if (mqtt.Options is { Version: MqttVersion.V5, SessionExpiryInterval: 0 } && Written("session_expiry_interval") is { } expiry)
                context.Warn(expiry, Lost, "leave session_expiry_interval out, or set it to the longest absence in seconds");
        }

        if (mqtt.Options.Version != MqttVersion.V311 || Written("protocol_version") is not { } version)
            return;
        foreach (string key in OnlyIn5)
        {
            // A connector that goes back to 3.1.1 inherits the file's keys for the others: only what stands beside the version is a mistake.
            if (Written(key) is { } unused && ReferenceEquals(unused.Parent, version.Parent))
                context.Warn(unused, "has no effect in MQTT 3.1.1", "remove it, or set protocol_version to 5");
        }
    }
}
