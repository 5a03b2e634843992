using System.Buffers;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec;

/// <summary>A packet that a client sends: its first byte, and its body written field by field.</summary>
internal interface IClientPacket
{
    /// <summary>Type and flags [2.1].</summary>
    byte FirstByte { get; }

    /// <summary>Writes all that follows the fixed header. Runs twice a packet: once to count. Throws <see cref="ArgumentException"/> for what MQTT cannot carry.</summary>
    void WriteBody(ref PacketWriter writer, MqttVersion version);
}

/// <summary>Puts the fixed header before a body and writes both at once.</summary>
internal static class PacketEncoder
{
    /// <summary>Bytes of the whole packet: to be held against the server's Maximum Packet Size before it is written.</summary>
    public static int Measure<T>(in T packet, MqttVersion version)
        where T : IClientPacket
    {
        int body = MeasureBody(packet, version);
        return 1 + VariableByteInteger.SizeOf(body) + body;
    }

    /// <summary>Writes the packet and advances <paramref name="output"/>; returns its length. Nothing is advanced when it throws.</summary>
    public static int Write<T>(IBufferWriter<byte> output, in T packet, MqttVersion version)
        where T : IClientPacket
    {
        int body = MeasureBody(packet, version);
        int total = 1 + VariableByteInteger.SizeOf(body) + body;
        Span<byte> span = output.GetSpan(total);
        // byte 1: type and flags; byte 2...: remaining length
        span[0] = packet.FirstByte;
        int header = 1 + VariableByteInteger.Write(span[1..], body);
        PacketWriter writer = new(span[header..total]);
        packet.WriteBody(ref writer, version);
        output.Advance(total);
        return total;
    }

    private static int MeasureBody<T>(in T packet, MqttVersion version)
        where T : IClientPacket
    {
        PacketWriter counter = PacketWriter.Counting;
        packet.WriteBody(ref counter, version);
        return counter.Length <= VariableByteInteger.MaxValue
            ? counter.Length
            : throw PacketWriter.Refused(nameof(packet), $"the packet's body is {counter.Length} bytes; MQTT carries at most {VariableByteInteger.MaxValue}");
    }
}
