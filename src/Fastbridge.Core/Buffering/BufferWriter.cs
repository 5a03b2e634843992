using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Core.Buffering;

/// <summary>
/// Brings records from memory to disk, many with one flush, and acknowledges them then: while one flush runs the next batch gathers. A thread of its own, because a
/// flush blocks; it rests while messages go straight to Kafka.
/// </summary>
internal sealed partial class BufferWriter(BufferConfig config, DiskLog log, MemoryPages pages, SlotPlaces places, InflightWindow window, IBufferHost host, TimeProvider time) : IDisposable
{
    /// <summary>A fault passes in its own time; ten seconds keep its end from being overslept.</summary>
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly Lock _turn = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly ManualResetEventSlim _resting = new(true);
    private volatile bool _idle;
    private volatile bool _rest = true;
    private volatile bool _stop;
    private volatile bool _full;
    private volatile string? _fault;
    private long _dropped;
    private TimeSpan _delay = FirstDelay;
    private long _retryFrom;
    private Thread? _thread;

    /// <summary>Called, on this thread, when something became readable or the disk's state changed.</summary>
    public Action Changed { get; set; } = static () => { };

    /// <summary>Why nothing can be written at present, or null.</summary>
    public string? Fault => _fault;

    /// <summary>Messages given up since the start because the buffer was full.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>It is worth trying the disk again, after a fault.</summary>
    public bool MayTry => _fault is null || time.GetElapsedTime(_retryFrom) >= _delay;

    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "fastbridge-buffer" };
        _thread.Start();
    }

    /// <summary>The reader has appended something. Costs a look at a field while the writer is at work.</summary>
    public void OnAppended()
    {
        if (!_idle)
            return;
        _idle = false;
        _wake.Set();
    }

    /// <summary>Space may have come free, or a retry is due.</summary>
    public void Wake() => _wake.Set();

    /// <summary>The log is empty again, so it is not full. While the writer rests.</summary>
    public void ForgetFull()
    {
        if (!_full)
            return;
        _full = false;
        SetFault(null);
    }

    /// <summary>Begins to write what stands in memory, from its oldest entry.</summary>
    public void Begin()
    {
        lock (log.Gate)
            pages.Rescan();
        lock (_turn)
        {
            _resting.Reset();
            _rest = false;
        }

        _wake.Set();
    }

    /// <summary>Stops between two batches, and waits for that.</summary>
    public void Rest()
    {
        _rest = true;
        _wake.Set();
        _resting.Wait();
    }

    /// <summary>Ends the thread after the batch at hand. False where a flush does not come back: the disk is gone, and the process must not wait for it.</summary>
    public bool Stop(TimeSpan within)
    {
        _stop = true;
        _wake.Set();
        return _thread is null || _thread.Join(within);
    }

    /// <summary>After <see cref="Stop"/> has ended the thread.</summary>
    public void Dispose()
    {
        _wake.Dispose();
        _resting.Dispose();
    }

    private void Run()
    {
        while (!_stop)
        {
            if (_rest)
            {
                lock (_turn)
                {
                    if (_rest) // Or it was told to begin in between, and must not say that it rests.
                        _resting.Set();
                }

                _wake.WaitOne();
                continue;
            }

            if (!MayTry)
            {
                TimeSpan left = _delay - time.GetElapsedTime(_retryFrom);
                _wake.WaitOne(left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1));
                continue;
            }

            if (TryBatch())
                continue;
            if (_full)
            {
                _wake.WaitOne(); // For space; more messages make none.
                continue;
            }

            _idle = true;
            Interlocked.MemoryBarrierProcessWide(); // Either the reader sees the mark, or this look sees its entry.
            if (!TryBatch() && !_full)
                _wake.WaitOne();
            _idle = false;
        }

        _resting.Set();
    }

    /// <summary>False where there was nothing to do, or no room to do it.</summary>
    private bool TryBatch()
    {
        Pick();
        if (_picked == 0)
            return false;
        int done;
        try
        {
            log.LeaveFaulty();
            done = Stage();
            if (done > 0)
                log.Sync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Abandon();
            GiveBack(0);
            _delay = _fault is null ? FirstDelay : _delay * 2 < LongestDelay ? _delay * 2 : LongestDelay;
            _retryFrom = time.GetTimestamp();
            SetFault($"buffer {log.Folder} cannot be written: {LogFolder.Reason(e)}; free its disk or mend it: nothing is acknowledged meanwhile but what Kafka has");
            return true;
        }

        if (done > 0)
            Finish(done);
        _full = done < _picked;
        if (_full)
        {
            GiveBack(done);

            // Only a closed file can be given up, and it may be the one that has the space: then nothing else would come to say so. The second time there is none to close.
            if (log.CloseCurrent() && config.Full is BufferFull.DropOldest)
            {
                _full = false;
                return true;
            }

            SetFault($"buffer {log.Folder} is full ({config.MaxBytes:N0} bytes); raise buffer.max_bytes, or let Kafka catch up: messages wait at the broker");
            Changed();
        }
        else
        {
            SetFault(null);
        }

        return done > 0;
    }

    private void SetFault(string? fault)
    {
        if (_fault == fault)
            return;
        _fault = fault;
        host.OnBufferFault(fault);
        Changed();
    }
}
