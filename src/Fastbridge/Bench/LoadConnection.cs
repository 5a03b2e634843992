using System.Diagnostics;
using System.Net.Sockets;
using System.Numerics;

namespace Fastbridge.Bench;

/// <summary>
/// The server's half of one connector's MQTT connection: grants what it asks for, then sends its share as fast as window and rate allow. Two loops, one that reads and
/// one that writes; the counters may be read from any thread.
/// </summary>
internal sealed class LoadConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly BenchPlan _plan;
    private readonly Func<long> _start;

    /// <summary>Bytes that are read or written at a time: 64 KB, and a megabyte for all connections together where there are many.</summary>
    private readonly int _chunk;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Lock _lock = new();
    private readonly LoadReader _reader;

    /// <summary>By identifier; a power of two above the window, so that no two outstanding ones meet.</summary>
    private readonly long[] _sentAt;
    private byte[] _replies;
    private int _replyLength;
    private LoadTemplate? _template;
    private int _connector = -1;
    private ushort _id;
    private long _sent;
    private long _acked;
    private long _lastAckAt;
    private long _dueAt = long.MaxValue;
    private volatile bool _enough;
    private volatile bool _allSent;

    /// <param name="socket">This object's from now on.</param>
    /// <param name="plan">What is to be sent.</param>
    /// <param name="start">When the first message is due, by <see cref="Stopwatch"/>; 0: not yet.</param>
    public LoadConnection(Socket socket, BenchPlan plan, Func<long> start)
    {
        _socket = socket;
        _plan = plan;
        _start = start;
        _reader = new LoadReader(plan);
        _chunk = Math.Clamp((1 << 20) / plan.Connectors, 1 << 12, 1 << 16);
        _replies = new byte[_chunk];
        _sentAt = new long[BitOperations.RoundUpToPowerOf2((uint)plan.Window + 1)];
    }

    /// <summary>Times from a message being due until its PUBACK or PUBREC. To be read when all are acknowledged.</summary>
    public LatencyCounts Latency { get; } = new();

    /// <summary>Which connector this is; -1 before its SUBSCRIBE.</summary>
    public int Connector => Volatile.Read(ref _connector);

    public long Sent => Volatile.Read(ref _sent);

    public long Acked => Volatile.Read(ref _acked);

    /// <summary>When acknowledgements came last, by <see cref="Stopwatch"/>.</summary>
    public long LastAckAt => Volatile.Read(ref _lastAckAt);

    /// <summary>When it is to be woken for its next message, by <see cref="Stopwatch"/>; never, where something else is awaited.</summary>
    public long DueAt => Volatile.Read(ref _dueAt);

    /// <summary>Acknowledgements that were not in the order of the messages.</summary>
    public long Unordered { get; private set; }

    /// <summary>All of the share is sent and, above QoS 0, acknowledged.</summary>
    public bool IsDone => _allSent && (_plan.QoS == 0 || Acked == Sent);

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
        _socket.Dispose();
        _wake.Dispose();
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        byte[] bytes = new byte[Math.Max(_chunk, 1 << 14)];
        int have = 0;
        while (true)
        {
            int read = await _socket.ReceiveAsync(bytes.AsMemory(have), stop).ConfigureAwait(false);
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
                {
                    _template = new LoadTemplate(_plan, packet.Filter);
                    Volatile.Write(ref _connector, packet.Filter);
                }

                if (packet.IsFirstAck)
                {
                    Latency.Record(now - _sentAt[packet.Id & (_sentAt.Length - 1)]);
                    if (packet.Id != _reader.Expected)
                        Unordered++;
                    _reader.Expected = Next(packet.Id);
                }

                if (packet.IsLastAck)
                    acked++;
                if (_replyLength + packet.Reply.Length > _replies.Length)
                    Array.Resize(ref _replies, _replies.Length * 2);
                packet.Reply.CopyTo(_replies.AsSpan(_replyLength));
                _replyLength += packet.Reply.Length;
            }
        }

        if (acked != _acked)
            Volatile.Write(ref _lastAckAt, now);
        Volatile.Write(ref _acked, acked);
        return used;
    }

    private async Task WriteAsync(CancellationToken stop)
    {
        byte[] chunk = new byte[_chunk + _plan.Size + 64];
        while (true)
        {
            int length = Fill(chunk, TakeReplies(chunk));
            if (length == 0)
            {
                await _wake.WaitAsync(stop).ConfigureAwait(false);
                continue;
            }

            for (int at = 0; at < length;)
                at += await _socket.SendAsync(chunk.AsMemory(at, length - at), stop).ConfigureAwait(false);
        }
    }

    private int TakeReplies(byte[] chunk)
    {
        lock (_lock)
        {
            int length = Math.Min(_replyLength, _chunk);
            _replies.AsSpan(0, length).CopyTo(chunk);
            _replyLength -= length;
            _replies.AsSpan(length, _replyLength).CopyTo(_replies);
            return length;
        }
    }

    /// <summary>Puts what is due behind the replies.</summary>
    /// <param name="chunk">Has room for a packet beyond <see cref="_chunk"/>.</param>
    /// <param name="length">Of the replies.</param>
    private int Fill(byte[] chunk, int length)
    {
        long began = _start();
        int connector = Connector;
        if (connector < 0 || began == 0 || _allSent)
            return length;
        long share = _plan.ShareOf(connector);
        if (_enough || _sent >= share)
        {
            _allSent = true;
            Volatile.Write(ref _dueAt, long.MaxValue);
            return length;
        }

        long now = Stopwatch.GetTimestamp();
        double each = _plan.Rate > 0 ? Stopwatch.Frequency * _plan.Connectors / _plan.Rate : 0;
        // Connectors take turns, so that evenly is even over all of them.
        double first = began + each * connector / _plan.Connectors;
        long due = each > 0 ? now < first ? 0 : (long)((now - first) / each) + 1 : share;
        long room = _plan.QoS > 0 ? Acked + _plan.Window : share;
        long allowed = Math.Min(Math.Min(due, room), share);
        long sent = _sent;
        while (sent < allowed && length < _chunk)
        {
            _id = Next(_id);
            _sentAt[_id & (_sentAt.Length - 1)] = each > 0 ? (long)(first + sent * each) : now;
            _template!.Write(chunk.AsSpan(length), sent++, _id);
            length += _template.Length;
        }

        Volatile.Write(ref _sent, sent);
        Volatile.Write(ref _dueAt, each > 0 && sent < room ? (long)(first + sent * each) : long.MaxValue);
        return length;
    }

    private static ushort Next(ushort id) => id == ushort.MaxValue ? (ushort)1 : (ushort)(id + 1);
}
