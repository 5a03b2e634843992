using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>
/// A PUBLISH as received [3.3]. Nothing is copied: every span points into the receive buffer (or, for a topic named by an alias,
/// into the session's alias table) and is valid until the callback that was given the packet returns.
/// </summary>
public readonly ref struct PublishPacket
{
    /// <summary>A packet without properties, from what stands on the wire.</summary>
    internal PublishPacket(byte firstByte, ushort packetId, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        // [3.3.1] 3 DUP, 2-1 QoS, 0 RETAIN
        Dup = (firstByte & 8) != 0;
        QoS = (QoS)(firstByte >> 1 & 3);
        Retain = (firstByte & 1) != 0;
        PacketId = packetId;
        Topic = topic;
        Payload = payload;
    }

    /// <summary>The sender says that it may have sent this before [3.3.1.1].</summary>
    public bool Dup { get; init; }

    /// <summary>The QoS of this delivery [3.3.1.2].</summary>
    public QoS QoS { get; init; }

    /// <summary>The RETAIN flag as received [3.3.1.3].</summary>
    public bool Retain { get; init; }

    /// <summary>The packet identifier [3.3.2.2]; 0 at QoS 0.</summary>
    public ushort PacketId { get; init; }

    /// <summary>The topic name, checked UTF-8 without wildcards [3.3.2.1]; an alias has already been resolved by the session.</summary>
    public ReadOnlySpan<byte> Topic { get; init; }

    /// <summary>The MQTT 5 properties [3.3.2.3], checked; empty in 3.1.1.</summary>
    public PublishProperties Properties { get; init; }

    /// <summary>The application message; any bytes, also none [3.3.3].</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The same message with the topic that its alias stands for; <paramref name="topic"/> must live as long as the packet.</summary>
    internal PublishPacket WithTopic(ReadOnlySpan<byte> topic) => new()
    {
        Dup = Dup,
        QoS = QoS,
        Retain = Retain,
        PacketId = PacketId,
        Topic = topic,
        Properties = Properties,
        Payload = Payload,
    };

    internal PublishPacket WithoutPayload() => new()
    {
        Dup = Dup,
        QoS = QoS,
        Retain = Retain,
        PacketId = PacketId,
        Topic = Topic,
        Properties = Properties,
    };
}
