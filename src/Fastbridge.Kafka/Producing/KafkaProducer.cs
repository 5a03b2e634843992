using Fastbridge.Core.Delivery;
using Fastbridge.Core.Live;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Kafka.Producing;

/// <summary>
/// A producer that connectors share: librdkafka called directly, one delivery thread of ours that sleeps until librdkafka has something to tell.
/// Records pass from a connector's thread straight into librdkafka; reports come back on the delivery thread.
/// </summary>
internal sealed partial class KafkaProducer
{
    private readonly ILogger _logger;
    private readonly Lock _sharesLock = new();
    private readonly Queue<int> _freeIds = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ReportDispatcher _dispatcher;
    private readonly SinkState _state;
    private readonly Action<string> _tokenTrouble;

    // Read by the delivery thread without the lock: grown by replacement, never shrunk.
    private KafkaRecordSink?[] _shares = new KafkaRecordSink?[4];
    private int _shareCount;
    private int _openCount;
    private NativeProducer? _native;
    private bool _roomWanted;

    /// <exception cref="SinkConfigurationException">librdkafka refuses the settings.</exception>
    public KafkaProducer(ProducerSettings settings, ILogger logger)
    {
        Settings = settings;
        Heart = new Heartbeat($"the delivery thread of Kafka {settings.BootstrapServers}");
        _logger = logger;
        _dispatcher = new ReportDispatcher(this, logger);
        _state = new SinkState(settings.Scrubber, settings.Troubles);
        _tokenTrouble = line => KafkaLog.TokenNotRenewed(logger, settings.BootstrapServers, line);
        _native = NativeProducer.Create(settings);
        KafkaLog.ProducerStarted(logger, settings.BootstrapServers, settings.Acks == -1 ? "all, idempotent" : settings.Acks == 0 ? "0" : "1");
        if (settings.Acks != -1)
            KafkaLog.NotIdempotent(logger, settings.Acks);
        new Thread(Run) { IsBackground = true, Name = "kafka delivery" }.UnsafeStart();
    }

    public ProducerSettings Settings { get; }

    /// <summary>The delivery thread's.</summary>
    public Heartbeat Heart { get; }

    /// <summary>Ends when the delivery thread and librdkafka's threads are gone.</summary>
    public Task Ended => _ended.Task;

    /// <summary>What is to be destroyed of <see cref="Native"/>; under the same rule.</summary>
    public SpentEvents Spent { get; } = new();

    /// <summary>The living librdkafka producer, or null while it is being rebuilt. To be used only by a share that says that it is busy.</summary>
    public NativeProducer? Native => Volatile.Read(ref _native);

    /// <summary>Destroys what is spent. Another share may have been refused while librdkafka still counted it, so that one is told of room.</summary>
    public void FreeSpent()
    {
        Spent.Free();
        Interlocked.MemoryBarrier();
        if (RoomWanted)
            Wake();
    }

    /// <summary>A share found no room and wants to hear of some; set after the share's own flag.</summary>
    public bool RoomWanted
    {
        get => Volatile.Read(ref _roomWanted);
        set => Volatile.Write(ref _roomWanted, value);
    }

    /// <summary>How often a fatal error had this producer rebuilt.</summary>
    public int Rebuilds { get; private set; }

    /// <summary>A new share. Its first state is told at once where there is a fault.</summary>
    public KafkaRecordSink Open(IDeliveryListener listener, Func<IDeliveryListener, KafkaRecordSink>? openApart = null)
    {
        KafkaRecordSink share = AddShare(listener, openApart);
        _newcomers = true;
        Wake();
        return share;
    }

    private KafkaRecordSink AddShare(IDeliveryListener listener, Func<IDeliveryListener, KafkaRecordSink>? openApart)
    {
        lock (_sharesLock)
        {
            if (!_freeIds.TryDequeue(out int id))
            {
                id = _shareCount;
                if (id == RecordOpaque.MaxShares)
                    throw new SinkConfigurationException($"more than {RecordOpaque.MaxShares} connectors share one producer; give some another client.id");
                if (id == _shares.Length)
                {
                    var larger = new KafkaRecordSink?[id * 2];
                    _shares.CopyTo(larger, 0);
                    Volatile.Write(ref _shares, larger);
                }

                _shareCount++;
            }

            var share = new KafkaRecordSink(this, id, listener) { OpenApart = openApart };
            Volatile.Write(ref _shares[id], share);
            _openCount++;
            return share;
        }
    }

    /// <summary>The share closes; its id is free again when its last report is in. The last to close ends the producer.</summary>
    public void Close(KafkaRecordSink share)
    {
        bool last;
        lock (_sharesLock)
            last = --_openCount == 0;

        Interlocked.MemoryBarrier();
        ReleaseIfDone(share);
        if (last)
            LastClosed?.Invoke(this);
    }

    /// <summary>Raised on the thread that closes the last share; whoever shares out producers decides there whether to <see cref="Stop"/>.</summary>
    public event Action<KafkaProducer>? LastClosed;

    /// <summary>No share is open.</summary>
    public bool IsUnused
    {
        get
        {
            lock (_sharesLock)
                return _openCount == 0;
        }
    }

    /// <summary>Ends the producer: what is still queued is dropped. Returns at once; <see cref="Ended"/> tells when it is done.</summary>
    public void Stop()
    {
        _stop.TrySetResult();
        Wake();
    }

    public KafkaRecordSink GetShare(int id) => Volatile.Read(ref Volatile.Read(ref _shares)[id])!;

    /// <summary>Frees the id of a closed share that awaits no report any more.</summary>
    public void ReleaseIfDone(KafkaRecordSink share)
    {
        if (share.Outstanding != 0)
            return;

        lock (_sharesLock)
        {
            if (share.IsReleased)
                return;
            share.IsReleased = true;
            _freeIds.Enqueue(share.Id);
        }
    }

    /// <summary>Records of all shares, open or closed, that are not yet reported.</summary>
    public long Outstanding
    {
        get
        {
            long sum = 0;
            foreach (KafkaRecordSink? share in Snapshot())
                sum += share?.Outstanding ?? 0;
            return sum;
        }
    }

    private KafkaRecordSink?[] Snapshot() => Volatile.Read(ref _shares);
}
