using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Fastbridge.Mqtt.Transport;

/// <summary>A frame's opcode (RFC 6455, 5.2).</summary>
internal enum WebSocketOpcode : byte
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// <summary>The head of a frame that a server sent.</summary>
/// <param name="HeaderLength">Bytes of the head itself.</param>
internal readonly record struct WebSocketFrame(WebSocketOpcode Opcode, bool IsFinal, long Length, int HeaderLength)
{
    /// <summary>What a client's frame has before its payload at most: two bytes, eight of length, four of mask.</summary>
    public const int MostOverhead = 14;

    public bool IsControl => Opcode >= WebSocketOpcode.Close;

    /// <summary>False: more bytes are needed.</summary>
    /// <exception cref="IOException">It breaks the protocol; one line.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out WebSocketFrame frame)
    {
        frame = default;
        if (bytes.Length < 2)
            return false;
        var opcode = (WebSocketOpcode)(bytes[0] & 0x0F);
        bool final = (bytes[0] & 0x80) != 0;
        if ((bytes[0] & 0x70) != 0)
            throw Broken("a reserved bit is set");
        if (opcode is > WebSocketOpcode.Binary and < WebSocketOpcode.Close or > WebSocketOpcode.Pong)
            throw Broken($"a frame of the unknown kind {(int)opcode}");
        if (opcode == WebSocketOpcode.Text)
            throw Broken("a text frame, where MQTT comes in binary ones [MQTT-6.0.0-1]");
        if ((bytes[1] & 0x80) != 0)
            throw Broken("a masked frame");
        long length = bytes[1] & 0x7F;
        int header = length switch { 126 => 4, 127 => 10, _ => 2 };
        if (bytes.Length < header)
            return false;
        if (length == 126)
            length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        else if (length == 127)
            length = BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
        if (length < 0)
            throw Broken("a frame's length is out of range");
        frame = new WebSocketFrame(opcode, final, length, header);
        if (frame.IsControl && (!final || length > 125))
            throw Broken("a control frame is in parts, or longer than 125 bytes");
        return true;
    }

    /// <summary>Writes a whole frame of a client, with a mask of its own as 5.3 demands. <paramref name="target"/> has <see cref="MostOverhead"/> bytes more than the payload.</summary>
    /// <returns>The frame's length.</returns>
    public static int Write(Span<byte> target, WebSocketOpcode opcode, ReadOnlySpan<byte> payload)
    {
        target[0] = (byte)(0x80 | (byte)opcode);
        int at = 2;
        if (payload.Length < 126)
        {
            target[1] = (byte)(0x80 | payload.Length);
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            target[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)payload.Length);
            at = 4;
        }
        else
        {
            target[1] = 0x80 | 127;
            BinaryPrimitives.WriteInt64BigEndian(target[2..], payload.Length);
            at = 10;
        }

        Span<byte> mask = target.Slice(at, 4);
        RandomNumberGenerator.Fill(mask);
        at += 4;
        Mask(payload, target.Slice(at, payload.Length), mask);
        return at + payload.Length;
    }

    public static IOException Broken(string what) => new($"the server broke the WebSocket protocol: {what}");

    private static void Mask(ReadOnlySpan<byte> from, Span<byte> to, ReadOnlySpan<byte> mask)
    {
        uint four = MemoryMarshal.Read<uint>(mask);
        ulong eight = four | ((ulong)four << 32);
        int words = from.Length / 8;
        ReadOnlySpan<ulong> source = MemoryMarshal.Cast<byte, ulong>(from[..(words * 8)]);
        Span<ulong> target = MemoryMarshal.Cast<byte, ulong>(to[..(words * 8)]);
        for (int i = 0; i < source.Length; i++)
            target[i] = source[i] ^ eight;
        for (int i = words * 8; i < from.Length; i++)
            to[i] = (byte)(from[i] ^ mask[i & 3]);
    }
}
