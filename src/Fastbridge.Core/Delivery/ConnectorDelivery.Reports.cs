using System.Text.Json;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Delivery;

/// <content>The producer's side: reports, and what came back. On the delivery thread, but for the recovery's part.</content>
internal sealed partial class ConnectorDelivery : IDeliveryListener, IRecoveryHost
{
    /// <summary>Reused from batch to batch; grows to the largest batch seen. The delivery thread's alone.</summary>
    private Receipt[] _acks = new Receipt[64];
    private int _ackCount;

    public void OnDelivered(ReadOnlySpan<int> slots)
    {
        if (_acks.Length - _ackCount < slots.Length)
            Array.Resize(ref _acks, Math.Max(_acks.Length * 2, _ackCount + slots.Length));
        if (_recovery.Active)
            _recovery.OnDelivered(slots);
        _buffer?.Settle(slots); // Before the slots are others'.
        _ackCount += _window.Complete(slots, _acks.AsSpan(_ackCount));
        Counters.OnDelivered(slots.Length);
    }

    public void OnFailed(in FailedRecord record)
    {
        RecordFault fault = record.Fault switch
        {
            DeliveryFault.Refused => RecordFault.Suspected,
            DeliveryFault.TopicUnknown or DeliveryFault.NotAuthorized => RecordFault.Topic,
            _ => RecordFault.Passing,
        };
        if (record.PossiblyPersisted)
            Counters.OnPossiblyRepeated();
        string topic = record.Topic.Name;
        string reason = fault is RecordFault.Topic ? $"Kafka topic \"{topic}\": {record.Reason}; create the topic or grant WRITE on it" : record.Reason;
        var again = new RetainedRecord(record.Slot, _window.OrderOf(record.Slot), record.Topic, topic, MqttTopicOf(record.Record), record.Record, fault, reason);
        _recovery.Add(again);
    }

    public void OnReportsEnd()
    {
        if (_ackCount > 0)
            _acknowledger!.Acknowledge(_acks.AsSpan(0, _ackCount));
        _ackCount = 0;
        if (_recovery.Active)
            _recovery.OnReportsEnd();
        _buffer?.Kick();
        OfferRoom();
    }

    public void OnRoom()
    {
        Interlocked.Increment(ref _rooms);
        _sinkFull = false;
        _recovery.OnRoom();
        _buffer?.OnRoom();
        OfferRoom();
    }

    public void OnSinkState(string? fault)
    {
        _events.OnKafka(fault);
        _buffer?.OnSinkState(fault);
    }

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

    ProduceStatus IRecoveryHost.Produce(RetainedRecord record)
    {
        Counters.OnProducedAgain();
        return _sink!.TryProduce(record.Topic!, record.AsOutgoing(), record.Slot);
    }

    string? IRecoveryHost.PutAway(RetainedRecord record)
    {
        string? trouble = _deadLetters.TryAppend(_config.Name, record, _time.GetUtcNow());
        if (trouble is not null)
            return trouble;
        Counters.OnDeadLettered();
        _events.OnDeadLetter(record, _deadLetters.Path);
        _buffer?.Settle([record.Slot]);
        Receipt[] ack = new Receipt[1];
        if (_window.Complete([record.Slot], ack) > 0)
            _acknowledger!.Acknowledge(ack);
        return null;
    }

    void IRecoveryHost.OnHeld(string? reason) => _events.OnHeld(reason);

    void IRecoveryHost.OnRecovered()
    {
        _buffer?.Kick();
        OfferRoom();
    }

    /// <summary>
    /// The MQTT topic of a record that came back, for its dead letter: from the RobustMQ record itself, else from a header, else the key, which
    /// is the topic unless the file says otherwise.
    /// </summary>
    private static string MqttTopicOf(in OutgoingRecord record)
    {
        ReadOnlySpan<byte> headers = record.Headers;
        while (Records.HeaderList.TryTake(ref headers, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
        {
            if (name.SequenceEqual("mqtt.topic"u8))
                return System.Text.Encoding.UTF8.GetString(value);
        }

        try
        {
            var json = new Utf8JsonReader(record.Value);
            if (json.Read() && json.TokenType is JsonTokenType.StartObject && json.Read() && json.ValueTextEquals("topic"u8) && json.Read())
                return json.GetString() ?? "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A raw payload: any bytes.
        }

        return record.HasKey ? System.Text.Encoding.UTF8.GetString(record.Key) : "";
    }
}
