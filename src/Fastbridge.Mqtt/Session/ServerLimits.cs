using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Session;

/// <summary>What the server allows and decides for one connection, from its CONNACK [3.2.2.3]; what it did not say has the specification's meaning.</summary>
/// <param name="ReceiveMaximum">QoS 1 and 2 publishes of ours that may stand unacknowledged.</param>
/// <param name="MaximumQoS">We publish at no higher QoS [MQTT-3.2.2-11].</param>
/// <param name="MaximumPacketSize">We send no longer packet [MQTT-3.2.2-15].</param>
/// <param name="KeepAlive">Seconds, the server's where it named one [MQTT-3.2.2-21].</param>
/// <param name="SessionExpiry">Seconds, the server's where it named one [3.2.2.3.2]; in 3.1.1 without clean session: for ever.</param>
internal sealed record ServerLimits(
    int ReceiveMaximum,
    QoS MaximumQoS,
    bool RetainAvailable,
    uint MaximumPacketSize,
    bool WildcardAvailable,
    bool SharedAvailable,
    int KeepAlive,
    uint SessionExpiry)
{
    /// <summary>
    /// 10,000: 3.1.1 has no Receive Maximum. More in flight would speed nothing up, and memory for what may have to be sent again is ours to bound.
    /// </summary>
    public const int InFlight311 = 10_000;

    /// <summary>
    /// 10: half of what mosquitto holds of one 3.1.1 client. At its limit of 20 unreleased QoS 2 messages mosquitto 2.0.11 answers the next QoS 1 message with
    /// PUBACK and drops it.
    /// </summary>
    public const int ExactlyOnceInFlight311 = 10;

    /// <summary>QoS 2 publishes of ours that may stand unacknowledged.</summary>
    public int ExactlyOnceMaximum { get; init; } = int.MaxValue;

    public static ServerLimits From(ConnAckPacket packet, MqttClientOptions options)
    {
        bool v5 = options.Version == MqttVersion.V5;
        uint expiry = v5 ? options.SessionExpiryInterval : options.CleanStart ? 0 : uint.MaxValue;
        return new ServerLimits(
            packet.ReceiveMaximum ?? (v5 ? 65_535 : InFlight311),
            packet.MaximumQoS ?? QoS.ExactlyOnce,
            packet.RetainAvailable ?? true,
            packet.MaximumPacketSize ?? uint.MaxValue,
            packet.WildcardSubscriptionAvailable ?? true,
            packet.SharedSubscriptionAvailable ?? true,
            packet.ServerKeepAlive ?? options.KeepAlive,
            packet.SessionExpiryInterval ?? expiry)
        { ExactlyOnceMaximum = v5 ? int.MaxValue : ExactlyOnceInFlight311 };
    }
}
