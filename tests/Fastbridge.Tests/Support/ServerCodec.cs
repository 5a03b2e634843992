using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Support;

/// <summary>A packet as a server reads it from a client: its first byte and what follows the remaining length.</summary>
internal sealed record ClientPacket(byte FirstByte, byte[] Body)
{
    public PacketType Type => (PacketType)(FirstByte / 16);

    public int Flags => FirstByte % 16;

    public WireReader Reader => new(Body);

    public override string ToString() => $"{Type} {FirstByte:X2} {Convert.ToHexString(Body)}";
}

/// <summary>
/// The server's side of MQTT for scripted brokers and round trips: decodes what a client sends (<c>Decode…</c>), written from the specification without a
/// line of the codec under test. <see cref="ServerPackets"/> is its other half.
/// </summary>
internal static class ServerCodec
{
    /// <summary>Splits one packet off the beginning of a stream's bytes; null when it is not all there.</summary>
    public static ClientPacket? Split(ReadOnlySpan<byte> stream, out int consumed)
    {
        consumed = 0;
        int length = 0, at = 1, factor = 1;
        while (true)
        {
            if (at >= stream.Length)
                return null;
            byte b = stream[at++];
            length += (b % 128) * factor;
            factor *= 128;
            if (b < 128)
                break;
            if (at > 4)
                throw new FormatException("remaining length of more than four bytes");
        }

        if (stream.Length - at < length)
            return null;
        consumed = at + length;
        return new ClientPacket(stream[0], stream.Slice(at, length).ToArray());
    }

    /// <summary>All packets in <paramref name="stream"/>; throws when the last is not whole.</summary>
    public static List<ClientPacket> SplitAll(ReadOnlySpan<byte> stream)
    {
        List<ClientPacket> packets = [];
        while (!stream.IsEmpty)
        {
            packets.Add(Split(stream, out int consumed) ?? throw new FormatException("the stream ends within a packet"));
            stream = stream[consumed..];
        }

        return packets;
    }

    /// <summary>Reads the next packet from a stream; null at its end between packets, EndOfStreamException within one.</summary>
    public static async Task<ClientPacket?> ReadAsync(Stream stream, CancellationToken cancellation = default)
    {
        byte[] one = new byte[1];
        if (await stream.ReadAsync(one, cancellation) == 0)
            return null;
        byte first = one[0];
        int length = 0, factor = 1;
        do
        {
            await stream.ReadExactlyAsync(one, cancellation);
            length += (one[0] % 128) * factor;
            factor *= 128;
        }
        while (one[0] >= 128);
        byte[] body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellation);
        return new ClientPacket(first, body);
    }

    public static ClientConnect DecodeConnect(ClientPacket packet)
    {
        Expect(packet, PacketType.Connect, 0);
        WireReader r = packet.Reader;
        string protocol = r.Text();
        byte version = r.Byte();
        byte flags = r.Byte();
        ushort keepAlive = r.UInt16();
        WireProperties properties = version == 5 ? WireProperties.Read(r) : WireProperties.None;
        string clientId = r.Text();
        ClientWill? will = null;
        if ((flags & 0x04) != 0)
        {
            WireProperties willProperties = version == 5 ? WireProperties.Read(r) : WireProperties.None;
            will = new ClientWill(r.Text(), r.Binary(), (flags >> 3) & 3, (flags & 0x20) != 0, willProperties);
        }

        string? username = (flags & 0x80) != 0 ? r.Text() : null;
        byte[]? password = (flags & 0x40) != 0 ? r.Binary() : null;
        End(r);
        return new ClientConnect(protocol, version, flags, keepAlive, properties, clientId, will, username, password);
    }

    public static ClientPublish DecodePublish(ClientPacket packet, MqttVersion version)
    {
        if (packet.Type != PacketType.Publish)
            throw new FormatException($"PUBLISH wanted, got {packet}");
        WireReader r = packet.Reader;
        int qos = (packet.Flags >> 1) & 3;
        string topic = r.Text();
        ushort id = qos == 0 ? (ushort)0 : r.UInt16();
        WireProperties properties = version == MqttVersion.V5 ? WireProperties.Read(r) : WireProperties.None;
        return new ClientPublish(topic, r.Rest(), qos, (packet.Flags & 1) != 0, (packet.Flags & 8) != 0, id, properties);
    }

    public static ClientSubscribe DecodeSubscribe(ClientPacket packet, MqttVersion version)
    {
        Expect(packet, PacketType.Subscribe, 2);
        WireReader r = packet.Reader;
        ushort id = r.UInt16();
        WireProperties properties = version == MqttVersion.V5 ? WireProperties.Read(r) : WireProperties.None;
        List<(string Filter, byte Options)> filters = [];
        do
            filters.Add((r.Text(), r.Byte()));
        while (!r.AtEnd);
        return new ClientSubscribe(id, properties, filters);
    }

    public static ClientUnsubscribe DecodeUnsubscribe(ClientPacket packet, MqttVersion version)
    {
        Expect(packet, PacketType.Unsubscribe, 2);
        WireReader r = packet.Reader;
        ushort id = r.UInt16();
        WireProperties properties = version == MqttVersion.V5 ? WireProperties.Read(r) : WireProperties.None;
        List<string> filters = [];
        do
            filters.Add(r.Text());
        while (!r.AtEnd);
        return new ClientUnsubscribe(id, properties, filters);
    }

    /// <summary>PUBACK, PUBREC, PUBREL, PUBCOMP.</summary>
    public static ClientAck DecodeAck(ClientPacket packet)
    {
        if (packet.Type is not (PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp))
            throw new FormatException($"an ack wanted, got {packet}");
        Expect(packet, packet.Type, packet.Type == PacketType.PubRel ? 2 : 0);
        WireReader r = packet.Reader;
        ushort id = r.UInt16();
        byte code = r.AtEnd ? (byte)0 : r.Byte();
        WireProperties properties = r.AtEnd ? WireProperties.None : WireProperties.Read(r);
        End(r);
        return new ClientAck(packet.Type, id, code, properties);
    }

    public static ClientDisconnect DecodeDisconnect(ClientPacket packet)
    {
        Expect(packet, PacketType.Disconnect, 0);
        WireReader r = packet.Reader;
        byte code = r.AtEnd ? (byte)0 : r.Byte();
        WireProperties properties = r.AtEnd ? WireProperties.None : WireProperties.Read(r);
        End(r);
        return new ClientDisconnect(code, properties);
    }

    public static ClientAuth DecodeAuth(ClientPacket packet)
    {
        Expect(packet, PacketType.Auth, 0);
        WireReader r = packet.Reader;
        byte code = r.Byte();
        WireProperties properties = WireProperties.Read(r);
        End(r);
        return new ClientAuth(code, properties);
    }

    private static void Expect(ClientPacket packet, PacketType type, int flags)
    {
        if (packet.Type != type || packet.Flags != flags)
            throw new FormatException($"{type} with flags {flags} wanted, got {packet}");
    }

    private static void End(WireReader reader)
    {
        if (!reader.AtEnd)
            throw new FormatException($"bytes behind the last field, from {reader.Position} on");
    }
}
