using System.Buffers;
using System.Text;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Core.Delivery;

/// <content>What cannot go the plain way: retained, put away, dropped, watched.</content>
internal sealed partial class ConnectorDelivery : IRecoveryHost
{
    private IRecordTopic? _letterTopic;
    private ITimer? _watch;
    private volatile string? _sinkFault;
    private volatile bool _disposed;

    long IRecoveryHost.InFlight => _window.Messages;

    /// <summary>
    /// The sink has one producing thread at a time. The reader marks its stay with plain stores and looks at <see cref="Recovery.Active"/> behind the mark; the
    /// barrier here makes every thread's stores visible, so either it sees the recovery or the recovery sees it, and the hot path pays nothing.
    /// </summary>
    void IRecoveryHost.HoldReader()
    {
        Interlocked.MemoryBarrierProcessWide();
        var spin = new SpinWait();
        while (_offering)
            spin.SpinOnce();
        _buffer?.HoldDrain();
    }

    void IRecoveryHost.Hurry() => _sink!.Hurry();

    void IRecoveryHost.EndAlone()
    {
        _sink!.EndAlone();

        // The last report of what was tried alone may have been told, and its batch's end is not told any more.
        lock (_reports)
            SendAcks();
    }

    ProduceStatus IRecoveryHost.Produce(RetainedRecord record, bool alone)
    {
        Counters.OnProducedAgain();
        OutgoingRecord outgoing = record.AsOutgoing();
        return alone ? _sink!.TryProduceAlone(record.Topic!, in outgoing, record.Slot) : _sink!.TryProduce(record.Topic!, in outgoing, record.Slot);
    }

    ProduceStatus? IRecoveryHost.ProduceLetter(RetainedRecord record)
    {
        if (_letterTopic is null || _sinkFault is not null)
            return null;
        var json = new ArrayBufferWriter<byte>(record.Value.Length + 1024);
        DeadLetterFormat.Write(json, _config.Name, record, _time.GetUtcNow());
        OutgoingRecord letter = record.AsLetter(json.WrittenSpan);
        return record.IsLetterAlone ? _sink!.TryProduceAlone(_letterTopic, in letter, record.Slot) : _sink!.TryProduce(_letterTopic, in letter, record.Slot);
    }

    void IRecoveryHost.OnLetterDelivered(RetainedRecord record) => OnLetter(record, $"Kafka topic \"{_letterTopic!.Name}\"");

    int IRecoveryHost.PutAway(List<RetainedRecord> records, out string? trouble)
    {
        int count = _deadLetters.TryAppend(_config.Name, records, _time.GetUtcNow(), out trouble);
        for (int i = 0; i < count; i++)
            OnLetter(records[i], _deadLetters.Path);
        Settle(records, count);
        return count;
    }

    void IRecoveryHost.Discard(RetainedRecord record)
    {
        Counters.OnDiscarded(record.Code);
        _events.OnDiscarded(record);
        Settle([record], 1);
    }

    void IRecoveryHost.OnHeld(string? reason) => _events.OnHeld(reason);

    void IRecoveryHost.OnRecovered()
    {
        _buffer?.Kick();
        OfferRoom();
    }

    private void OnLetter(RetainedRecord record, string where)
    {
        Counters.OnDeadLettered(record.Code);
        _events.OnDeadLetter(record, where);
    }

    private void Settle(List<RetainedRecord> records, int count)
    {
        var slots = new int[count];
        for (int i = 0; i < count; i++)
            slots[i] = records[i].Slot;
        _buffer?.Settle(slots);
        var acks = new Receipt[count];
        int due = _window.Complete(slots, acks);
        if (due > 0)
            Acknowledge(acks.AsSpan(0, due));
        OfferRoom(); // Where messages go by the disk the reader does not wait for the recovery's end, but for what is set aside.
    }

    private void Watch()
    {
        if (_disposed)
            return;
        _watchdog.Look();
        _events.OnTick();
        _watch?.Change(_watchdog.Interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What is known of a message that is stuck. Where Kafka has its record, its topic is known to librdkafka alone.</summary>
    private string Describe(int slot)
    {
        if (_recovery.Find(slot) is { } record)
            return $"on \"{record.MqttTopic}\", for Kafka topic \"{record.KafkaTopic}\": {record.Reason}";
        string topic = _missing is null ? $"for Kafka topic \"{_config.Kafka.Topic}\": " : "";
        return topic + (_sinkFault ?? "Kafka has not answered; see whether every partition has a leader and enough replicas");
    }

    private void OnNotQueued(in PublishPacket publish, IRecordTopic topic, in OutgoingRecord record, int slot, ProduceStatus status)
    {
        (RecordFault fault, string code, string reason) = WhyNotQueued(status, topic.Name, record.Value.Length);
        Retain(in publish, topic, topic.Name, in record, slot, fault, code, reason);
    }

    private (RecordFault Fault, string Code, string Reason) WhyNotQueued(ProduceStatus status, string topic, int bytes) => status switch
    {
        ProduceStatus.TooLarge => (RecordFault.Permanent, "record_too_large", $"record of {bytes:N0} bytes exceeds message.max.bytes ({_config.Kafka.MessageMaxBytes:N0})"),
        ProduceStatus.TopicUnavailable => (RecordFault.Topic, "topic_unavailable", $"Kafka topic \"{topic}\" is unknown or may not be written; create it or grant WRITE"),
        _ => (RecordFault.Permanent, "record_refused", "Kafka cannot take this record"),
    };

    private (RecordFault Fault, string Code, string Reason) WhyGivenUp(string topic) =>
        (RecordFault.Permanent, "topic_unavailable", $"Kafka topic \"{topic}\" has been unknown or denied for longer than unknown_topic_wait_ms; create it or grant WRITE");

    private void Retain(in PublishPacket publish, IRecordTopic? topic, string kafkaTopic, in OutgoingRecord record, int slot, RecordFault fault, string code, string reason)
    {
        var stamped = new OutgoingRecord
        {
            Value = record.Value,
            HasKey = record.HasKey,
            Key = record.Key,
            PartitionHash = record.PartitionHash,
            Headers = record.Headers,
            TimestampMs = _acknowledger!.ReceivedAtMs,
        };
        Counters.OnFailed(code);
        string mqttTopic = Encoding.UTF8.GetString(publish.Topic);
        _recovery.Add(new RetainedRecord(slot, _window.OrderOf(slot), topic, kafkaTopic, mqttTopic, in stamped, fault, reason) { Code = code });
    }
}
