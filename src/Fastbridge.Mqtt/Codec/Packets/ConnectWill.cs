using System.Collections.Immutable;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>The will in a CONNECT [3.1.2.5, 3.1.3.2]. Properties are left out in 3.1.1.</summary>
internal sealed record ConnectWill(string Topic, ReadOnlyMemory<byte> Payload)
{
    public QoS QoS { get; init; }

    public bool Retain { get; init; }

    /// <summary>Seconds [3.1.3.2.2]; absent means 0.</summary>
    public uint? DelayInterval { get; init; }

    /// <summary>0 bytes, 1 UTF-8 [3.1.3.2.3].</summary>
    public byte? PayloadFormatIndicator { get; init; }

    /// <summary>Seconds [3.1.3.2.4].</summary>
    public uint? MessageExpiryInterval { get; init; }

    public string? ContentType { get; init; }

    public string? ResponseTopic { get; init; }

    public ReadOnlyMemory<byte>? CorrelationData { get; init; }

    public ImmutableArray<UserProperty> UserProperties { get; init; } = [];

    internal void Write(ref PacketWriter writer, MqttVersion version)
    {
        if (version == MqttVersion.V5)
        {
            int start = writer.BeginProperties();
            writer.Property(PropertyId.WillDelayInterval, DelayInterval);
            writer.Property(PropertyId.PayloadFormatIndicator, PayloadFormatIndicator);
            writer.Property(PropertyId.MessageExpiryInterval, MessageExpiryInterval);
            writer.Property(PropertyId.ContentType, ContentType);
            writer.Property(PropertyId.ResponseTopic, ResponseTopic);
            writer.Property(PropertyId.CorrelationData, CorrelationData);
            writer.Properties(UserProperties);
            writer.EndProperties(start);
        }

        writer.WriteUtf8(Topic, "Will.Topic");
        writer.WriteBinary(Payload.Span, "Will.Payload");
    }
}
