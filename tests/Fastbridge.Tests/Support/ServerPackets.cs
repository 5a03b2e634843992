using System.Text;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Support;

/// <summary>
/// Encodes what a server sends, right or wrong: nothing is checked, so that a script can break any rule. Each method gives whole packets as bytes.
/// </summary>
internal static class ServerPackets
{
    /// <summary>Fixed header and body.</summary>
    public static byte[] Packet(byte firstByte, params ReadOnlySpan<byte> body) => [firstByte, .. VariableByteInteger(body.Length), .. body];

    /// <summary>CONNACK; in 5.0 with <paramref name="properties"/> (from <see cref="ByteProperty"/> and the like).</summary>
    public static byte[] ConnAck(MqttVersion version, byte code = 0, bool sessionPresent = false, params byte[][] properties) =>
        Packet(0x20, [(byte)(sessionPresent ? 1 : 0), code, .. Section(version, properties)]);

    public static byte[] Publish(
        MqttVersion version,
        string topic,
        byte[] payload,
        int qos = 0,
        ushort packetId = 0,
        bool retain = false,
        bool dup = false,
        params byte[][] properties) =>
        Packet(
            (byte)(0x30 + (dup ? 8 : 0) + (qos * 2) + (retain ? 1 : 0)),
            [.. Text(topic), .. qos == 0 ? [] : UInt16(packetId), .. Section(version, properties), .. payload]);

    /// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP without a code, good for both versions.</summary>
    public static byte[] Ack(PacketType type, ushort packetId) => Packet(AckFirstByte(type), UInt16(packetId));

    /// <summary>The same of 5.0 with a code, and with properties when there are any.</summary>
    public static byte[] Ack(PacketType type, ushort packetId, byte code, params byte[][] properties) =>
        Packet(AckFirstByte(type), [.. UInt16(packetId), code, .. properties.Length == 0 ? [] : Section(MqttVersion.V5, properties)]);

    public static byte[] SubAck(MqttVersion version, ushort packetId, byte[] codes, params byte[][] properties) =>
        Packet(0x90, [.. UInt16(packetId), .. Section(version, properties), .. codes]);

    /// <summary>UNSUBACK; 3.1.1's has no codes.</summary>
    public static byte[] UnsubAck(MqttVersion version, ushort packetId, byte[] codes, params byte[][] properties) =>
        Packet(0xB0, [.. UInt16(packetId), .. Section(version, properties), .. version == MqttVersion.V5 ? codes : []]);

    public static byte[] PingResp() => [0xD0, 0x00];

    public static byte[] Disconnect(byte code, params byte[][] properties) =>
        Packet(0xE0, [code, .. properties.Length == 0 ? [] : Section(MqttVersion.V5, properties)]);

    public static byte[] Auth(byte code, params byte[][] properties) => Packet(0xF0, [code, .. Section(MqttVersion.V5, properties)]);

    public static byte[] ByteProperty(int id, byte value) => [(byte)id, value];

    public static byte[] UInt16Property(int id, ushort value) => [(byte)id, .. UInt16(value)];

    public static byte[] UInt32Property(int id, uint value) => [(byte)id, .. UInt16((ushort)(value >> 16)), .. UInt16((ushort)value)];

    public static byte[] VariableProperty(int id, int value) => [(byte)id, .. VariableByteInteger(value)];

    public static byte[] TextProperty(int id, string value) => [(byte)id, .. Text(value)];

    public static byte[] BinaryProperty(int id, params byte[] value) => [(byte)id, .. UInt16((ushort)value.Length), .. value];

    public static byte[] UserProperty(string key, string value) => [0x26, .. Text(key), .. Text(value)];

    public static byte[] Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return [.. UInt16((ushort)utf8.Length), .. utf8];
    }

    public static byte[] UInt16(ushort value) => [(byte)(value / 256), (byte)(value % 256)];

    public static byte[] VariableByteInteger(int value)
    {
        List<byte> bytes = [];
        do
        {
            int digit = value % 128;
            value /= 128;
            bytes.Add((byte)(value > 0 ? digit + 128 : digit));
        }
        while (value > 0);
        return [.. bytes];
    }

    private static byte AckFirstByte(PacketType type) => (byte)(((int)type * 16) + (type == PacketType.PubRel ? 2 : 0));

    private static byte[] Section(MqttVersion version, byte[][] properties)
    {
        byte[] all = [.. properties.SelectMany(p => p)];
        return version == MqttVersion.V5 ? [.. VariableByteInteger(all.Length), .. all] : [];
    }
}
