using Fastbridge.Core.Delivery;
using Fastbridge.Kafka.Interop;

namespace Fastbridge.Kafka.Producing;

/// <summary>
/// A connector's share in a <see cref="KafkaProducer"/>. <see cref="TryProduce"/> and <see cref="Hurry"/> belong to one thread at a time;
/// <see cref="IDeliveryListener.OnRoom"/> may come before the <see cref="TryProduce"/> that it answers has returned.
/// </summary>
internal sealed unsafe partial class KafkaRecordSink(KafkaProducer producer, int id, IDeliveryListener listener) : IRecordSink
{
    private readonly List<KafkaTopic> _fresh = [];

    // Non-zero while the producing thread may be inside librdkafka: a rebuild destroys nothing until it is 0.
    private int _busy;
    private long _produced;
    private long _reported;
    private bool _wantsRoom;
    private volatile bool _closed;

    public int Id => id;

    public KafkaProducer Producer => producer;

    public IDeliveryListener Listener => listener;

    public bool IsClosed => _closed;

    /// <summary>The producer gives back the id once; guarded by the producer's lock.</summary>
    public bool IsReleased { get; set; }

    /// <summary>Records that were taken and not yet reported. Any thread.</summary>
    public long Outstanding => Volatile.Read(ref _produced) - Volatile.Read(ref _reported);

    /// <summary>Written by the producing thread around every call into librdkafka.</summary>
    public bool IsBusy => Volatile.Read(ref _busy) != 0;

    /// <summary>Opened after the last change of state was told.</summary>
    public bool IsNewcomer { get; set; } = true;

    /// <summary>The delivery thread's mark that this share has reports in the present batch.</summary>
    public bool IsTouched { get; set; }

    public ProduceStatus TryProduce(IRecordTopic topic, in OutgoingRecord record, int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)slot, (uint)RecordOpaque.MaxSlot, nameof(slot));
        ObjectDisposedException.ThrowIf(_closed, this);
        if (topic is not KafkaTopic known || known.Owner != this)
            throw new ArgumentException("The topic is another sink's.", nameof(topic));

        // Before librdkafka can report it, so that what is outstanding is never counted too low.
        Volatile.Write(ref _produced, _produced + 1);
        Volatile.Write(ref _busy, 1);
        ProduceStatus status;
        try
        {
            status = Produce(known, record, slot);

            // No room: ask to be told, then look again, or the room may have come in between.
            if (status is ProduceStatus.QueueFull or ProduceStatus.Rebuilding)
            {
                Volatile.Write(ref _wantsRoom, true);
                producer.RoomWanted = true;
                Interlocked.MemoryBarrier();
                status = Produce(known, record, slot);
            }
        }
        finally
        {
            Volatile.Write(ref _busy, _runTopic is null ? 0 : 1); // What is in the run keeps its producer.
        }

        if (status != ProduceStatus.Queued)
        {
            Volatile.Write(ref _produced, _produced - 1);
        }
        else if (!known.IsFresh)
        {
            known.IsFresh = true;
            _fresh.Add(known);
        }

        return status;
    }

    public void Hurry()
    {
        _apart?.Hurry();
        EndRun();
        if (_fresh.Count == 0)
            return;

        Volatile.Write(ref _busy, 1);
        NativeProducer? native = producer.Native;
        foreach (KafkaTopic topic in _fresh)
        {
            if (native is not null)
                HurryTopic(topic, native);
            topic.IsFresh = false;
        }

        Volatile.Write(ref _busy, 0);
        _fresh.Clear();
    }

    private static void HurryTopic(KafkaTopic topic, NativeProducer native)
    {
        if (ReferenceEquals(topic.Native, native))
            _ = LibRdKafka.rd_kafka_topic_hurry(topic.Handle);
    }

    /// <summary>Waits for nothing: what is outstanding is delivered or not, and its reports are dropped.</summary>
    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private void Close()
    {
        if (_closed)
            return;
        _closed = true;
        EndAlone();
        ReleaseTopics();
        FreeRun();
        producer.Close(this);
    }

    /// <summary>The delivery thread: so many more reports are in.</summary>
    public void CountReports(int count) => Volatile.Write(ref _reported, _reported + count);

    /// <summary>The delivery thread: whether to call OnRoom; asks once.</summary>
    public bool TakeWantsRoom()
    {
        if (!Volatile.Read(ref _wantsRoom))
            return false;
        Volatile.Write(ref _wantsRoom, false);
        return true;
    }

    private ProduceStatus Produce(KafkaTopic topic, in OutgoingRecord record, int slot)
    {
        NativeProducer? native = producer.Native;
        if (native is null)
            return ProduceStatus.Rebuilding;
        if (producer.Spent.Any)
            producer.FreeSpent(); // Behind the look at Native: while this share is busy with it, nobody destroys it.

        if (_runTopic != topic)
            SendRun();
        nint handle = HandleOf(topic, native);
        if (handle == 0)
            return ProduceStatus.Refused;

        // A null pointer would make a null value (a tombstone) or a null key of an empty one.
        byte empty = 0;
        nint opaque = RecordOpaque.Pack(id, slot, record.PartitionHash);
        fixed (byte* valueStart = record.Value)
        fixed (byte* keyStart = record.Key)
        {
            byte* value = valueStart == null ? &empty : valueStart;
            byte* key = !record.HasKey ? null : keyStart == null ? &empty : keyStart;
            nuint valueLength = (nuint)record.Value.Length;
            nuint keyLength = record.HasKey ? (nuint)record.Key.Length : 0;
            if (record.Headers.IsEmpty && record.TimestampMs == 0)
            {
                if (_gathers)
                    return AddToRun(topic, handle, value, valueLength, key, keyLength, opaque);
                int result = LibRdKafka.rd_kafka_produce(
                    handle, LibRdKafka.PartitionUnassigned, LibRdKafka.MessageCopy, value, valueLength, key, keyLength, opaque);
                return result == 0 ? ProduceStatus.Queued : Faults.OfProduce(LibRdKafka.rd_kafka_last_error());
            }

            SendRun(); // They came before this one.
            return ProduceWhole(native, handle, record, opaque, value, key, keyLength);
        }
    }

    private static ProduceStatus ProduceWhole(
        NativeProducer native, nint topic, in OutgoingRecord record, nint opaque, byte* value, byte* key, nuint keyLength)
    {
        nint headers = NativeHeaders.Make(record.Headers);
        NativeVu* arguments = stackalloc NativeVu[7];
        int count = 0;
        arguments[count++] = new NativeVu { Type = NativeVu.TypeTopicHandle, Pointer = topic };
        arguments[count++] = new NativeVu { Type = NativeVu.TypeFlags, Int32 = LibRdKafka.MessageCopy };
        arguments[count++] = new NativeVu { Type = NativeVu.TypeValue, Pointer = (nint)value, Size = (nuint)record.Value.Length };
        arguments[count++] = new NativeVu { Type = NativeVu.TypeKey, Pointer = (nint)key, Size = keyLength };
        arguments[count++] = new NativeVu { Type = NativeVu.TypeOpaque, Pointer = opaque };
        if (record.TimestampMs != 0)
            arguments[count++] = new NativeVu { Type = NativeVu.TypeTimestamp, Int64 = record.TimestampMs };
        if (headers != 0)
            arguments[count++] = new NativeVu { Type = NativeVu.TypeHeaders, Pointer = headers };

        nint error = LibRdKafka.rd_kafka_produceva(native.Handle, arguments, (nuint)count);
        if (error == 0)
            return ProduceStatus.Queued;

        // Headers are librdkafka's only from success on.
        int code = LibRdKafka.rd_kafka_error_code(error);
        LibRdKafka.rd_kafka_error_destroy(error);
        if (headers != 0)
            LibRdKafka.rd_kafka_headers_destroy(headers);
        return Faults.OfProduce(code);
    }
}
