using System.Collections.Immutable;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>A filter with its options [3.8.3.1]. The last three are 5.0's and left out in 3.1.1.</summary>
/// <param name="RetainHandling">0 send retained messages, 1 only for a new subscription, 2 never.</param>
internal readonly record struct SubscribeFilter(string Filter, QoS QoS, byte RetainHandling = 0, bool NoLocal = false, bool RetainAsPublished = false);

/// <summary>SUBSCRIBE [3.8].</summary>
internal sealed record SubscribePacket(ushort PacketId, ImmutableArray<SubscribeFilter> Filters) : IClientPacket
{
    /// <summary>1 to 268,435,455 [3.8.2.1.2].</summary>
    public int? SubscriptionIdentifier { get; init; }

    public ImmutableArray<UserProperty> UserProperties { get; init; } = [];

    // [MQTT-3.8.1-1] flags 0b0010
    public byte FirstByte => (byte)PacketType.Subscribe << 4 | 2;

    public void WriteBody(ref PacketWriter writer, MqttVersion version)
    {
        if (PacketId == 0)
            throw PacketWriter.Refused(nameof(PacketId), "a packet identifier is not 0 [MQTT-2.2.1-3]");
        if (Filters.IsDefaultOrEmpty)
            throw PacketWriter.Refused(nameof(Filters), "a SUBSCRIBE has at least one filter [MQTT-3.8.3-2]");
        writer.WriteUInt16(PacketId);
        if (version == MqttVersion.V5)
        {
            int start = writer.BeginProperties();
            if (SubscriptionIdentifier is { } identifier)
            {
                if (identifier == 0)
                    throw PacketWriter.Refused(nameof(SubscriptionIdentifier), "0 is forbidden [3.8.2.1.2]");
                writer.WriteByte((byte)PropertyId.SubscriptionIdentifier);
                writer.WriteVariableByteInteger(identifier);
            }

            writer.Properties(UserProperties);
            writer.EndProperties(start);
        }

        foreach (SubscribeFilter filter in Filters)
        {
            writer.WriteUtf8(filter.Filter, nameof(SubscribeFilter.Filter));
            writer.WriteByte(Options(filter, version));
        }
    }

    // [3.8.3.1] 7-6 reserved, 5-4 retain handling, 3 retain as published, 2 no local, 1-0 QoS
    private static byte Options(SubscribeFilter filter, MqttVersion version)
    {
        int options = (int)filter.QoS;
        if (version == MqttVersion.V311)
            return (byte)options;
        if (filter.RetainHandling > 2)
            throw PacketWriter.Refused(nameof(filter), "Retain Handling is 0, 1 or 2 [3.8.3.1]");
        if (filter.NoLocal && filter.Filter.StartsWith("$share/", StringComparison.Ordinal))
            throw PacketWriter.Refused(nameof(filter), "No Local is forbidden on a shared subscription [MQTT-3.8.3-4]");
        options |= filter.RetainHandling << 4 | (filter.RetainAsPublished ? 8 : 0) | (filter.NoLocal ? 4 : 0);
        return (byte)options;
    }
}
