using System.Text.Json;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Delivery;

/// <content>The producer's side: reports, and what came back. On the delivery thread, but for the recovery's part.</content>
internal sealed partial class ConnectorDelivery : IDeliveryListener
{
    // Reports of records that are tried alone come on a thread of their own. One lock a batch, which hardly ever meets another.
    private readonly Lock _reports = new();

    // 1,024: at full speed a write of acks to the socket for so many messages, in place of memory for the largest batch.
    private static readonly PagePool<Receipt> Pages = new(1_024, mostIdle: 64);

    /// <summary>To be acknowledged, of this batch of reports; a page is borrowed until its end. Under the lock.</summary>
    private Receipt[]? _acks;
    private int _ackCount;
    private bool _waitedForTopic;

    /// <inheritdoc cref="InflightWindow.Remembered"/>
    internal int Remembered => _window.Remembered;

    public void OnDelivered(ReadOnlySpan<int> slots)
    {
        lock (_reports)
        {
            int letters = _recovery.Listens ? _recovery.OnDelivered(slots) : 0;
            _buffer?.Settle(slots); // Before the slots are others'.
            Complete(slots);
            Counters.OnDelivered(slots.Length - letters);
        }
    }

    public void OnFailed(in FailedRecord record)
    {
        RecordFault fault = record.Fault switch
        {
            DeliveryFault.Refused => RecordFault.Suspected,
            DeliveryFault.TopicUnknown or DeliveryFault.NotAuthorized => RecordFault.Topic,
            DeliveryFault.Failed => RecordFault.Failed,
            _ => RecordFault.Passing,
        };
        if (record.PossiblyPersisted)
            Counters.OnPossiblyRepeated();
        string topic = record.Topic.Name;
        string reason = fault is RecordFault.Topic ? $"Kafka topic \"{topic}\": {record.Reason}; create the topic or grant WRITE on it" : record.Reason;
        var again = new RetainedRecord(record.Slot, _window.OrderOf(record.Slot), record.Topic, topic, MqttTopicOf(record.Record), record.Record, fault, reason)
        {
            Code = record.Code ?? record.Fault.ToString(),
        };
        Counters.OnFailed(again.Code);
        _recovery.Add(again);
    }

    public void OnReportsEnd()
    {
        lock (_reports)
        {
            SendAcks();
            if (_acks is not null)
                Pages.GiveBack(_acks);
            _acks = null;
        }

        if (_recovery.Active)
            _recovery.OnReportsEnd();
        _buffer?.OnReportsEnd();
        if (_leaving || _buffer is not null || _window.IsWorthALook) // By the disk a reader may wait for what is not the budget's.
            OfferRoom();
    }

    private void Complete(ReadOnlySpan<int> slots)
    {
        _acks ??= Pages.Borrow();
        while (!slots.IsEmpty)
        {
            if (_ackCount == _acks.Length)
                SendAcks();
            int count = Math.Min(slots.Length, _acks.Length - _ackCount);
            _ackCount += _window.Complete(slots[..count], _acks.AsSpan(_ackCount), reported: true);
            slots = slots[count..];
        }
    }

    private void SendAcks()
    {
        if (_ackCount > 0)
            Acknowledge(_acks.AsSpan(0, _ackCount));
        _ackCount = 0;
    }

    /// <summary>Messages whose acks have left need not be known any longer. Any thread.</summary>
    private void Acknowledge(ReadOnlySpan<Receipt> receipts)
    {
        _acknowledger!.Acknowledge(receipts);
        _window.ForgetAcknowledged();
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
        _sinkFault = fault;
        _events.OnKafka(fault);
        _buffer?.OnSinkState(fault);
    }

    /// <summary>
    /// A producer hears of a missing topic from librdkafka half a minute after the first record. So Kafka is asked at the start. That it is not there yet is no error by
    /// itself, for a broker may create it with the first message; with messages waiting from one answer to the next it is.
    /// </summary>
    public void OnTopicAnswer(DeliveryFault? fault)
    {
        bool waits = _window.Messages > 0;
        bool blocks = fault is DeliveryFault.NotAuthorized || (fault is not null && waits && _waitedForTopic);
        _waitedForTopic = waits && fault is not null;
        string topic = _config.Kafka.Topic;
        _events.OnTopic(
            fault switch
            {
                null => null,
                DeliveryFault.NotAuthorized => $"Kafka topic \"{topic}\" may not be written: access is denied; grant WRITE on it",
                _ => $"Kafka topic \"{topic}\" does not exist; create it, unless Kafka does so with the first message (auto.create.topics.enable)",
            },
            blocks);
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
