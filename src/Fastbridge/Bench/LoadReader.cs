using System.Buffers.Binary;
using System.Buffers.Text;

namespace Fastbridge.Bench;

/// <summary>What a bridge sent, as far as the load source minds.</summary>
internal ref struct LoadPacket
{
    /// <summary>What is to be answered; may be empty.</summary>
    public ReadOnlySpan<byte> Reply;

    public ushort Id;

    /// <summary>PUBACK or PUBREC: the message is safe.</summary>
    public bool IsFirstAck;

    /// <summary>PUBACK or PUBCOMP: the window has room.</summary>
    public bool IsLastAck;

    /// <summary>The connector that a SUBSCRIBE names; -1: it is none.</summary>
    public int Filter;
}

/// <summary>Reads the packets of the bridge under test, which is ours: what it must not send is refused, and no more is checked. One thread.</summary>
internal sealed class LoadReader(BenchPlan plan)
{
    private readonly byte[] _reply = new byte[8];

    /// <summary>The identifier whose acknowledgement is next.</summary>
    public ushort Expected { get; set; } = 1;

    /// <summary>The first packet of the bytes; false where it is not whole. Its reply lasts until the next call.</summary>
    /// <exception cref="BenchException">No subscriber sends that.</exception>
    public bool TryTake(ReadOnlySpan<byte> bytes, out int length, out LoadPacket packet)
    {
        packet = new LoadPacket { Filter = -1 };
        length = 0;
        int rest = 0;
        int at = 1;
        for (int shift = 0; ; shift += 7)
        {
            if (at >= bytes.Length)
                return false;
            if (shift > 21)
                throw new BenchException("the bridge sent a malformed packet; please report it");
            rest |= (bytes[at] & 127) << shift;
            if ((bytes[at++] & 128) == 0)
                break;
        }

        if (bytes.Length < at + rest)
            return false;
        length = at + rest;
        Take(bytes[0] >> 4, bytes.Slice(at, rest), ref packet);
        return true;
    }

    private void Take(int type, ReadOnlySpan<byte> body, ref LoadPacket packet)
    {
        if (type is 4 or 5 or 7)
        {
            packet.Id = BinaryPrimitives.ReadUInt16BigEndian(body);
            packet.IsFirstAck = type != 7;
            packet.IsLastAck = type != 5;
            if (type == 5)
                packet.Reply = Reply(0x62, 2, body[0], body[1]);
            return;
        }

        packet.Reply = type switch
        {
            1 => plan.IsV5 ? Reply(0x20, 3, 0, 0, 0) : Reply(0x20, 2, 0, 0),
            8 => Grant(body, out packet.Filter),
            12 => Reply(0xd0, 0),
            14 => default,
            _ => throw new BenchException($"the bridge sent a packet of type {type}, which no subscriber sends; please report it"),
        };
    }

    private ReadOnlySpan<byte> Grant(ReadOnlySpan<byte> body, out int connector)
    {
        connector = -1;
        int at = body.IndexOf("bench/"u8);
        if (at < 0 || !Utf8Parser.TryParse(body[(at + 6)..], out connector, out _))
            throw new BenchException("the bridge subscribed to something else; please report it");
        return plan.IsV5 ? Reply(0x90, 4, body[0], body[1], 0, (byte)plan.QoS) : Reply(0x90, 3, body[0], body[1], (byte)plan.QoS);
    }

    private ReadOnlySpan<byte> Reply(params ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_reply);
        return _reply.AsSpan(0, bytes.Length);
    }
}
