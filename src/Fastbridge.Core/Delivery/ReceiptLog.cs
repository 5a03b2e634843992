using System.Runtime.InteropServices;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Delivery;

/// <summary>
/// What one connection received at QoS 1 and 2 and has not acknowledged on the wire yet, by receipt sequence: enough to recognise the same
/// messages when a resumed session sends them again. The reader adds, and takes back the newest, without a lock; all else happens under the owner's.
/// </summary>
/// <remarks>
/// Acks leave in receipt order [MQTT-4.6.0-2], so "not acknowledged" is all from one sequence on, and the client's one number tells it. A record
/// that Kafka has while an older one holds its ack back is still in here: without that, a flapping link with one stuck partition would produce
/// thousands of records again at every reconnect.
/// </remarks>
internal sealed class ReceiptLog
{
    private readonly PagedRing<Entry> _ring = new();
    private int _head;
    private int _tail;

    // The reader's: up to here there is room.
    private int _roomUntil;

    /// <summary>The connection whose receipts these are; 0 before the first.</summary>
    public int Connection { get; private set; }

    /// <summary>From the oldest that may be unacknowledged to the newest. Under the lock.</summary>
    public int Count => Volatile.Read(ref _tail) - _head;

    /// <summary>Pages that hold them; for tests.</summary>
    public int Pages => _ring.Pages;

    /// <summary>The next receipt; false where there is no room: call <see cref="MakeRoom"/> under the lock, then again.</summary>
    /// <remarks>
    /// Sequences rise; one that is left out (a QoS 2 message that the session answered by itself) is filled in as absent. Needs no lock: it writes an entry that nobody looks for yet, and its slot is reported only after it was produced, which is later.
    /// </remarks>
    public bool TryAdd(int sequence, Entry entry)
    {
        for (; ; )
        {
            int tail = _tail;
            if (tail == _roomUntil)
                return false;
            bool last = tail == sequence;
            _ring[(uint)tail] = last ? entry : new Entry { Slot = Entry.Absent };
            Volatile.Write(ref _tail, tail + 1);
            if (last)
                return true;
        }
    }

    /// <summary>
    /// Room for <paramref name="sequence"/>, or for some of those left out before it. What was acknowledged is forgotten first: where that is all, those left out need not be filled in, and they may be millions
    /// (retained messages that are skipped).
    /// </summary>
    public void MakeRoom(int sequence, Receipt firstUnacknowledged)
    {
        Forget(firstUnacknowledged);
        if (_head == _tail)
        {
            _ring.Clear();
            _head = _tail = sequence;
        }

        _roomUntil = _tail + _ring.Extend((uint)_head, (uint)_tail);
    }

    /// <summary>Takes back the newest, which was not taken after all. The reader's.</summary>
    public void RemoveLast() => Volatile.Write(ref _tail, _tail - 1);

    public void MarkDelivered(int sequence)
    {
        if (unchecked((uint)(sequence - _head) < (uint)Count))
            _ring[(uint)sequence].Slot = Entry.Delivered;
    }

    /// <summary>Forgets what stands before <paramref name="first"/>, which has been acknowledged; of another connection it says nothing.</summary>
    public void Forget(Receipt first)
    {
        int acknowledged = first.Sequence - _head;
        if (first.Connection != Connection || acknowledged <= 0)
            return;
        int head = _head + Math.Min(acknowledged, Count);
        _ring.Release((uint)_head, (uint)head);
        _head = head;
    }

    /// <summary>Ends the connection: hands out all that is unacknowledged, oldest first, and starts empty for the next.</summary>
    public void NextConnection(int connection, int firstUnacknowledged, Action<Entry>? orphan)
    {
        if (orphan is not null && Connection != 0)
        {
            Forget(new Receipt(Connection, firstUnacknowledged));
            for (int sequence = _head; sequence != _tail; sequence++)
            {
                Entry entry = _ring[(uint)sequence];
                if (entry.Slot != Entry.Absent)
                    orphan(entry);
            }
        }

        Connection = connection;
        _ring.Clear();
        _head = _tail = _roomUntil = 0;
    }

    /// <summary>One received message.</summary>
    /// <param name="PacketId">Its packet identifier.</param>
    /// <param name="Fingerprint">Of its topic and payload, see <see cref="InflightWindow.Fingerprint"/>.</param>
    /// <remarks>Packed: 16 bytes instead of 24, of up to 65,536 a connector.</remarks>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    internal record struct Entry(ushort PacketId, ulong Fingerprint)
    {
        /// <summary>Kafka has it: there is no slot any more.</summary>
        public const int Delivered = -1;

        /// <summary>Not a message of the application's.</summary>
        public const int Absent = -2;

        /// <summary>The slot that its record is pending in, or <see cref="Delivered"/>.</summary>
        public int Slot { get; set; }
    }
}
