using System.Collections.Immutable;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>A message to be published [3.3]: kept by the session until it is acknowledged. Properties are left out in 3.1.1.</summary>
/// <param name="Topic">Topic name without wildcards; empty only with <see cref="TopicAlias"/>.</param>
/// <param name="Payload">The caller leaves these bytes alone until the message is acknowledged (QoS 0: written).</param>
public sealed record OutgoingPublish(string Topic, ReadOnlyMemory<byte> Payload)
{
    public QoS QoS { get; init; }

    public bool Retain { get; init; }

    /// <summary>0 bytes, 1 UTF-8 [3.3.2.3.2].</summary>
    public byte? PayloadFormatIndicator { get; init; }

    /// <summary>Seconds [3.3.2.3.3].</summary>
    public uint? MessageExpiryInterval { get; init; }

    /// <summary>Not above the server's maximum [MQTT-3.3.2-9]; never 0.</summary>
    public ushort? TopicAlias { get; init; }

    public string? ResponseTopic { get; init; }

    public ReadOnlyMemory<byte>? CorrelationData { get; init; }

    public string? ContentType { get; init; }

    public ImmutableArray<UserProperty> UserProperties { get; init; } = [];
}

/// <summary>One sending of an <see cref="OutgoingPublish"/>.</summary>
/// <param name="PacketId">0 at QoS 0 [MQTT-2.2.1-2], not 0 above.</param>
/// <param name="Dup">It may have been sent before; false at QoS 0 [MQTT-3.3.1-2].</param>
internal readonly record struct PublishSending(OutgoingPublish Message, ushort PacketId, bool Dup = false) : IClientPacket
{
    // [3.3.1] 7-4 type, 3 DUP, 2-1 QoS, 0 RETAIN
    public byte FirstByte => (byte)((int)PacketType.Publish << 4 | (Dup ? 8 : 0) | (int)Message.QoS << 1 | (Message.Retain ? 1 : 0));

    public void WriteBody(ref PacketWriter writer, MqttVersion version)
    {
        OutgoingPublish message = Message;
        Check(message, version);
        // [3.3.2] topic, packet identifier (QoS 1, 2), properties (5.0); then the payload
        writer.WriteUtf8(message.Topic, nameof(message.Topic));
        if (message.QoS != QoS.AtMostOnce)
            writer.WriteUInt16(PacketId);
        if (version == MqttVersion.V5)
        {
            int start = writer.BeginProperties();
            writer.Property(PropertyId.PayloadFormatIndicator, message.PayloadFormatIndicator);
            writer.Property(PropertyId.MessageExpiryInterval, message.MessageExpiryInterval);
            writer.Property(PropertyId.TopicAlias, message.TopicAlias);
            writer.Property(PropertyId.ResponseTopic, message.ResponseTopic);
            writer.Property(PropertyId.CorrelationData, message.CorrelationData);
            writer.Properties(message.UserProperties);
            writer.Property(PropertyId.ContentType, message.ContentType);
            writer.EndProperties(start);
        }

        writer.WriteRaw(message.Payload.Span);
    }

    private void Check(OutgoingPublish message, MqttVersion version)
    {
        if (message.Topic.AsSpan().ContainsAny('+', '#'))
            throw PacketWriter.Refused(nameof(message), $"a topic name has no wildcard [MQTT-3.3.2-2]: '{message.Topic}'");
        if (message.Topic.Length == 0 && (version == MqttVersion.V311 || message.TopicAlias is null))
            throw PacketWriter.Refused(nameof(message), "a topic name is not empty [MQTT-4.7.3-1]");
        if (message.TopicAlias == 0)
            throw PacketWriter.Refused(nameof(message), "a topic alias is not 0 [MQTT-3.3.2-8]");
        if (message.ResponseTopic.AsSpan().ContainsAny('+', '#'))
            throw PacketWriter.Refused(nameof(message), $"a response topic has no wildcard [MQTT-3.3.2-14]: '{message.ResponseTopic}'");
        if (message.QoS == QoS.AtMostOnce ? PacketId != 0 || Dup : PacketId == 0)
            throw PacketWriter.Refused(nameof(message), "packet identifier 0 and no DUP at QoS 0, an identifier above it [MQTT-2.2.1-2, -3]");
    }
}
