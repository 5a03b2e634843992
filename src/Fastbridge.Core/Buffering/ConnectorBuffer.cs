using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Core.Buffering;

/// <summary>
/// A connector's way to Kafka by the disk. Direct: each record is copied to memory and produced at once. Buffered: records go to memory, from there to disk, are
/// acknowledged then, and are drained in order. Between the two, all that is unsettled is written first, and nothing is produced twice.
/// </summary>
/// <remarks>
/// The mode is changed by one thread, the drain's (ConnectorBuffer.Draining.cs), while the reader is held. So in one offer the reader sees the mode turn into Holding at
/// most, and then goes by the disk: what it appends is behind all that was produced, and the change of mode finds it. Exactly one thread produces: the reader in
/// Direct, the drain else.
/// </remarks>
internal sealed partial class ConnectorBuffer : IDisposable
{
    /// <summary>A leader election takes a second or two: nothing to write to a disk for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly BufferConfig _config;
    private readonly InflightWindow _window;
    private readonly IBufferHost _host;
    private readonly TimeProvider _time;
    private readonly DiskLog _log;
    private readonly MemoryPages _pages;
    private readonly SlotPlaces _places;
    private readonly BufferWriter _writer;
    private readonly long _mostMemory;
    private volatile BufferMode _mode;
    private volatile string? _sinkFault;
    private volatile bool _noRoom;
    private volatile bool _leaving;

    /// <summary>Opens the buffer, with what an earlier process left in it.</summary>
    /// <param name="folder">Where it is, resolved.</param>
    /// <param name="window">The connector's; <paramref name="mostBytes"/> is its bound in bytes, which memory here follows.</param>
    /// <exception cref="BufferException">The folder cannot be used.</exception>
    public ConnectorBuffer(BufferConfig config, string folder, InflightWindow window, long mostBytes, IBufferHost host, TimeProvider time)
    {
        _config = config;
        _window = window;
        _host = host;
        _time = time;
        _log = DiskLog.Open(folder, config.MaxBytes, create: config.Path is null);
        _pages = new MemoryPages(_log.Gate);
        _places = new SlotPlaces(_log.Gate);
        _mostMemory = 2 * mostBytes + 4 * MemoryPages.PageSize;
        _writer = new BufferWriter(config, _log, _pages, _places, window, host, time) { Changed = Kick };
    }

    /// <summary>The connector has no buffer any more: this one is drained, and once it is empty nothing goes by it again.</summary>
    public bool Former { get; init; }

    /// <summary>Which way a message goes. The reader asks for each.</summary>
    public BufferMode Mode => _mode;

    /// <summary>What was found on disk and should be said, one line; null where nothing was.</summary>
    public string? Warning => _log.Warning;

    /// <summary>Messages of the memory pages, neither with Kafka nor on disk: the broker will send them again. Any thread.</summary>
    public long Unsafe => _pages.Live;

    /// <summary>The record of a slot is on disk. Any thread; a look without the gate.</summary>
    public bool IsOnDisk(int slot) => slot < _places.Length && _places[slot].Holder is Segment;

    public BufferStatus Status
    {
        get
        {
            long oldest = _places.Oldest(inMemory: false);
            return new BufferStatus
            {
                Path = _log.Folder,
                Buffering = _mode is BufferMode.Buffered,
                Records = _log.Count().Records,
                Bytes = _log.Bytes,
                MaxBytes = _config.MaxBytes,
                OldestAt = oldest == long.MaxValue ? null : DateTimeOffset.FromUnixTimeMilliseconds(oldest),
                Dropped = _writer.Dropped,
                Damaged = _log.LostRecords,
                DamagedBytes = _log.DamagedBytes,
                Fault = _writer.Fault ?? "",
            };
        }
    }

    /// <summary>
    /// The reader, before anything else: memory for one more record on the way that the mode asks for. In Direct it can be short while the window is not, where one
    /// stuck partition keeps a record here and there.
    /// </summary>
    public bool HasRoom => _mode switch
    {
        BufferMode.Direct => _pages.Bytes < _mostMemory,
        BufferMode.Buffered => _pages.Bytes < _mostMemory && _window.HasBufferRoom,
        _ => false,
    };

    /// <summary>The reader found no room on the way to Kafka.</summary>
    public void OnNoRoom()
    {
        if (_noRoom || _mode is not BufferMode.Direct)
            return;
        _noRoom = true;
        Kick();
    }

    /// <summary>The reader in Direct: a copy, before the record is produced.</summary>
    public void AppendDirect(int slot, string topic, in OutgoingRecord record, long timestampMs) =>
        _pages.Append(slot, produced: true, topic, in record, timestampMs, _places);

    /// <summary>The reader in Direct: the record of the last <see cref="AppendDirect"/> was not taken.</summary>
    public void RemoveLast(int slot) => _pages.RemoveLast(slot, _places);

    /// <summary>The reader in Buffered: to disk, and acknowledged from there.</summary>
    public void AppendBuffered(int slot, string topic, in OutgoingRecord record, long timestampMs)
    {
        _pages.Append(slot, produced: false, topic, in record, timestampMs, _places);
        _writer.OnAppended();
    }

    /// <summary>Kafka has these records, or they were put away. Before their slots are given back. Any thread.</summary>
    public void Settle(ReadOnlySpan<int> slots)
    {
        lock (_log.Gate)
        {
            foreach (int slot in slots)
            {
                if (slot >= _places.Length)
                    continue;
                ref Place place = ref _places[slot];
                if (place.Holder is Page page)
                    _pages.Settle(page, (int)place.At);
                else if (place.Holder is Segment segment)
                    OnSettled(segment);
                place = default;
            }
        }
    }

    private void OnSettled(Segment segment)
    {
        segment.Settled++;
        _settled++;
    }

    /// <summary>Something changed that the drain may wait for: room, the end of a recovery, a fault. Any thread; cheap while the drain is at work.</summary>
    public void Kick()
    {
        Interlocked.MemoryBarrier(); // What it is kicked for, before the look: the drain does it the other way round.
        if (_kicked)
            return;
        _kicked = true;
        _signal.Set();
    }

    /// <summary>A batch of reports is in. In Direct that is no business of the drain's, which would wake for each.</summary>
    public void OnReportsEnd()
    {
        if (_mode is not BufferMode.Direct)
            Kick();
    }

    public void OnSinkState(string? fault)
    {
        _sinkFault = fault;
        Kick();
    }

    /// <summary>Waits until the drain is out of the sink. What keeps it from coming back was set first.</summary>
    public void HoldDrain()
    {
        var spin = new SpinWait();
        while (_producing)
            spin.SpinOnce();
    }

    /// <summary>
    /// The clean end, after the reader has left: waits until every message is with Kafka or on disk. What is on disk stays there; Kafka is given
    /// only a moment for what it has in hand, so that less is repeated.
    /// </summary>
    /// <param name="hurried">True once nothing more is to be waited for: the bridge ends.</param>
    public async Task WhenSafeAsync(TimeSpan within, Func<bool> hurried)
    {
        _leaving = true;
        Kick();
        long started = _time.GetTimestamp();
        TimeSpan moment = within < TimeSpan.FromSeconds(2) ? within : TimeSpan.FromSeconds(2);
        while (true)
        {
            TimeSpan elapsed = _time.GetElapsedTime(started);
            bool settled = _window.Messages + _window.Buffered == 0;
            bool safe = _pages.Live == 0 && _window.Buffered == 0 && _window.Asides == 0;
            if (settled || (safe && elapsed >= moment) || (safe && _sinkFault is not null) || elapsed >= within || hurried())
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time).ConfigureAwait(false);
        }
    }

    /// <summary>Ends both threads and remembers how far Kafka got. Reports may still come. Any number of times: a connector's stop does it before its disposal.</summary>
    public void Dispose()
    {
        if (_stop)
            return;
        _stop = true;
        _signal.Set();
        bool ended = _writer.Stop(within: TimeSpan.FromSeconds(2));
        ended &= _thread is null || _thread.Join(TimeSpan.FromSeconds(2));
        if (!ended)
            return; // A disk that does not answer: the process ends without it, and the lock with the process.
        SaveCursor(sync: true);
        _writer.Dispose();
        _log.Dispose();
    }
}

/// <summary>Which way a connector's messages go.</summary>
internal enum BufferMode
{
    /// <summary>To the sink at once.</summary>
    Direct,

    /// <summary>The way is being changed: no new offer is taken, one that has begun goes to the disk.</summary>
    Holding,

    /// <summary>To the disk.</summary>
    Buffered,
}
