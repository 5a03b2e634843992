using Fastbridge.Core.Buffering;
using Fastbridge.Core.Config;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Core.Delivery;

/// <summary>
/// The way of a connector's messages: PUBLISH, slot, record, produce; report, slot, ack. Here it is decided what is acknowledged and when:
/// after Kafka's word, or after the dead-letter file has the record on disk; never else.
/// </summary>
internal sealed partial class ConnectorDelivery : IAsyncDisposable
{
    private readonly ConnectorConfig _config;
    private readonly IRecordEncoder _encoder;
    private readonly InflightWindow _window;
    private readonly Recovery _recovery;
    private readonly DeadLetterFile _deadLetters;
    private readonly IConnectorEvents _events;
    private readonly TimeProvider _time;
    private readonly MissingTopics? _missing;
    private readonly RateLimiter? _limiter;
    private readonly Watchdog _watchdog;
    private readonly LingerRule _linger = new();
    private readonly RoomSignal _room = new();
    private readonly RoomSignal _settled = new();
    private IRecordSink? _sink;
    private IAcknowledger? _acknowledger;
    private int _wanted;
    private volatile bool _sinkFull;
    private volatile int _rooms;

    // The reader is between its first OnPublish of a read and OnBatchEnd, perhaps in the sink. Plain stores: the recovery's side of the handshake pays for the fence.
    private volatile bool _offering;

    // Within it: the sink holds back what it takes.
    private bool _gathers;
    private volatile bool _leaving;
    private volatile bool _hurried;

    public ConnectorDelivery(ConnectorConfig config, IRecordEncoder encoder, DeadLetterFile deadLetters, IConnectorEvents events, TimeProvider time, InflightBudget? budget = null)
    {
        _config = config;
        _encoder = encoder;
        _deadLetters = deadLetters;
        _events = events;
        _time = time;
        Latency = new LatencyMeter(time);
        _window = new InflightWindow(WindowOf(config), () => _acknowledger!.FirstUnacknowledged, Latency, budget?.Join(WindowOf(config).MaxBytes, OfferRoom));
        if (!Template.Parse(config.Kafka.Topic, TemplateUse.KafkaTopic).IsConstant)
            _missing = new MissingTopics(config.Failure.UnknownTopicWait, time);
        if (config.RateLimit.IsOn)
            _limiter = new RateLimiter(config.RateLimit, time, OnRate);
        _recovery = new Recovery(this, config.Failure, _missing, time);
        _watchdog = new Watchdog(_window, config.StuckAfter, time, slot => _buffer?.IsOnDisk(slot) ?? false, Describe, events.OnStuck);
    }

    public ConnectorCounters Counters { get; } = new();

    /// <summary>How long messages take.</summary>
    public LatencyMeter Latency { get; }

    /// <summary>Messages whose record is not settled.</summary>
    public long InFlight => _window.Messages;

    public long InFlightBytes => _window.Bytes;

    /// <summary>Joins both ends; once, before the first message.</summary>
    public void Start(IRecordSink sink, IAcknowledger acknowledger)
    {
        _sink = sink;
        _acknowledger = acknowledger;
        if (_config.Failure.TopicName is { } letters)
            _letterTopic = sink.GetTopic(letters);
        _watch = _time.CreateTimer(static self => ((ConnectorDelivery)self!).Watch(), this, _watchdog.Interval, Timeout.InfiniteTimeSpan);
        _buffer?.Start();
        if (_missing is null)
            sink.AskTopic(_config.Kafka.Topic);
    }

    /// <summary>From now on nothing new is produced: messages are left to the broker. Acks of what is in flight still leave.</summary>
    public void Leave()
    {
        _leaving = true;
        _room.Set();
    }

    /// <summary>
    /// Completes when nothing is in flight (with a buffer: when all is with Kafka or on disk), when <paramref name="within"/> is over, or after
    /// <see cref="StopWaiting"/>. After <see cref="Leave"/>.
    /// </summary>
    public async Task WhenSettledAsync(TimeSpan within)
    {
        if (_buffer is not null)
        {
            await _buffer.WhenSafeAsync(within, () => _hurried).ConfigureAwait(false);
            return;
        }

        using var timeout = new CancellationTokenSource(within, _time);
        while (_window.Messages > 0 && !timeout.IsCancellationRequested && !_hurried)
        {
            Interlocked.Exchange(ref _wanted, 1);
            if (_window.Messages > 0 && !_hurried)
                await _settled.WaitAsync(timeout.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Ends <see cref="WhenSettledAsync"/>: what is in flight now stays with the broker. Any thread.</summary>
    public void StopWaiting()
    {
        _hurried = true;
        _settled.Set();
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        _watch?.Dispose();
        _limiter?.Dispose();
        CloseBuffer();
        await _recovery.DisposeAsync().ConfigureAwait(false);
        _window.Close();
    }

    public PublishOutcome OnPublish(in PublishPacket publish, Receipt receipt)
    {
        if (_leaving)
            return PublishOutcome.Left;
        _offering = true;
        return _onlookers is { } onlookers ? OfferWatched(onlookers, in publish, receipt) : Offer(in publish, receipt);
    }

    private PublishOutcome Offer(in PublishPacket publish, Receipt receipt)
    {
        if (publish.Retain && _config.SkipRetained)
            return Skip(receipt);
        bool redelivery = _window.ExpectsRedelivery && IsRedelivery(in publish);
        if (!redelivery && !HasRoom())
            return PublishOutcome.NoRoom;

        EncodedRecord record = _encoder.Encode(in publish, _acknowledger!.ReceivedAtMs);
        ulong fingerprint = InflightWindow.Fingerprint(record.PartitionHash, record.PayloadCrc);
        if (redelivery)
        {
            if (Adopts(in publish, receipt, fingerprint))
                return PublishOutcome.Taken;
            if (!HasRoom())
                return PublishOutcome.NoRoom;
        }

        return Produce(in publish, receipt, in record, fingerprint);
    }

    /// <summary>Acknowledged as it comes: nothing is owed for it, and the receipt log needs no entry.</summary>
    private PublishOutcome Skip(Receipt receipt)
    {
        Counters.OnSkippedRetained();
        if (receipt.Connection != 0)
            _acknowledger!.Acknowledge([receipt]);
        return PublishOutcome.Taken;
    }

    /// <summary>
    /// A redelivery says so by DUP [MQTT-3.3.1-1] and carries an identifier that was left unacknowledged. Without DUP the server has settled
    /// the old message, and the identifier is free again [4.3.2-5].
    /// </summary>
    private bool IsRedelivery(in PublishPacket publish)
    {
        if (publish.QoS == QoS.AtMostOnce || !_window.MayAdopt(publish.PacketId))
            return false;
        if (!publish.Dup)
            _window.ForgetOrphan(publish.PacketId);
        return publish.Dup;
    }

    private bool Adopts(in PublishPacket publish, Receipt receipt, ulong fingerprint)
    {
        switch (_window.Adopt(publish.PacketId, fingerprint, receipt))
        {
            case Adoption.Pending:
                Counters.OnAdopted();
                return true;
            case Adoption.Delivered:
                Counters.OnAdopted();
                Acknowledge([receipt]);
                return true;
            default:
                return false;
        }
    }

    private PublishOutcome Produce(in PublishPacket publish, Receipt receipt, in EncodedRecord record, ulong fingerprint)
    {
        TopicTarget target = record.Target;
        var outgoing = new OutgoingRecord { Value = record.Value, HasKey = record.HasKey, Key = record.Key, PartitionHash = record.PartitionHash, Headers = record.Headers };
        int bytes = record.Value.Length + record.Key.Length + record.Headers.Length;
        if (_buffer is { Mode: not BufferMode.Direct } buffer)
            return Keep(buffer, in publish, receipt, in record, in outgoing, fingerprint, bytes);
        int slot = _window.Take(receipt, publish.PacketId, fingerprint, bytes);
        if (target.Fault is not null)
        {
            MarkAside(slot);
            Retain(in publish, null, target.Name, in outgoing, slot, RecordFault.Permanent, "illegal_topic", $"Kafka topic \"{target.Name}\": {target.Fault}");
        }
        else if (_missing is { Any: true } && _missing.IsGivenUp(target.Name))
        {
            (RecordFault fault, string code, string reason) = WhyGivenUp(target.Name);
            MarkAside(slot);
            Retain(in publish, null, target.Name, in outgoing, slot, fault, code, reason);
        }
        else
        {
            int rooms = _rooms;
            ProduceStatus status;
            try
            {
                _buffer?.AppendDirect(slot, target.Name, in outgoing, _acknowledger!.ReceivedAtMs);
                target.Handle ??= _sink!.GetTopic(target.Name);
                BeginRun();
                status = _sink!.TryProduce(target.Handle, in outgoing, slot);
            }
            catch
            {
                // A bug, which costs the connection; but the slot must not wait for a report that never comes.
                TakeBack(slot);
                throw;
            }

            if (status is ProduceStatus.QueueFull or ProduceStatus.Rebuilding)
            {
                TakeBack(slot);
                return NoRoomInSink(rooms);
            }

            if (status is not ProduceStatus.Queued)
                OnNotQueued(in publish, target.Handle, in outgoing, slot, status);
        }

        _limiter?.Take(bytes);
        Counters.OnReceived(record.Value.Length);
        return PublishOutcome.Taken;
    }

    private void TakeBack(int slot)
    {
        _buffer?.RemoveLast(slot);
        _window.Untake(slot);
    }
}
