using System.Buffers.Binary;
using System.Text;

namespace Fastbridge.Bench;

/// <summary>One connector's PUBLISH, in which only the sensor (the last level of its topic), the identifier and the stamp change. One thread.</summary>
internal sealed class LoadTemplate
{
    private const string Filler = "{\"temperature\":25.5,\"humidity\":60,\"x\":1}";

    private readonly byte[] _packet;
    private readonly int _connector;
    private readonly int _sensorAt;
    private readonly int _idAt;
    private readonly int _stampAt;

    public LoadTemplate(BenchPlan plan, int connector)
    {
        _connector = connector;
        byte[] topic = Encoding.ASCII.GetBytes($"{BenchFile.TopicOf(connector)}/s00");
        var packet = new List<byte> { (byte)(0x30 | plan.QoS << 1) };
        int left = 2 + topic.Length + (plan.QoS > 0 ? 2 : 0) + (plan.IsV5 ? 1 : 0) + plan.Size;
        do
        {
            packet.Add((byte)(left > 127 ? left & 127 | 128 : left));
            left >>= 7;
        }
        while (left > 0);

        packet.Add((byte)(topic.Length >> 8));
        packet.Add((byte)topic.Length);
        packet.AddRange(topic);
        _sensorAt = packet.Count - 2;
        _idAt = plan.QoS > 0 ? packet.Count : 0;
        if (plan.QoS > 0)
            packet.AddRange([0, 0]);
        if (plan.IsV5)
            packet.Add(0);
        _stampAt = packet.Count;
        for (int i = 0; i < plan.Size; i++)
            packet.Add((byte)Filler[i % Filler.Length]);
        _packet = [.. packet];
    }

    /// <summary>Bytes of each packet.</summary>
    public int Length => _packet.Length;

    /// <param name="to">At least <see cref="Length"/> bytes.</param>
    /// <param name="sequence">Which message of the connector's, from 0.</param>
    /// <param name="id">Packet identifier; ignored at QoS 0.</param>
    public void Write(Span<byte> to, long sequence, ushort id)
    {
        _packet.CopyTo(to);
        int sensor = (int)(sequence % BenchPlan.Topics);
        to[_sensorAt] = (byte)('0' + sensor / 10);
        to[_sensorAt + 1] = (byte)('0' + sensor % 10);
        if (_idAt > 0)
            BinaryPrimitives.WriteUInt16BigEndian(to[_idAt..], id);
        Stamp.Write(to[_stampAt..], _connector, sequence);
    }
}
