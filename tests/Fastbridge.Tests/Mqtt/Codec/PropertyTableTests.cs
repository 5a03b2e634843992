using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Codec;

/// <summary>Table 2-4 [2.2.2.2], checked through the reader: every identifier in every packet, once and twice.</summary>
public class PropertyTableTests
{
    // The table again, by packet, as the sections on each packet list their properties: a second source for the same facts.
    private static readonly Dictionary<PacketType, int[]> Sections = new()
    {
        [PacketType.None] = [0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26], // will, 3.1.3.2
        [PacketType.Connect] = [0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27],
        [PacketType.ConnAck] = [0x11, 0x12, 0x13, 0x15, 0x16, 0x1A, 0x1C, 0x1F, 0x21, 0x22, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A],
        [PacketType.Publish] = [0x01, 0x02, 0x03, 0x08, 0x09, 0x0B, 0x23, 0x26],
        [PacketType.PubAck] = [0x1F, 0x26],
        [PacketType.PubRec] = [0x1F, 0x26],
        [PacketType.PubRel] = [0x1F, 0x26],
        [PacketType.PubComp] = [0x1F, 0x26],
        [PacketType.Subscribe] = [0x0B, 0x26],
        [PacketType.SubAck] = [0x1F, 0x26],
        [PacketType.Unsubscribe] = [0x26],
        [PacketType.UnsubAck] = [0x1F, 0x26],
        [PacketType.PingReq] = [],
        [PacketType.PingResp] = [],
        [PacketType.Disconnect] = [0x11, 0x1C, 0x1F, 0x26],
        [PacketType.Auth] = [0x15, 0x16, 0x1F, 0x26],
    };

    public static TheoryData<PacketType> Packets => [.. Enum.GetValues<PacketType>()];

    [Theory]
    [MemberData(nameof(Packets))]
    public void a_property_stands_only_where_the_table_says(PacketType packet)
    {
        for (int id = 0; id < 300; id++)
        {
            bool allowed = Sections[packet].Contains(id);
            byte[] property = Sample(id);
            ProtocolViolation? once = Read(property, packet), twice = Read([.. property, .. property], packet);
            if (!allowed)
            {
                Assert.Equal("2.2.2.2", once?.Rule.Statement);
                continue;
            }

            // [MQTT-3.14.2-2]: the table allows it in a DISCONNECT, but not from a server.
            Violation? other = id == 0x11 && packet == PacketType.Disconnect ? Violations.DisconnectSessionExpiry : null;
            Assert.Same(other, once?.Rule);
            bool repeatable = id == 0x26 || (id == 0x0B && packet == PacketType.Publish);
            Assert.Same(other ?? (repeatable ? null : Violations.PropertyRepeated), twice?.Rule);
        }
    }

    [Fact]
    public void properties_made_by_hand_and_read_agree_on_what_is_empty()
    {
        PublishProperties none = default, format = new() { PayloadFormatIndicator = 0 }, typed = new() { HasContentType = true }, said = new() { IsEmpty = true };
        Assert.True(none.IsEmpty && said.IsEmpty);
        Assert.False(format.IsEmpty || typed.IsEmpty);
        Assert.Equal((-1, -1L, (ushort)0), (none.PayloadFormatIndicator, none.MessageExpiryInterval, none.TopicAlias));
        Assert.Equal((0, -1L), (format.PayloadFormatIndicator, format.MessageExpiryInterval));
    }

    private static ProtocolViolation? Read(byte[] section, PacketType packet)
    {
        PropertyReader reader = new(section, packet);
        while (reader.MoveNext())
            Assert.True(reader.Id > 0);
        return reader.Violation;
    }

    private static byte[] Sample(int id) => id switch
    {
        0x01 or 0x17 or 0x19 or 0x24 or 0x25 or 0x28 or 0x29 or 0x2A => ServerPackets.ByteProperty(id, 1),
        0x13 or 0x21 or 0x22 or 0x23 => ServerPackets.UInt16Property(id, 1),
        0x02 or 0x11 or 0x18 or 0x27 => ServerPackets.UInt32Property(id, 1),
        0x0B => ServerPackets.VariableProperty(id, 200),
        0x26 => ServerPackets.UserProperty("k", "v"),
        < 128 => ServerPackets.TextProperty(id, "text"),
        _ => [.. ServerPackets.VariableByteInteger(id), 0],
    };
}
