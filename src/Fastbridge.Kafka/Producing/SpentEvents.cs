using Fastbridge.Kafka.Interop;

namespace Fastbridge.Kafka.Producing;

/// <summary>
/// Events whose reports have been told, still to be destroyed with the messages in them. Whoever produces next does it: it allocated them, and where the delivery thread destroyed them both
/// would meet at three locks a message (the allocator's, the count of queued messages, the topic's references). A fifth of all CPU at QoS 0 and 64 bytes.
/// </summary>
/// <remarks>
/// <see cref="Take"/> belongs to the delivery thread, <see cref="Free"/> to any thread that keeps the producer from being destroyed (<see cref="KafkaRecordSink.IsBusy"/>).
/// What nobody has freed by the next batch the delivery thread frees itself, so at most one batch lies here.
/// </remarks>
internal sealed class SpentEvents
{
    private const int Smallest = 64;
    private readonly Lock _lock = new();
    private nint[] _events = [];
    private nint[] _spare = [];
    private volatile int _count;

    /// <summary>Something is to be freed. Costs a read.</summary>
    public bool Any => _count != 0;

    /// <summary>Takes over <paramref name="told"/>, which is empty afterwards: to lie here, or destroyed at once.</summary>
    public void Take(List<nint> told, bool leave)
    {
        if (leave)
        {
            lock (_lock)
            {
                int count = _count + told.Count;
                if (count > _events.Length)
                    Array.Resize(ref _events, Math.Max(count, Smallest));
                told.CopyTo(_events, _count);
                _count = count;
            }
        }
        else
        {
            foreach (nint @event in told)
                LibRdKafka.rd_kafka_event_destroy(@event);
        }

        told.Clear();
    }

    /// <summary>Destroys what lies here. Each event once, whoever calls.</summary>
    public void Free()
    {
        if (_count == 0)
            return;

        nint[] events;
        int count;
        lock (_lock)
        {
            (events, count) = (_events, _count);
            (_events, _spare) = (_spare, []);
            _count = 0;
        }

        for (int i = 0; i < count; i++)
            LibRdKafka.rd_kafka_event_destroy(events[i]);
        lock (_lock)
            _spare = events;
    }
}
