using System.Text;
using Fastbridge.Core.Buffering;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Core.Delivery;

/// <content>The way by the disk, where the connector has a buffer.</content>
internal sealed partial class ConnectorDelivery : IBufferHost
{
    /// <summary>Kafka topics by name that the drain keeps handles of; a template can yield any number.</summary>
    private const int MostTopics = 4_096;

    private readonly Dictionary<string, IRecordTopic> _drainTopics = new(StringComparer.Ordinal);
    private ConnectorBuffer? _buffer;
    private IRecordTopic? _lastTopic;

    /// <summary>Null where the connector has no buffer.</summary>
    public BufferStatus? Buffer => _buffer?.Status;

    /// <summary>The disk buffer's drain; null where there is none.</summary>
    public Live.Heartbeat? Heart => _buffer?.Heart;

    /// <summary>Messages that are neither with Kafka nor safe on disk: the broker will send them again.</summary>
    public long LeftToBroker => _buffer is { } buffer ? buffer.Unsafe + _window.Asides : _window.Messages;

    bool IBufferHost.IsRecovering => _recovery.Active;

    bool IBufferHost.MayProduce => !_recovery.Active && (_limiter is null || _limiter.HasRoom());

    /// <summary>Opens the connector's buffer; before <see cref="Start"/>.</summary>
    /// <param name="former">It is used until it is empty, and never again.</param>
    /// <returns>What was found in it and should be said, or null.</returns>
    /// <exception cref="BufferException">Its folder cannot be used.</exception>
    public string? OpenBuffer(string folder, Config.BufferConfig config, bool former)
    {
        _buffer = new ConnectorBuffer(config, folder, _window, WindowOf(_config).MaxBytes, this, _time) { Former = former };
        return _buffer.Warning;
    }

    /// <summary>Remembers how far Kafka got and gives the folder free; after the reader has left.</summary>
    public void CloseBuffer() => _buffer?.Dispose();

    void IBufferHost.HoldReader()
    {
        Interlocked.MemoryBarrierProcessWide(); // As for the recovery: the reader's marks are plain stores.
        var spin = new SpinWait();
        while (_offering)
            spin.SpinOnce();
    }

    ProduceStatus IBufferHost.Produce(in StoredRecord record, int slot)
    {
        IRecordTopic topic = TopicOf(record.Topic);
        OutgoingRecord outgoing = record.Outgoing;
        bool givenUp = _missing is { Any: true } && _missing.IsGivenUp(topic.Name);
        ProduceStatus status = givenUp ? ProduceStatus.TopicUnavailable : _sink!.TryProduce(topic, in outgoing, slot);
        if (status is ProduceStatus.QueueFull or ProduceStatus.Rebuilding)
            return status;
        _limiter?.Take(outgoing.Value.Length + outgoing.Key.Length + outgoing.Headers.Length);
        if (status is ProduceStatus.Queued)
            return status;
        (RecordFault fault, string code, string reason) = givenUp ? WhyGivenUp(topic.Name) : WhyNotQueued(status, topic.Name, outgoing.Value.Length);
        Counters.OnFailed(code);
        _recovery.Add(new RetainedRecord(slot, _window.OrderOf(slot), topic, topic.Name, MqttTopicOf(in outgoing), in outgoing, fault, reason) { Code = code });
        return ProduceStatus.Queued;
    }

    void IBufferHost.Acknowledge(ReadOnlySpan<Receipt> receipts) => Acknowledge(receipts);

    void IBufferHost.OfferRoom() => OfferRoom();

    void IBufferHost.OnBufferFault(string? fault) => _events.OnBufferFault(fault);

    void IBufferHost.OnBufferMode(bool buffered) => _events.OnBufferMode(buffered);

    void IBufferHost.OnBufferDropped(long messages) => _events.OnBufferDropped(messages);

    void IBufferHost.OnBufferDamaged(string what) => _events.OnBufferDamaged(what);

    /// <summary>With a buffer at most a quarter of its cap is on its way to Kafka, so that there is always something that a full one can give up.</summary>
    private static Config.WindowConfig WindowOf(Config.ConnectorConfig config) =>
        config.Buffer is { } buffer ? config.Window with { MaxBytes = Math.Min(config.Window.MaxBytes, buffer.MaxBytes / 4) } : config.Window;

    /// <summary>As <see cref="HasRoom()"/>: the word that room is wanted is left before the second look.</summary>
    private bool HasRoom(ConnectorBuffer buffer)
    {
        if (buffer.Mode is BufferMode.Direct && _limiter is not null && !_limiter.HasRoom())
            return false; // Held back on purpose: no reason to go by the disk.
        if (LooksRoomy(buffer))
            return true;
        Interlocked.Exchange(ref _wanted, 1);
        if (LooksRoomy(buffer))
            return true;
        buffer.OnNoRoom();
        return false;
    }

    private bool LooksRoomy(ConnectorBuffer buffer) => buffer.Mode switch
    {
        BufferMode.Buffered => buffer.HasRoom,
        BufferMode.Direct => buffer.HasRoom && _window.HasRoom && !_recovery.Active && !_sinkFull,
        _ => false,
    };

    /// <summary>Takes a message for the disk. Its ack follows when it is there.</summary>
    private PublishOutcome Keep(ConnectorBuffer buffer, in PublishPacket publish, Receipt receipt, in EncodedRecord record, in OutgoingRecord outgoing, ulong fingerprint, int bytes)
    {
        int slot = _window.TakeForBuffer(receipt, publish.PacketId, fingerprint, bytes);
        if (record.Target.Fault is null && bytes <= _config.Kafka.MessageMaxBytes)
        {
            buffer.AppendBuffered(slot, record.Target.Name, in outgoing, _acknowledger!.ReceivedAtMs);
        }
        else
        {
            // It can never be produced, and a record larger than Kafka's limit may be larger than the disk's share.
            (RecordFault fault, string code, string reason) = record.Target.Fault is { } illegal
                ? (RecordFault.Permanent, "illegal_topic", $"Kafka topic \"{record.Target.Name}\": {illegal}")
                : WhyNotQueued(ProduceStatus.TooLarge, record.Target.Name, bytes);
            _window.MoveToFlight(slot, ordered: false);
            _window.SetAside(slot);
            Retain(in publish, null, record.Target.Name, in outgoing, slot, fault, code, reason);
        }

        Counters.OnReceived(record.Value.Length);
        return PublishOutcome.Taken;
    }

    /// <summary>The slot of a message that goes to the dead letters, on whichever way.</summary>
    /// <param name="bytes">What is kept of it in memory.</param>
    private int TakeAside(Receipt receipt, ushort packetId, ulong fingerprint, int bytes)
    {
        if (_buffer is null)
            return _window.Take(receipt, packetId, fingerprint, bytes);
        int slot;
        if (_buffer.Mode is BufferMode.Direct)
        {
            slot = _window.Take(receipt, packetId, fingerprint, bytes);
        }
        else
        {
            slot = _window.TakeForBuffer(receipt, packetId, fingerprint, bytes);
            _window.MoveToFlight(slot, ordered: false);
        }

        _window.SetAside(slot);
        return slot;
    }

    /// <summary>With a buffer: a message that goes straight to the recovery, and that neither memory pages nor disk have.</summary>
    private void MarkAside(int slot)
    {
        if (_buffer is not null)
            _window.SetAside(slot);
    }

    /// <summary>The rate allows more: to the reader, or to the drain.</summary>
    private void OnRate()
    {
        _room.Set();
        _buffer?.Kick();
    }

    private IRecordTopic TopicOf(ReadOnlySpan<byte> name)
    {
        if (_lastTopic is { } last && Ascii.Equals(name, last.Name))
            return last;
        Span<char> characters = stackalloc char[KafkaTopicName.MaxLength];
        int length = Encoding.UTF8.GetChars(name[..Math.Min(name.Length, characters.Length)], characters);
        Dictionary<string, IRecordTopic>.AlternateLookup<ReadOnlySpan<char>> topics = _drainTopics.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!topics.TryGetValue(characters[..length], out IRecordTopic? topic))
        {
            if (_drainTopics.Count >= MostTopics)
                _drainTopics.Clear();
            topic = _sink!.GetTopic(new string(characters[..length]));
            _drainTopics[topic.Name] = topic;
        }

        return _lastTopic = topic;
    }
}
