using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Core.Buffering;

/// <content>The drain's thread: from disk to the sink in order, and the changes of mode.</content>
internal sealed partial class ConnectorBuffer
{
    /// <summary>How long the drain sleeps at most: it looks at ages, saves the cursor and gives space back then.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SyncEvery = TimeSpan.FromSeconds(1);

    /// <summary>The drain thread's.</summary>
    public Live.Heartbeat Heart { get; } = new("the drain of a disk buffer");

    private readonly AutoResetEvent _signal = new(false);
    private volatile bool _kicked;
    private volatile bool _producing;
    private volatile bool _stop;
    private long _savedAt;
    private long _syncedAt;
    private long _savedNext = -1;
    private long _savedSettled;
    private long _savedEnd;
    private long _lost;
    private long _settled;
    private string? _readFault;
    private Thread? _thread;

    /// <summary>Begins, in Buffered where there is something on disk. Once, with the sink and the reader's mode in place.</summary>
    public void Start()
    {
        _savedAt = _syncedAt = _time.GetTimestamp();
        _writer.Start();
        if (_log.Count().Records > 0 || _config.When is BufferWhen.Always)
            EnterBuffered();
        _thread = new Thread(Run) { IsBackground = true, Name = "fastbridge-drain" };
        _thread.Start();
    }

    private void Run()
    {
        while (!_stop)
        {
            _signal.WaitOne(Tick);
            Heart.Beat();
            _kicked = false;
            Interlocked.MemoryBarrier(); // Before the look at what it was kicked for.
            Try(house: false);
            Try(house: true); // Also where the drain cannot go on: the space of what Kafka has must come back.
        }

        Heart.Rest();
    }

    private void Try(bool house)
    {
        try
        {
            if (house)
            {
                KeepHouse();
                return;
            }

            Step();
            SetReadFault(null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (house || _log.PassOver(e) is not { } what)
            {
                SetReadFault($"buffer {_log.Folder} cannot be read: {LogFolder.Reason(e)}; mend its disk: what it holds waits");
                return;
            }

            _host.OnBufferDamaged(what);
            _signal.Set();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            SetReadFault($"the buffer's drain failed: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")} (this is a bug of fastbridge); it is tried again");
        }
    }

    private void Step()
    {
        if (_mode is BufferMode.Direct)
        {
            if (WantsBuffered())
                EnterBuffered();
            _noRoom = false;
        }
        else if (Pump() && MayReturn())
        {
            TryReturn();
        }
    }

    private bool WantsBuffered()
    {
        if (Former || !_writer.MayTry)
            return false;
        bool late = IsLate(_places.Oldest(inMemory: true));
        if (_leaving)
            return _pages.Live > 0 && (_sinkFault is not null || late || _host.IsRecovering);
        return _config.When switch
        {
            BufferWhen.Always => true,
            BufferWhen.FullWindow => _noRoom,
            _ => late || _sinkFault is not null,
        };
    }

    /// <summary>Kafka has left a record without an answer for too long. When the process ends there is less patience.</summary>
    private bool IsLate(long oldest) =>
        oldest != long.MaxValue && _time.GetUtcNow().ToUnixTimeMilliseconds() - oldest >= (_leaving ? Patience / 3 : Patience).TotalMilliseconds;

    private void EnterBuffered()
    {
        _mode = BufferMode.Holding;
        _host.HoldReader();
        _writer.Begin();
        _mode = BufferMode.Buffered;
        if (_writer.Fault is null) // Else the fault has said what becomes of messages; this may be a try every few seconds.
            _host.OnBufferMode(buffered: true);
        _host.OfferRoom();
    }

    /// <summary>Produces from disk while there is room. True where it has come to the end.</summary>
    private bool Pump()
    {
        while (!_stop && !_leaving)
        {
            _producing = true;
            try
            {
                if (!_host.MayProduce || !_window.HasRoom || _sinkFull)
                    return false;
                if (!_log.TryRead(out LogRecord record))
                    return true;
                if (!TryProduce(in record))
                    return false;
            }
            finally
            {
                _producing = false;
            }

            if (_time.GetElapsedTime(_savedAt) >= Tick)
                KeepHouse();
        }

        return false;
    }

    private bool TryProduce(in LogRecord record)
    {
        if (!StoredRecord.TryParse(record.Body, out StoredRecord stored))
        {
            _log.CountUnreadable(); // Whole, and of no shape that this version writes.
            return true;
        }

        int slot = _window.Take(default, 0, 0, record.Body.Length);
        _places.Set(slot, record.Segment, record.Sequence, stored.Outgoing.TimestampMs);
        record.Segment.OnProduced();
        int rooms = _rooms;
        ProduceStatus status = _host.Produce(in stored, slot);
        if (status is not (ProduceStatus.QueueFull or ProduceStatus.Rebuilding))
            return true;
        _places[slot] = default;
        record.Segment.OnNotProduced();
        _window.Untake(slot);
        _log.Unread(in record);
        _sinkFull = true;
        Interlocked.MemoryBarrier();
        if (_rooms != rooms)
            _sinkFull = false; // Its room was told of before the refusal was known here.
        return false;
    }
}
