using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Buffering;

/// <summary>
/// Brings records from memory to disk, many with one flush, and acknowledges them then: while one flush runs the next batch gathers. A thread of its own, because a
/// flush blocks; it rests while messages go straight to Kafka.
/// </summary>
internal sealed class BufferWriter(BufferConfig config, DiskLog log, MemoryPages pages, SlotPlaces places, InflightWindow window, IBufferHost host, TimeProvider time) : IDisposable
{
    /// <summary>Bounds of a batch: 4 MiB is some milliseconds of a good disk's writing, so acks do not wait long for company.</summary>
    private const int MostBytes = 4 * 1024 * 1024;
    private const int MostRecords = 8_192;

    /// <summary>A fault passes in its own time; ten seconds keep its end from being overslept.</summary>
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly Lock _turn = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly ManualResetEventSlim _resting = new(true);
    private Item[] _batch = new Item[64];
    private int[] _slots = new int[64];
    private Receipt[] _acks = new Receipt[64];
    private int _picked;
    private int _slotCount;
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

        Finish(done);
        _full = done < _picked;
        if (_full)
        {
            GiveBack(done);
            SetFault($"buffer {log.Folder} is full ({config.MaxBytes:N0} bytes); raise buffer.max_bytes, or let Kafka catch up: messages wait at the broker");
        }
        else if (done > 0)
        {
            SetFault(null);
        }

        return done > 0;
    }

    private void Pick()
    {
        _picked = 0;
        int bytes = 0;
        lock (log.Gate)
        {
            for (Page? page = pages.First; page is not null && bytes < MostBytes; page = page.Next)
            {
                int tail = page.Tail;
                while (page.Scanned < tail && bytes < MostBytes && _picked < MostRecords)
                {
                    int at = page.Scanned;
                    int length = page.BodyLength(at);
                    page.Scanned += Page.LengthOf(length);
                    if (page.StateOf(at) != EntryState.Pending)
                        continue;
                    page.SetState(at, EntryState.Picked);
                    if (_picked == _batch.Length)
                        Array.Resize(ref _batch, _batch.Length * 2);
                    _batch[_picked++] = new Item { Page = page, At = at };
                    bytes += length;
                }
            }
        }
    }

    /// <summary>How many of the batch were staged, dropped, or need not be.</summary>
    private int Stage()
    {
        for (int i = 0; i < _picked; i++)
        {
            ref Item item = ref _batch[i];
            if (item.Page.Has(item.At, Page.Settled))
                continue;
            while (!log.TryStage(item.Page.BodyOf(item.At), out item.Place))
            {
                if (config.Full is BufferFull.DropNewest && !item.Page.Has(item.At, Page.Produced))
                {
                    item.Dropped = true;
                    break;
                }

                long dropped = config.Full is BufferFull.DropOldest ? log.DropOldest() : 0;
                if (dropped == 0)
                    return i;
                CountDropped(dropped);
            }
        }

        return _picked;
    }

    private void CountDropped(long messages)
    {
        Volatile.Write(ref _dropped, _dropped + messages);
        host.OnBufferDropped(messages);
    }

    /// <summary>The disk has it: readable, its memory free, acknowledged.</summary>
    private void Finish(int done)
    {
        _slotCount = 0;
        int acks = 0, dropped = 0;
        EnsureRoom(done);
        lock (log.Gate)
        {
            LogPlace lastProduced = default;
            for (int i = 0; i < done; i++)
            {
                ref Item item = ref _batch[i];
                if (item.Page.Has(item.At, Page.Produced) && item.Place.Segment is not null)
                    lastProduced = item.Place;
            }

            log.Publish(in lastProduced);
            for (int i = 0; i < done; i++)
            {
                ref Item item = ref _batch[i];
                if (item.Page.Has(item.At, Page.Produced))
                    Produced(ref item);
            }

            // Inside the gate: a report that comes later finds the slot secured; one that came before has marked its entry.
            acks += window.Secure(_slots.AsSpan(0, _slotCount), _acks);
            _slotCount = 0;
            for (int i = 0; i < done; i++)
            {
                ref Item item = ref _batch[i];
                dropped += item.Dropped ? 1 : 0;
                if (!item.Page.Has(item.At, Page.Produced))
                    _slots[_slotCount++] = item.Page.SlotOf(item.At);
            }

            for (int i = 0; i < done; i++)
            {
                ref Item item = ref _batch[i];
                pages.Remove(item.Page, item.At);
                item = default;
            }
        }

        acks += window.Complete(_slots.AsSpan(0, _slotCount), _acks.AsSpan(acks));
        if (dropped > 0)
            CountDropped(dropped);
        if (acks > 0)
            host.Acknowledge(_acks.AsSpan(0, acks));
        host.OfferRoom();
        Changed();
    }

    private void Produced(ref Item item)
    {
        if (item.Place.Segment is null)
            return; // Settled before it was staged: it is not on disk, and need not be.
        item.Place.Segment.OnProduced();
        if (item.Page.Has(item.At, Page.Settled))
        {
            item.Place.Segment.Settled++;
            return;
        }

        int slot = item.Page.SlotOf(item.At);
        places[slot].Holder = item.Place.Segment;
        places[slot].At = item.Place.Sequence;
        _slots[_slotCount++] = slot;
    }

    /// <summary>What was picked and not written stands in memory as before.</summary>
    private void GiveBack(int from)
    {
        lock (log.Gate)
        {
            for (int i = from; i < _picked; i++)
            {
                ref Item item = ref _batch[i];
                if (item.Page.Has(item.At, Page.Settled))
                    pages.Remove(item.Page, item.At);
                else
                    item.Page.SetState(item.At, EntryState.Pending);
                item = default;
            }

            pages.Rescan();
        }
    }

    private void SetFault(string? fault)
    {
        if (_fault == fault)
            return;
        _fault = fault;
        host.OnBufferFault(fault);
        Changed();
    }

    private void EnsureRoom(int count)
    {
        if (_slots.Length >= count)
            return;
        Array.Resize(ref _slots, _batch.Length);
        Array.Resize(ref _acks, _batch.Length);
    }

    private struct Item
    {
        public Page Page;
        public int At;
        public bool Dropped;
        public LogPlace Place;
    }
}
