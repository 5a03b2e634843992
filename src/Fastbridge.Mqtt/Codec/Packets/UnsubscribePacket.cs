using System.Collections.Immutable;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>UNSUBSCRIBE [3.10].</summary>
internal sealed record UnsubscribePacket(ushort PacketId, ImmutableArray<string> Filters) : IClientPacket
{
    public ImmutableArray<UserProperty> UserProperties { get; init; } = [];

    // [MQTT-3.10.1-1] flags 0b0010
    public byte FirstByte => (byte)PacketType.Unsubscribe << 4 | 2;

    public void WriteBody(ref PacketWriter writer, MqttVersion version)
    {
        if (PacketId == 0)
            throw PacketWriter.Refused(nameof(PacketId), "a packet identifier is not 0 [MQTT-2.2.1-3]");
        if (Filters.IsDefaultOrEmpty)
            throw PacketWriter.Refused(nameof(Filters), "an UNSUBSCRIBE has at least one filter [MQTT-3.10.3-2]");
        writer.WriteUInt16(PacketId);
        if (version == MqttVersion.V5)
        {
            int start = writer.BeginProperties();
            writer.Properties(UserProperties);
            writer.EndProperties(start);
        }

        foreach (string filter in Filters)
            writer.WriteUtf8(filter, nameof(Filters));
    }
}
