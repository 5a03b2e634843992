using System.Buffers;

namespace Fastbridge.Mqtt.Transport;

/// <summary>
/// The bytes of one connection on their way to the socket. Any thread appends under <see cref="Gate"/>, then calls <see cref="Flush"/>: whoever finds
/// no flush running writes on its own thread, at once and without waiting for a timer or another thread; else the running flush takes the bytes along.
/// Bytes gather in one buffer while another is on the wire. Nobody is ever blocked by a slow peer.
/// <para>
/// What bounds it: acks cannot outnumber the unacknowledged messages, and publishes wait while <see cref="IsCongested"/>. A peer that makes us
/// answer without ever reading is cut off at <see cref="MostBacklog"/>.
/// </para>
/// </summary>
internal sealed class OutboundQueue : IBufferWriter<byte>
{
    /// <summary>256 KB: what the kernel's socket buffers hold too; more would only add latency.</summary>
    public const int CongestedFrom = 262_144;

    /// <summary>4 MB of answers: eight times what PUBREC and PUBCOMP for all 65,535 packet identifiers take.</summary>
    public const int MostBacklog = 4_194_304;

    // 4 KB: the acks of a thousand messages. Buffers are borrowed while they hold bytes: of many connections few have any. One that grew beyond 64 KB is not given back.
    private const int FirstSize = 4_096;
    private const int Kept = 65_536;

    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private byte[] _fill = [];
    private byte[] _sending = [];
    private int _length;

    // As many bytes as were sent last: a publisher's buffer need not grow again and again.
    private int _usual = FirstSize;
    private int _publishes;
    private bool _flushing;
    private bool _closed;
    private bool _broken;
    private bool _roomWanted;
    private long _lastSent;
    private TaskCompletionSource? _idle;

    public OutboundQueue(Stream stream, TimeProvider time)
    {
        _stream = stream;
        _time = time;
        _lastSent = time.GetTimestamp();
    }

    /// <summary>Held while bytes are appended, and only then.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Called when a write fails, once, on the thread that flushed; must not block.</summary>
    public Action<Exception>? Broken { get; set; }

    /// <summary>Called when it is congested no more after someone asked by <see cref="AskForRoom"/>; on the thread that flushed.</summary>
    public Action? Room { get; set; }

    /// <summary>When bytes were last handed to the socket, a timestamp of the time provider: what keep alive counts from [MQTT-3.1.2-20].</summary>
    public long LastSent => Volatile.Read(ref _lastSent);

    /// <summary>Under the gate: no more may be appended (DISCONNECT was, or the socket failed).</summary>
    public bool IsClosed => _closed;

    /// <summary>Bytes that wait for the socket.</summary>
    public int Backlog => Volatile.Read(ref _length);

    public bool IsCongested => Backlog >= CongestedFrom;

    /// <summary>
    /// Answers to what the peer sent outgrew <see cref="MostBacklog"/>: it sends and does not read. Publishes do not count, they are our own wish.
    /// </summary>
    public bool IsFlooded => Backlog - Volatile.Read(ref _publishes) > MostBacklog;

    /// <summary>Under the gate: of what was appended last, so many bytes are a publish.</summary>
    public void NotePublish(int bytes) => _publishes += bytes;

    /// <summary>Under the gate: nothing follows what has been appended.</summary>
    public void Close() => _closed = true;

    /// <summary>Under the gate: <see cref="Room"/> is to be called when there is some.</summary>
    public void AskForRoom() => _roomWanted = true;

    /// <summary>Under the gate. <paramref name="sizeHint"/> bytes at least; valid until <see cref="Advance"/>.</summary>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        int needed = _length + Math.Max(sizeHint, 1);
        if (needed > _fill.Length)
            Grow(Math.Max(needed, Math.Max(_fill.Length * 2, _usual)));
        return _fill.AsSpan(_length);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        GetSpan(sizeHint);
        return _fill.AsMemory(_length);
    }

    public void Advance(int count) => Volatile.Write(ref _length, _length + count);

    /// <summary>Not under the gate. Sends what waits, unless a flush is running, which will. Never throws: a failure goes to <see cref="Broken"/>.</summary>
    public void Flush()
    {
        lock (Gate)
        {
            if (_flushing || _length == 0)
                return;
            _flushing = true;
        }

        Send();
    }

    /// <summary>Completes when nothing waits for the socket, or when the socket failed.</summary>
    public Task WhenIdleAsync()
    {
        lock (Gate)
        {
            if (!_flushing && (_length == 0 || _broken))
                return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    private void Send()
    {
        while (TryTake(out ReadOnlyMemory<byte> bytes))
        {
            ValueTask write;
            try
            {
                write = _stream.WriteAsync(bytes);
                if (!write.IsCompletedSuccessfully)
                {
                    _ = FinishAsync(write);
                    return;
                }

                write.GetAwaiter().GetResult();
            }
            catch (Exception e) when (IsStreamFault(e))
            {
                Break(e);
                return;
            }

            Volatile.Write(ref _lastSent, _time.GetTimestamp());
        }
    }

    private async Task FinishAsync(ValueTask write)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        catch (Exception e) when (IsStreamFault(e))
        {
            Break(e);
            return;
        }

        Volatile.Write(ref _lastSent, _time.GetTimestamp());
        Send();
    }

    /// <summary>The running flush: gives back the buffer that was sent and takes the one that was filled.</summary>
    private bool TryTake(out ReadOnlyMemory<byte> bytes)
    {
        Action? room = null;
        bool taken;
        lock (Gate)
        {
            GiveBack(_sending);
            _sending = [];
            taken = _length > 0;
            bytes = default;
            if (taken)
            {
                bytes = _fill.AsMemory(0, _length);
                _usual = Math.Clamp(_length, FirstSize, Kept);
                _sending = _fill;
                _fill = [];
                _length = 0;
                _publishes = 0;
                if (_roomWanted)
                {
                    _roomWanted = false;
                    room = Room;
                }
            }
            else
            {
                _flushing = false;
                _idle?.TrySetResult();
                _idle = null;
            }
        }

        // Outside the gate: it appends.
        room?.Invoke();
        return taken;
    }

    private void Grow(int size)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        _fill.AsSpan(0, _length).CopyTo(larger);
        GiveBack(_fill);
        _fill = larger;
    }

    private static void GiveBack(byte[] buffer)
    {
        if (buffer.Length is > 0 and <= Kept)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>A write that failed may not have let go of its buffer: it goes to the collector.</summary>
    private void Break(Exception e)
    {
        lock (Gate)
        {
            _closed = true;
            _broken = true;
            _flushing = false;
            _length = 0;
            (_fill, _sending) = ([], []);
            _idle?.TrySetResult();
            _idle = null;
        }

        Broken?.Invoke(e);
    }

    // A stream that was disposed of under a write, a socket that failed, a TLS peer that said goodbye.
    private static bool IsStreamFault(Exception e) =>
        e is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException
            or System.Net.Sockets.SocketException or System.Security.Authentication.AuthenticationException;
}
