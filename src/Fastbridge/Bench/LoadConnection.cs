using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Fastbridge.Bench;

/// <summary>
/// The server's half of one connector's MQTT connection: grants what it asks for, then sends its share as fast as window and rate allow. Two loops, one that reads and
/// one that writes; the counters may be read from any thread.
/// </summary>
internal sealed class LoadConnection(Socket socket, BenchPlan plan, Func<long> start) : IDisposable
{
    private const int Chunk = 1 << 16;

    private readonly SemaphoreSlim _wake = new(0);
    private readonly Lock _lock = new();
    private readonly long[] _sentAt = new long[65_536];
    private readonly LoadReader _reader = new(plan);
    private byte[] _replies = new byte[Chunk];
    private int _replyLength;
    private byte[] _packet = [];
    private int _sensorAt;
    private int _idAt;
    private int _stampAt;
    private int _connector = -1;
    private ushort _id;
    private long _sent;
    private long _acked;
    private volatile bool _enough;

    /// <summary>Times from a PUBLISH until its PUBACK or PUBREC. To be read when the loops have ended.</summary>
    public LatencyCounts Latency { get; } = new();

    /// <summary>Which connector this is; -1 before its SUBSCRIBE.</summary>
    public int Connector => Volatile.Read(ref _connector);

    public long Sent => Volatile.Read(ref _sent);

    public long Acked => Volatile.Read(ref _acked);

    /// <summary>Acknowledgements that were not in the order of the messages.</summary>
    public long Unordered { get; private set; }

    /// <summary>All of the share is written and, above QoS 0, acknowledged.</summary>
    public bool IsDone => (Sent >= plan.ShareOf(Connector) || _enough) && (plan.QoS == 0 || Acked == Sent);

    /// <summary>No further message.</summary>
    public void Enough()
    {
        _enough = true;
        Wake();
    }

    public void Wake()
    {
        if (_wake.CurrentCount == 0)
            _wake.Release();
    }

    /// <summary>Both loops, until the bridge disconnects or the token fires.</summary>
    /// <exception cref="SocketException">The bridge cut the connection.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task writing = WriteAsync(ended.Token);
        try
        {
            await ReadAsync(stop).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        _wake.Dispose();
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        byte[] bytes = new byte[Chunk];
        int have = 0;
        while (true)
        {
            int read = await socket.ReceiveAsync(bytes.AsMemory(have), stop).ConfigureAwait(false);
            if (read == 0)
                return;
            have += read;
            int used = Take(bytes.AsSpan(0, have));
            bytes.AsSpan(used, have - used).CopyTo(bytes);
            have -= used;
            Wake();
        }
    }

    /// <summary>All whole packets; one clock reading and one lock for them.</summary>
    private int Take(ReadOnlySpan<byte> bytes)
    {
        int used = 0;
        long now = Stopwatch.GetTimestamp();
        long acked = _acked;
        lock (_lock)
        {
            while (_reader.TryTake(bytes[used..], out int length, out LoadPacket packet))
            {
                used += length;
                if (packet.Filter >= 0)
                    Prepare(packet.Filter);
                if (packet.IsFirstAck)
                {
                    Latency.Record(now - _sentAt[packet.Id]);
                    if (packet.Id != _reader.Expected)
                        Unordered++;
                    _reader.Expected = packet.Id == ushort.MaxValue ? (ushort)1 : (ushort)(packet.Id + 1);
                }

                if (packet.IsLastAck)
                    acked++;
                if (_replyLength + packet.Reply.Length > _replies.Length)
                    Array.Resize(ref _replies, _replies.Length * 2);
                packet.Reply.CopyTo(_replies.AsSpan(_replyLength));
                _replyLength += packet.Reply.Length;
            }
        }

        Volatile.Write(ref _acked, acked);
        return used;
    }

    private async Task WriteAsync(CancellationToken stop)
    {
        byte[] chunk = new byte[Chunk * 3 + plan.Size];
        while (true)
        {
            int length = TakeReplies(chunk);
            length = Fill(chunk, length, out TimeSpan pause);
            if (length == 0)
            {
                await _wake.WaitAsync(pause, stop).ConfigureAwait(false);
                continue;
            }

            for (int at = 0; at < length;)
                at += await socket.SendAsync(chunk.AsMemory(at, length - at), stop).ConfigureAwait(false);
        }
    }

    private int TakeReplies(byte[] chunk)
    {
        lock (_lock)
        {
            int length = Math.Min(_replyLength, Chunk);
            _replies.AsSpan(0, length).CopyTo(chunk);
            _replyLength -= length;
            _replies.AsSpan(length, _replyLength).CopyTo(_replies);
            return length;
        }
    }

    /// <param name="pause">How long there is nothing to send, unless something comes in.</param>
    private int Fill(byte[] chunk, int length, out TimeSpan pause)
    {
        pause = Timeout.InfiniteTimeSpan;
        long began = start();
        if (_packet.Length == 0 || began == 0 || _enough)
            return length;
        long now = Stopwatch.GetTimestamp();
        double each = plan.Rate > 0 ? Stopwatch.Frequency * plan.Connectors / plan.Rate : 0;
        long allowed = plan.ShareOf(_connector);
        if (each > 0)
            allowed = Math.Min(allowed, (long)((now - began) / each));
        if (plan.QoS > 0)
            allowed = Math.Min(allowed, Acked + plan.Window);
        long sent = _sent;
        while (sent < allowed && length < Chunk)
        {
            _packet.CopyTo(chunk, length);
            Span<byte> packet = chunk.AsSpan(length, _packet.Length);
            int sensor = (int)(sent % BenchPlan.Topics);
            packet[_sensorAt] = (byte)('0' + sensor / 10);
            packet[_sensorAt + 1] = (byte)('0' + sensor % 10);
            if (plan.QoS > 0)
            {
                _id = _id == ushort.MaxValue ? (ushort)1 : (ushort)(_id + 1);
                System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(packet[_idAt..], _id);
                _sentAt[_id] = each > 0 ? began + (long)(sent * each) : now;
            }

            Stamp.Write(packet[_stampAt..], _connector, sent++);
            length += _packet.Length;
        }

        Volatile.Write(ref _sent, sent);
        if (each > 0 && length == 0)
            pause = TimeSpan.FromMilliseconds(1);
        return length;
    }

    /// <summary>One PUBLISH of the connector's, in which only sensor, identifier and stamp change. Under the lock.</summary>
    private void Prepare(int connector)
    {
        byte[] topic = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"bench/{connector}/s00"));
        int rest = 2 + topic.Length + (plan.QoS > 0 ? 2 : 0) + (plan.IsV5 ? 1 : 0) + plan.Size;
        var packet = new List<byte> { (byte)(0x30 | plan.QoS << 1) };
        for (int left = rest; ;)
        {
            packet.Add((byte)(left > 127 ? left & 127 | 128 : left));
            left >>= 7;
            if (left == 0)
                break;
        }

        packet.Add((byte)(topic.Length >> 8));
        packet.Add((byte)topic.Length);
        packet.AddRange(topic);
        _sensorAt = packet.Count - 2;
        _idAt = packet.Count;
        if (plan.QoS > 0)
            packet.AddRange([0, 0]);
        if (plan.IsV5)
            packet.Add(0);
        _stampAt = packet.Count;
        for (int i = 0; i < plan.Size; i++)
            packet.Add((byte)("{\"temperature\":25.5,\"humidity\":60,\"x\":1}"[i % 40]));
        _packet = [.. packet];
        Volatile.Write(ref _connector, connector);
    }
}
