using System.Runtime.CompilerServices;
using Fastbridge.Core.Config;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Delivery;

/// <summary>
/// The records of one connector that Kafka has not settled: a slot each, bounded in messages and bytes. Slots outlive connections; receipts do not.
/// </summary>
/// <remarks>
/// Threads: <see cref="HasRoom"/>, <see cref="Take"/>, <see cref="Untake"/>, <see cref="Adopt"/> and <see cref="BeginConnection"/> are the read
/// loop's; <see cref="Complete"/> is any thread's. The lock is taken once for a batch of completions and once for every
/// <see cref="ReserveSize"/> messages taken, or some fewer.
/// </remarks>
internal sealed partial class InflightWindow(WindowConfig limits, Func<Receipt> firstUnacknowledged, LatencyMeter? latency = null, BudgetShare? share = null)
{
    /// <summary>256 bytes: what librdkafka keeps beside each record. With small records it is the larger part.</summary>
    private const long BesideRecord = 256;

    /// <summary>Slots the reader fetches at a time: one lock for 64 messages is below what can be measured.</summary>
    private const int ReserveSize = 64;

    private readonly Lock _lock = new();
    private readonly ReceiptLog _log = new();
    private readonly Dictionary<ushort, ReceiptLog.Entry> _orphans = [];
    private readonly SlotTable _slots = new();
    private readonly int[] _reserve = new int[ReserveSize];
    private int _reserved;
    private long _takenMessages;
    private long _takenBytes;
    private long _settledMessages;
    private long _settledBytes;
    private uint _order;
    private volatile bool _hasOrphans;

    /// <summary>Messages in flight, those of earlier connections included. Any thread.</summary>
    public long Messages => Volatile.Read(ref _takenMessages) - Volatile.Read(ref _settledMessages);

    /// <summary>QoS 1 and 2 messages taken so far. The read loop's.</summary>
    public long TakenToAcknowledge { get; private set; }

    /// <summary>Bytes of encoded records in flight. Any thread.</summary>
    public long Bytes => Volatile.Read(ref _takenBytes) - Volatile.Read(ref _settledBytes);

    /// <summary>Room for one more record. The byte bound is checked before a record is encoded, so it may be passed by one record.</summary>
    public bool HasRoom
    {
        get
        {
            long messages = Messages, inFlight = Bytes + messages * BesideRecord;
            return messages < limits.MaxMessages && inFlight < limits.MaxBytes && (share is null || share.Allows(inFlight));
        }
    }

    /// <summary>Whether a reader that waits for room should look, now that some of its records are settled.</summary>
    public bool IsWorthALook => share is null || share.IsWorthTelling(Bytes + Messages * BesideRecord);

    /// <summary>Messages of the present connection that are still known, to be recognised should they come again; for tests. Any thread.</summary>
    public int Remembered
    {
        get
        {
            lock (_lock)
                return _log.Count;
        }
    }

    /// <summary>Some messages of an earlier connection may come again.</summary>
    public bool ExpectsRedelivery => _hasOrphans;

    /// <summary>Identifies a message by topic and payload, to tell a redelivery from a new message under an old packet identifier.</summary>
    public static ulong Fingerprint(int topicHash, uint payloadCrc) => (ulong)(uint)topicHash << 32 | payloadCrc;

    /// <summary>A slot for a record about to be produced. The slot's report may come before this thread's next statement.</summary>
    /// <param name="receipt">Default at QoS 0.</param>
    public int Take(Receipt receipt, ushort packetId, ulong fingerprint, int bytes)
    {
        if (_reserved == 0)
            _reserved = Refill(_reserve);
        int slot = _reserve[--_reserved];
        _slots[slot] = new Slot { Receipt = receipt, PacketId = packetId, Bytes = bytes, Order = _order++, Taken = true, TakenAt = latency is null ? 0 : latency.Take() };
        if (receipt.Connection != 0)
        {
            TakenToAcknowledge++;
            Log(receipt, new ReceiptLog.Entry(packetId, fingerprint) { Slot = slot });
        }

        Volatile.Write(ref _takenMessages, _takenMessages + 1);
        Volatile.Write(ref _takenBytes, _takenBytes + bytes);
        share?.Take(bytes + BesideRecord);
        return slot;
    }

    /// <summary>Gives back the slot of the last <see cref="Take"/>: its record was not taken by the sink.</summary>
    public void Untake(int slot)
    {
        ref Slot s = ref _slots[slot];
        if (s.Receipt.Connection != 0)
        {
            TakenToAcknowledge--;
            _log.RemoveLast();
        }

        Volatile.Write(ref _takenMessages, _takenMessages - 1);
        Volatile.Write(ref _takenBytes, _takenBytes - s.Bytes);
        share?.Take(-(s.Bytes + BesideRecord));
        if (s.TakenAt != 0)
            latency!.MeasureNext();
        s = default;
        _reserve[_reserved++] = slot;
    }

    /// <summary>Settles slots and lists in <paramref name="acks"/> the receipts that may be acknowledged; returns how many. Any thread.</summary>
    /// <param name="acks">At least as long as <paramref name="slots"/>.</param>
    /// <param name="reported">Kafka has their records; false: they were put away, dropped or given up.</param>
    public int Complete(ReadOnlySpan<int> slots, Span<Receipt> acks, bool reported = false)
    {
        int count = 0;
        long now = 0;
        long bytes = 0, messages = 0;
        lock (_lock)
        {
            foreach (int slot in slots)
            {
                // A slot is reported once; should a sink ever report twice, the second report must not free another message's slot.
                ref Slot s = ref _slots.Find(slot);
                if (Unsafe.IsNullRef(ref s) || !s.Taken)
                    continue;
                if (s.Buffered)
                {
                    CountStored(s.Bytes);
                }
                else
                {
                    messages++;
                    bytes += s.Bytes;
                }

                if (s.Aside)
                    CountAside(-s.Bytes, -1);
                bool acknowledged = s.Receipt.Connection == _log.Connection && s.Receipt.Connection != 0;
                if (s.TakenAt != 0)
                    latency!.OnSettled(s.TakenAt, ref now, acknowledged, reported);
                if (acknowledged)
                {
                    _log.MarkDelivered(s.Receipt.Sequence);
                    acks[count++] = s.Receipt;
                }
                else if (s.Receipt.Connection != 0 && _orphans.TryGetValue(s.PacketId, out ReceiptLog.Entry orphan) && orphan.Slot == slot)
                {
                    orphan.Slot = ReceiptLog.Entry.Delivered;
                    _orphans[s.PacketId] = orphan;
                }

                _slots.Free(slot);
            }

            Volatile.Write(ref _settledMessages, _settledMessages + messages);
            Volatile.Write(ref _settledBytes, _settledBytes + bytes);
            share?.Settle(bytes + messages * BesideRecord);
        }

        share?.WakeOthers();
        return count;
    }

    /// <summary>The connector is gone: what is in flight does not count any more. Nobody takes after it; reports may still come.</summary>
    public void Close()
    {
        lock (_lock)
            share?.Close();
        share?.WakeOthers();
    }

    /// <summary>The place of a slot's message in the order of receipt, over all connections; for producing again in order.</summary>
    public uint OrderOf(int slot)
    {
        lock (_lock)
            return _slots[slot].Order;
    }

    /// <summary>Forgets the receipts whose acks have left: they do not come again. After acks were handed to the client; any thread.</summary>
    public void ForgetAcknowledged()
    {
        lock (_lock)
            _log.Forget(firstUnacknowledged());
    }

    private void Log(Receipt receipt, ReceiptLog.Entry entry)
    {
        while (!_log.TryAdd(receipt.Sequence, entry))
        {
            lock (_lock)
                _log.MakeRoom(receipt.Sequence, firstUnacknowledged());
        }
    }

    private int Refill(int[] reserve)
    {
        lock (_lock)
            return _slots.Reserve(reserve);
    }
}
