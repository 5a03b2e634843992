using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Support;

internal sealed record ClientConnect(
    string Protocol,
    byte Version,
    byte Flags,
    ushort KeepAlive,
    WireProperties Properties,
    string ClientId,
    ClientWill? Will,
    string? Username,
    byte[]? Password)
{
    public bool CleanStart => (Flags & 2) != 0;
}

internal sealed record ClientWill(string Topic, byte[] Payload, int QoS, bool Retain, WireProperties Properties);

internal sealed record ClientPublish(string Topic, byte[] Payload, int QoS, bool Retain, bool Dup, ushort PacketId, WireProperties Properties);

internal sealed record ClientSubscribe(ushort PacketId, WireProperties Properties, IReadOnlyList<(string Filter, byte Options)> Filters);

internal sealed record ClientUnsubscribe(ushort PacketId, WireProperties Properties, IReadOnlyList<string> Filters);

internal sealed record ClientAck(PacketType Type, ushort PacketId, byte Code, WireProperties Properties);

internal sealed record ClientDisconnect(byte Code, WireProperties Properties);

internal sealed record ClientAuth(byte Code, WireProperties Properties);

/// <summary>The properties of one packet in their order: identifier and value (uint, string, byte[] or a pair of strings).</summary>
internal sealed record WireProperties(IReadOnlyList<(int Id, object Value)> List)
{
    public static readonly WireProperties None = new([]);

    public int Count => List.Count;

    /// <summary>The value of that property, or null.</summary>
    public object? this[int id] => List.Where(p => p.Id == id).Select(p => p.Value).FirstOrDefault();

    public uint? Number(int id) => (uint?)this[id];

    public string? Text(int id) => (string?)this[id];

    public IEnumerable<(string Key, string Value)> User => List.Where(p => p.Id == 0x26).Select(p => ((string, string))p.Value);

    public static WireProperties Read(WireReader r)
    {
        int length = r.VariableByteInteger();
        int end = r.Position + length;
        List<(int, object)> list = [];
        while (r.Position < end)
        {
            int id = r.VariableByteInteger();
            // Table 2-4 of MQTT 5.0, written out by type.
            list.Add((id, id switch
            {
                0x01 or 0x17 or 0x19 or 0x24 or 0x25 or 0x28 or 0x29 or 0x2A => (uint)r.Byte(),
                0x13 or 0x21 or 0x22 or 0x23 => (uint)r.UInt16(),
                0x02 or 0x11 or 0x18 or 0x27 => r.UInt32(),
                0x0B => (uint)r.VariableByteInteger(),
                0x03 or 0x08 or 0x12 or 0x15 or 0x1A or 0x1C or 0x1F => r.Text(),
                0x09 or 0x16 => r.Binary(),
                0x26 => (r.Text(), r.Text()),
                _ => throw new FormatException($"property 0x{id:X2}"),
            }));
        }

        if (r.Position != end)
            throw new FormatException("properties run over their length");
        return new WireProperties(list);
    }
}
