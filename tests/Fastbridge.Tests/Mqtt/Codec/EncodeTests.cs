using System.Buffers;
using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Codec;

/// <summary>What the encoders write, read back by <see cref="ServerCodec"/>, which shares no line with them.</summary>
public class EncodeTests
{
    private const MqttVersion V311 = MqttVersion.V311;
    private const MqttVersion V5 = MqttVersion.V5;
    private static readonly UserProperty[] User = [new("k", "v"), new("k", "ü😀"), new("", "")];

    [Theory]
    [InlineData(V311)]
    [InlineData(V5)]
    public void connect_carries_everything(MqttVersion version)
    {
        ConnectPacket packet = new()
        {
            ClientId = "gateway-17",
            CleanStart = true,
            KeepAlive = 300,
            Username = "ü",
            Password = new byte[] { 0, 255 },
            SessionExpiryInterval = uint.MaxValue,
            ReceiveMaximum = 10_000,
            MaximumPacketSize = 1_000_000,
            TopicAliasMaximum = 16,
            RequestResponseInformation = true,
            RequestProblemInformation = false,
            UserProperties = [.. User],
            AuthenticationMethod = "SCRAM",
            AuthenticationData = new byte[] { 1, 2 },
            Will = new ConnectWill("last/will", new byte[] { 7 })
            {
                QoS = QoS.ExactlyOnce,
                Retain = true,
                DelayInterval = 5,
                PayloadFormatIndicator = 1,
                MessageExpiryInterval = 6,
                ContentType = "t",
                ResponseTopic = "r/t",
                CorrelationData = new byte[] { 8, 9 },
                UserProperties = [.. User],
            },
        };
        ClientConnect read = ServerCodec.DecodeConnect(Written(packet, version));
        Assert.Equal(("MQTT", (byte)version, 0b1111_0110, (ushort)300), (read.Protocol, read.Version, read.Flags, read.KeepAlive));
        Assert.Equal(("gateway-17", "ü"), (read.ClientId, read.Username));
        Assert.Equal([0, 255], read.Password!);
        Assert.Equal(("last/will", 2, true), (read.Will!.Topic, read.Will.QoS, read.Will.Retain));
        Assert.Equal([7], read.Will.Payload);
        if (version == V311)
        {
            Assert.Equal((0, 0), (read.Properties.Count, read.Will.Properties.Count));
            return;
        }

        Assert.Equal((uint.MaxValue, 10_000u, 1_000_000u, 16u), (read.Properties.Number(0x11), read.Properties.Number(0x21), read.Properties.Number(0x27), read.Properties.Number(0x22)));
        Assert.Equal((1u, 0u, "SCRAM"), (read.Properties.Number(0x19), read.Properties.Number(0x17), read.Properties.Text(0x15)));
        Assert.Equal(new byte[] { 1, 2 }, read.Properties[0x16]);
        Assert.Equal(User.Select(u => (u.Key, u.Value)), read.Properties.User);
        WireProperties will = read.Will.Properties;
        Assert.Equal((5u, 1u, 6u, "t", "r/t"), (will.Number(0x18), will.Number(0x01), will.Number(0x02), will.Text(0x03), will.Text(0x08)));
        Assert.Equal(new byte[] { 8, 9 }, will[0x09]);
        Assert.Equal(User.Select(u => (u.Key, u.Value)), will.User);
    }

    [Theory]
    [InlineData(V311, "100E00044D515454040000 3C00026964")]
    [InlineData(V5, "100F00044D515454050000 3C0000026964")]
    public void a_plain_connect_is_as_short_as_can_be(MqttVersion version, string hex) =>
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Hex(new ConnectPacket { ClientId = "id", KeepAlive = 60 }, version));

    [Theory]
    [InlineData(V311)]
    [InlineData(V5)]
    public void publish_carries_everything(MqttVersion version)
    {
        OutgoingPublish message = new("a/ü", new byte[] { 0, 1, 2 })
        {
            QoS = QoS.AtLeastOnce,
            Retain = true,
            PayloadFormatIndicator = 0,
            MessageExpiryInterval = 60,
            TopicAlias = 3,
            ResponseTopic = "r",
            CorrelationData = new byte[] { 4 },
            ContentType = "t",
            UserProperties = [.. User],
        };
        ClientPublish read = ServerCodec.DecodePublish(Written(new PublishSending(message, 65_535, Dup: true), version), version);
        Assert.Equal(("a/ü", 1, true, true, (ushort)65_535), (read.Topic, read.QoS, read.Retain, read.Dup, read.PacketId));
        Assert.Equal([0, 1, 2], read.Payload);
        Assert.Equal(version == V5 ? 9 : 0, read.Properties.Count);
        if (version == V5)
        {
            Assert.Equal((0u, 60u, 3u, "r", "t"), (read.Properties.Number(1), read.Properties.Number(2), read.Properties.Number(0x23), read.Properties.Text(8), read.Properties.Text(3)));
            Assert.Equal(User.Select(u => (u.Key, u.Value)), read.Properties.User);
        }
    }

    // 127 and 128, 16,383 and 16,384 ...: where the remaining length and the property length grow by a byte.
    [Theory]
    [InlineData(100)]
    [InlineData(120)]
    [InlineData(121)]
    [InlineData(122)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(16_370)]
    [InlineData(16_376)]
    [InlineData(16_377)]
    [InlineData(16_378)]
    [InlineData(65_535)]
    public void lengths_are_right_where_they_grow(int size)
    {
        string text = new('x', size);
        OutgoingPublish message = new("t", new byte[size]) { UserProperties = [new UserProperty("", text)] };
        ClientPublish read = ServerCodec.DecodePublish(Written(new PublishSending(message, 0), V5), V5);
        Assert.Equal([("", text)], read.Properties.User);
        Assert.Equal(size, read.Payload.Length);
    }

    [Theory]
    [InlineData(V311)]
    [InlineData(V5)]
    public void subscribe_carries_filters_and_options(MqttVersion version)
    {
        SubscribePacket packet = new(12, [new SubscribeFilter("a/+/#", QoS.ExactlyOnce, 1, NoLocal: true, RetainAsPublished: true), new SubscribeFilter("$share/g/b", QoS.AtLeastOnce, 2)])
        {
            SubscriptionIdentifier = 268_435_455,
            UserProperties = [.. User],
        };
        ClientSubscribe read = ServerCodec.DecodeSubscribe(Written(packet, version), version);
        Assert.Equal(12, read.PacketId);
        Assert.Equal([("a/+/#", (byte)(version == V5 ? 0b01_1110 : 2)), ("$share/g/b", (byte)(version == V5 ? 0b10_0001 : 1))], read.Filters);
        Assert.Equal(version == V5 ? 268_435_455u : null, read.Properties.Number(0x0B));
        Assert.Equal(version == V5 ? 3 : 0, read.Properties.User.Count());
    }

    [Theory]
    [InlineData(V311)]
    [InlineData(V5)]
    public void unsubscribe_carries_filters(MqttVersion version)
    {
        ClientUnsubscribe read = ServerCodec.DecodeUnsubscribe(Written(new UnsubscribePacket(13, ["a", "b/#"]) { UserProperties = [.. User] }, version), version);
        Assert.Equal(["a", "b/#"], read.Filters);
        Assert.Equal((13, version == V5 ? 3 : 0), (read.PacketId, read.Properties.Count));
    }

    [Fact]
    public void disconnect_says_as_much_as_is_needed()
    {
        Assert.Equal("E000", Hex(new DisconnectPacket(ReasonCode.Success), V5));
        Assert.Equal("E000", Hex(new DisconnectPacket(ReasonCode.ProtocolError), V311));
        Assert.Equal("E00182", Hex(new DisconnectPacket(ReasonCode.ProtocolError), V5));
        ClientDisconnect read = ServerCodec.DecodeDisconnect(
            Written(new DisconnectPacket(ReasonCode.Success) { SessionExpiryInterval = 0, ReasonString = "bye", UserProperties = [.. User] }, V5));
        Assert.Equal(((byte)0, 0u, "bye", 3), (read.Code, read.Properties.Number(0x11), read.Properties.Text(0x1F), read.Properties.User.Count()));
    }

    [Fact]
    public void auth_names_method_and_data()
    {
        ClientAuth read = ServerCodec.DecodeAuth(Written(new AuthPacket(ReasonCode.ContinueAuthentication, "SCRAM") { AuthenticationData = new byte[] { 1 } }, V5));
        Assert.Equal(((byte)0x18, "SCRAM"), (read.Code, read.Properties.Text(0x15)));
        Assert.Equal(new byte[] { 1 }, read.Properties[0x16]);
    }

    [Fact]
    public void pingreq_is_two_bytes() => Assert.Equal("C000", Convert.ToHexString(PingPacket.Request));

    [Theory]
    [InlineData(PacketType.PubAck, 0x40)]
    [InlineData(PacketType.PubRec, 0x50)]
    [InlineData(PacketType.PubRel, 0x62)]
    [InlineData(PacketType.PubComp, 0x70)]
    public void acks_are_four_bytes_and_five_with_a_code(PacketType type, byte first)
    {
        byte[] bytes = new byte[AckPacket.MaxLength];
        Assert.Equal(4, AckPacket.Write(bytes, type, 0x1234, ReasonCode.Success, V5));
        Assert.Equal([first, 2, 0x12, 0x34], bytes[..4]);
        Assert.Equal(4, AckPacket.Write(bytes, type, 0x1234, ReasonCode.PacketIdentifierNotFound, V311));
        Assert.Equal([first, 2, 0x12, 0x34], bytes[..4]);
        Assert.Equal(5, AckPacket.Write(bytes, type, 0x1234, ReasonCode.PacketIdentifierNotFound, V5));
        Assert.Equal([first, 3, 0x12, 0x34, 0x92], bytes);
    }

    [Fact]
    public void a_run_of_acks_keeps_its_order()
    {
        byte[] bytes = new byte[12];
        Assert.Equal(12, AckPacket.WriteRun(bytes, PacketType.PubAck, [3, 1, 65_535]));
        Assert.Equal([3, 1, 65_535], ServerCodec.SplitAll(bytes).Select(p => (int)ServerCodec.DecodeAck(p).PacketId));
    }

    [Fact]
    public void what_mqtt_cannot_carry_is_refused_with_the_field_named()
    {
        Refused(new ConnectPacket { ClientId = "a\0b" }, V5, "ClientId");
        Refused(new ConnectPacket { ClientId = "a", Username = "\uD800" }, V5, "Username");
        Refused(new ConnectPacket { ClientId = new string('x', 65_536) }, V5, "ClientId");
        Refused(new ConnectPacket { ClientId = "a", Password = new byte[1] }, V311, "MQTT-3.1.2-22");
        Refused(new ConnectPacket(), V311, "MQTT-3.1.3-7");
        Refused(new ConnectPacket { ReceiveMaximum = 0 }, V5, "ReceiveMaximum");
        Refused(new ConnectPacket { MaximumPacketSize = 0 }, V5, "MaximumPacketSize");
        Refused(new PublishSending(new OutgoingPublish("a/#", default), 0), V5, "MQTT-3.3.2-2");
        Refused(new PublishSending(new OutgoingPublish("", default), 0), V5, "MQTT-4.7.3-1");
        Refused(new PublishSending(new OutgoingPublish("a", default), 1), V5, "MQTT-2.2.1-2");
        Refused(new PublishSending(new OutgoingPublish("a", default) { QoS = QoS.AtLeastOnce }, 0), V5, "MQTT-2.2.1-2");
        Refused(new PublishSending(new OutgoingPublish("a", default), 0, Dup: true), V5, "DUP");
        Refused(new SubscribePacket(1, []), V5, "MQTT-3.8.3-2");
        Refused(new SubscribePacket(0, [new SubscribeFilter("a", QoS.AtMostOnce)]), V5, "MQTT-2.2.1-3");
        Refused(new SubscribePacket(1, [new SubscribeFilter("$share/g/a", QoS.AtMostOnce, NoLocal: true)]), V5, "MQTT-3.8.3-4");
        Refused(new UnsubscribePacket(1, []), V5, "MQTT-3.10.3-2");
        Refused(new AuthPacket(ReasonCode.Success, "m"), V311, "AUTH");
    }

    private static void Refused<T>(T packet, MqttVersion version, string names)
        where T : IClientPacket
    {
        ArrayBufferWriter<byte> output = new();
        ArgumentException fault = Assert.Throws<ArgumentException>(() => PacketEncoder.Write(output, packet, version));
        Assert.Contains(names, fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, output.WrittenCount);
    }

    private static ClientPacket Written<T>(T packet, MqttVersion version)
        where T : IClientPacket => Assert.Single(ServerCodec.SplitAll(Convert.FromHexString(Hex(packet, version))));

    internal static string Hex<T>(T packet, MqttVersion version)
        where T : IClientPacket
    {
        ArrayBufferWriter<byte> output = new();
        int written = PacketEncoder.Write(output, packet, version);
        Assert.Equal((output.WrittenCount, output.WrittenCount), (written, PacketEncoder.Measure(packet, version)));
        return Convert.ToHexString(output.WrittenSpan);
    }
}
