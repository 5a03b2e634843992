using Fastbridge.Mqtt;

namespace Fastbridge.Core.Delivery;

/// <content>
/// With a buffer: slots of messages that wait for the disk instead of Kafka. They are counted apart, so a window that is full of records in Kafka's hands leaves
/// room for messages on their way to the disk. Both kinds together stay below the sink's 131,072 slots.
/// </content>
/// <remarks>
/// While messages go to the disk, <see cref="TakeForBuffer"/> is the read loop's, and <see cref="Take"/> and <see cref="Untake"/> are the drain's, which gives no
/// receipt: each has free slots of its own in reserve.
/// </remarks>
internal sealed partial class InflightWindow
{
    /// <summary>What is left of the sink's slot numbers beside 65,535 in flight and two reserves.</summary>
    private const int MostBuffered = 65_535 - 2 * ReserveSize;

    private readonly int[] _bufferReserve = new int[ReserveSize];
    private int _bufferReserved;
    private long _bufferTakenMessages;
    private long _bufferTakenBytes;
    private long _bufferDoneMessages;
    private long _bufferDoneBytes;
    private long _asideMessages;
    private long _asideBytes;

    /// <summary>Messages that wait for the disk. Any thread.</summary>
    public long Buffered => Volatile.Read(ref _bufferTakenMessages) - Volatile.Read(ref _bufferDoneMessages);

    /// <summary>Bytes of their records. Any thread.</summary>
    public long BufferedBytes => Volatile.Read(ref _bufferTakenBytes) - Volatile.Read(ref _bufferDoneBytes);

    /// <summary>Messages set aside: they are neither with the sink nor on their way to the disk, but in memory until they are put away or dropped. Any thread.</summary>
    public long Asides => Volatile.Read(ref _asideMessages);

    /// <summary>
    /// Room for one more that waits for the disk: as many as may be in flight, to be bounded alike. What is set aside counts, or what can never go to the disk would
    /// have no bound at all.
    /// </summary>
    public bool HasBufferRoom =>
        Buffered + Asides < Math.Min(limits.MaxMessages, MostBuffered) && BufferedBytes + Volatile.Read(ref _asideBytes) < limits.MaxBytes;

    /// <summary>At most half full, by its own limits and by what all share: worth leaving the disk for.</summary>
    public bool IsHalfEmpty => Messages <= limits.MaxMessages / 2 && Bytes <= limits.MaxBytes / 2 && (share is null || share.HasPlenty(Bytes + Messages * BesideRecord));

    /// <summary>A slot for a message on its way to the disk; <see cref="Complete"/> follows when it is there.</summary>
    public int TakeForBuffer(Receipt receipt, ushort packetId, ulong fingerprint, int bytes)
    {
        if (_bufferReserved == 0)
            _bufferReserved = Refill(_bufferReserve);
        int slot = _bufferReserve[--_bufferReserved];
        _slots[slot] = new Slot { Receipt = receipt, PacketId = packetId, Bytes = bytes, Order = _order, Taken = true, Buffered = true, TakenAt = latency is null ? 0 : latency.TakeForBuffer() };
        if (receipt.Connection != 0)
            Log(receipt, new ReceiptLog.Entry(packetId, fingerprint) { Slot = slot });
        Volatile.Write(ref _bufferTakenMessages, _bufferTakenMessages + 1);
        Volatile.Write(ref _bufferTakenBytes, _bufferTakenBytes + bytes);
        return slot;
    }

    /// <summary>The message of a slot of <see cref="TakeForBuffer"/> is given to the sink, or to the recovery, after all.</summary>
    /// <param name="ordered">It is produced now, behind all that was produced before. By whoever may call <see cref="Take"/>.</param>
    public void MoveToFlight(int slot, bool ordered)
    {
        lock (_lock)
        {
            ref Slot s = ref _slots[slot];
            s.Buffered = false;
            if (ordered)
                s.Order = _order++;
            CountStored(s.Bytes);

            // What was taken is counted by one thread without a lock; what was settled, under this one. So less is settled, instead of more taken.
            Volatile.Write(ref _settledMessages, _settledMessages - 1);
            Volatile.Write(ref _settledBytes, _settledBytes - s.Bytes);
            share?.Settle(-(s.Bytes + BesideRecord));
        }
    }

    /// <summary>The message of a slot goes to the recovery, in memory alone: no disk will have it. Counted until <see cref="Complete"/>. The read loop's.</summary>
    public void SetAside(int slot)
    {
        lock (_lock)
        {
            ref Slot s = ref _slots[slot];
            s.Aside = true;
            CountAside(s.Bytes);
        }
    }

    /// <summary>Takes <see cref="MoveToFlight"/> back: the sink had no room.</summary>
    public void MoveToBuffer(int slot)
    {
        lock (_lock)
        {
            ref Slot s = ref _slots[slot];
            s.Buffered = true;
            CountStored(-s.Bytes, -1);
            Volatile.Write(ref _settledMessages, _settledMessages + 1);
            Volatile.Write(ref _settledBytes, _settledBytes + s.Bytes);
            share?.Settle(s.Bytes + BesideRecord);
        }
    }

    /// <summary>
    /// The records of these slots are safe on disk, and still in flight: lists in <paramref name="acks"/> the receipts that may be acknowledged, and returns how many.
    /// What comes of the records is no longer MQTT's business.
    /// </summary>
    public int Secure(ReadOnlySpan<int> slots, Span<Receipt> acks)
    {
        int count = 0;
        long now = 0;
        lock (_lock)
        {
            foreach (int slot in slots)
            {
                ref Slot s = ref _slots[slot];
                if (s.Receipt.Connection == _log.Connection && s.Receipt.Connection != 0)
                {
                    if (s.TakenAt != 0)
                        latency!.OnSettled(s.TakenAt, ref now, acknowledged: true, reported: false);
                    _log.MarkDelivered(s.Receipt.Sequence);
                    acks[count++] = s.Receipt;
                }
                else if (s.Receipt.Connection != 0 && _orphans.TryGetValue(s.PacketId, out ReceiptLog.Entry orphan) && orphan.Slot == slot)
                {
                    orphan.Slot = ReceiptLog.Entry.Delivered;
                    _orphans[s.PacketId] = orphan;
                }

                s.Receipt = default;
            }
        }

        return count;
    }

    private void CountAside(int bytes, int messages = 1)
    {
        Volatile.Write(ref _asideMessages, _asideMessages + messages);
        Volatile.Write(ref _asideBytes, _asideBytes + bytes);
    }

    private void CountStored(int bytes, int messages = 1)
    {
        Volatile.Write(ref _bufferDoneMessages, _bufferDoneMessages + messages);
        Volatile.Write(ref _bufferDoneBytes, _bufferDoneBytes + bytes);
    }
}
