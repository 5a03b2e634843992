using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fastbridge.Tests.Support;

/// <summary>
/// MQTT 3.1.1 by hand, as little as the lab needs. On purpose not built on Fastbridge.Mqtt: a mistake there must not be mirrored in the
/// load and the count that are to find it.
/// </summary>
internal sealed class RawMqtt : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    private RawMqtt()
    {
    }

    /// <summary>The broker had a session for this client id.</summary>
    public bool SessionPresent { get; private set; }

    /// <summary>TCP, CONNECT, CONNACK. Keep alive is off. A broker that does not answer is an <see cref="IOException"/> after the hang guard.</summary>
    public static async Task<RawMqtt> ConnectAsync(int port, string clientId, bool cleanSession, CancellationToken cancel = default)
    {
        using var guard = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        guard.CancelAfter(TestTools.Guard);
        try
        {
            return await TryConnectAsync(port, clientId, cleanSession, guard.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new IOException($"the broker on port {port} has not answered CONNECT of {clientId} after {TestTools.Guard.TotalSeconds} s");
        }
    }

    private static async Task<RawMqtt> TryConnectAsync(int port, string clientId, bool cleanSession, CancellationToken cancel)
    {
        var raw = new RawMqtt();
        try
        {
            await raw._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancel);
            byte[] id = Encoding.UTF8.GetBytes(clientId);
            var packet = new List<byte> { 0x10 };
            AddLength(packet, 12 + id.Length);
            packet.AddRange([0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4, (byte)(cleanSession ? 2 : 0), 0, 0]);
            packet.AddRange([(byte)(id.Length >> 8), (byte)id.Length, .. id]);
            await raw.SendAsync(packet.ToArray(), cancel);
            RawPacket answer = await raw.ReadAsync(cancel);
            if (answer.Type != 2 || answer.Body.Span[1] != 0) throw new IOException($"CONNECT was refused: {Convert.ToHexString(answer.Body.Span)}");
            raw.SessionPresent = (answer.Body.Span[0] & 1) != 0;
            return raw;
        }
        catch
        {
            raw.Dispose();
            throw;
        }
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel = default)
    {
        while (bytes.Length > 0) bytes = bytes[await _socket.SendAsync(bytes, cancel)..];
    }

    /// <summary>The next packet; its body is valid until the next call.</summary>
    public async ValueTask<RawPacket> ReadAsync(CancellationToken cancel = default)
    {
        while (true)
        {
            if (TryTake(out RawPacket packet)) return packet;
            MakeRoom();
            int count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancel);
            if (count == 0) throw new IOException("the broker closed the connection");
            _end += count;
        }
    }

    /// <summary>Writes a PUBLISH at the start of the target; returns its length.</summary>
    public static int WritePublish(Span<byte> target, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, int qos, ushort id, bool duplicate, bool retain)
    {
        int length = 2 + topic.Length + (qos > 0 ? 2 : 0) + payload.Length;
        target[0] = (byte)(0x30 | (duplicate ? 8 : 0) | (qos << 1) | (retain ? 1 : 0));
        int at = 1;
        for (int rest = length; ; rest >>= 7)
        {
            target[at++] = (byte)(rest > 127 ? (rest & 127) | 128 : rest);
            if (rest <= 127) break;
        }

        BinaryPrimitives.WriteUInt16BigEndian(target[at..], (ushort)topic.Length);
        topic.CopyTo(target[(at + 2)..]);
        at += 2 + topic.Length;
        if (qos > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(target[at..], id);
            at += 2;
        }

        payload.CopyTo(target[at..]);
        return at + payload.Length;
    }

    /// <summary>SUBSCRIBE to one filter and await the SUBACK; PUBLISHes that come before it are lost to the caller.</summary>
    public async Task SubscribeAsync(string filter, int qos)
    {
        byte[] name = Encoding.UTF8.GetBytes(filter);
        var packet = new List<byte> { 0x82 };
        AddLength(packet, 5 + name.Length);
        packet.AddRange([0, 1, (byte)(name.Length >> 8), (byte)name.Length, .. name, (byte)qos]);
        using var guard = new CancellationTokenSource(TestTools.Guard);
        await SendAsync(packet.ToArray(), guard.Token);
        while (true)
        {
            RawPacket answer = await ReadAsync(guard.Token);
            if (answer.Type != 9) continue;
            if (answer.Body.Span[2] != qos) throw new IOException($"SUBACK grants {answer.Body.Span[2]}, not {qos}");
            return;
        }
    }

    public Task DisconnectAsync() => SendAsync(new byte[] { 0xE0, 0 });

    public void Dispose() => _socket.Dispose();

    private static void AddLength(List<byte> packet, int length)
    {
        for (; length > 127; length >>= 7) packet.Add((byte)((length & 127) | 128));
        packet.Add((byte)length);
    }

    private bool TryTake(out RawPacket packet)
    {
        packet = default;
        int length = 0, at = _start + 1;
        for (int shift = 0; ; shift += 7)
        {
            if (at >= _end) return false;
            byte digit = _buffer[at++];
            length |= (digit & 127) << shift;
            if (digit < 128) break;
        }

        if (_end - at < length) return false;
        packet = new RawPacket(_buffer[_start], _buffer.AsMemory(at, length));
        _start = at + length;
        return true;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length) Array.Resize(ref _buffer, 2 * _buffer.Length);
    }
}

/// <summary>A packet as it stands on the wire: first byte, and what follows the length.</summary>
internal readonly record struct RawPacket(byte Header, Memory<byte> Body)
{
    public int Type => Header >> 4;

    public int Qos => (Header >> 1) & 3;

    public ushort Id => BinaryPrimitives.ReadUInt16BigEndian(Body.Span);

    /// <summary>A PUBLISH's topic, payload and packet identifier.</summary>
    public (string Topic, byte[] Payload, ushort Id) Publish()
    {
        Span<byte> body = Body.Span;
        int topic = BinaryPrimitives.ReadUInt16BigEndian(body);
        int at = 2 + topic;
        ushort id = Qos > 0 ? BinaryPrimitives.ReadUInt16BigEndian(body[at..]) : (ushort)0;
        return (Encoding.UTF8.GetString(body.Slice(2, topic)), body[(at + (Qos > 0 ? 2 : 0))..].ToArray(), id);
    }
}
