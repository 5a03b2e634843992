using System.Runtime.InteropServices;

namespace Fastbridge.Core.Delivery;

/// <summary>
/// What one connection received at QoS 1 and 2 and has not acknowledged on the wire yet, by receipt sequence: enough to recognise the same
/// messages when a resumed session sends them again. A ring: the reader adds without a lock, all else happens under the owner's.
/// </summary>
/// <remarks>
/// Acks leave in receipt order [MQTT-4.6.0-2], so "not acknowledged" is all from one sequence on, and the client's one number tells it. A record
/// that Kafka has while an older one holds its ack back is still in here: without that, a flapping link with one stuck partition would produce
/// thousands of records again at every reconnect.
/// </remarks>
internal sealed class ReceiptLog
{
    private const int Smallest = 64;
    private Entry[] _ring = new Entry[Smallest];
    private int _head;
    private int _tail;

    /// <summary>The connection whose receipts these are; 0 before the first.</summary>
    public int Connection { get; private set; }

    /// <summary>From the oldest that may be unacknowledged to the newest.</summary>
    public int Count => _tail - _head;

    /// <summary>The next receipt; false where the ring is full: call <see cref="MakeRoom"/> under the lock, then again.</summary>
    /// <remarks>
    /// Sequences rise; one that is left out (a QoS 2 message that the session answered by itself) is filled in as absent. Needs no lock: it writes an entry that nobody looks for yet, and its slot is reported only after it was produced, which is later.
    /// </remarks>
    public bool TryAdd(int sequence, Entry entry)
    {
        if (_head == _tail)
            _head = _tail = sequence;
        for (; ; )
        {
            if (Count == _ring.Length)
                return false;
            bool last = _tail == sequence;
            _ring[_tail & (_ring.Length - 1)] = last ? entry : new Entry { Slot = Entry.Absent };
            Volatile.Write(ref _tail, _tail + 1);
            if (last)
                return true;
        }
    }

    /// <summary>Forgets what has been acknowledged, and doubles the ring where that is too little.</summary>
    public void MakeRoom(int firstUnacknowledged)
    {
        Forget(firstUnacknowledged);
        if (Count > _ring.Length / 4 * 3)
            Grow();
    }

    /// <summary>Takes back the newest, which was not taken after all.</summary>
    public void RemoveLast() => _tail--;

    public void MarkDelivered(int sequence)
    {
        if (unchecked((uint)(sequence - _head) < (uint)Count))
            _ring[sequence & (_ring.Length - 1)].Slot = Entry.Delivered;
    }

    /// <summary>Ends the connection: hands out all that is unacknowledged, oldest first, and starts empty for the next.</summary>
    public void NextConnection(int connection, int firstUnacknowledged, Action<Entry>? orphan)
    {
        if (orphan is not null && Connection != 0)
        {
            Forget(firstUnacknowledged);
            for (int sequence = _head; sequence != _tail; sequence++)
            {
                Entry entry = _ring[sequence & (_ring.Length - 1)];
                if (entry.Slot != Entry.Absent)
                    orphan(entry);
            }
        }

        Connection = connection;
        _head = _tail = 0;
        if (_ring.Length > Smallest)
            _ring = new Entry[Smallest];
    }

    private void Forget(int firstUnacknowledged)
    {
        int acknowledged = firstUnacknowledged - _head;
        if (acknowledged > 0)
            _head += Math.Min(acknowledged, Count);
    }

    private void Grow()
    {
        var larger = new Entry[_ring.Length * 2];
        for (int sequence = _head; sequence != _tail; sequence++)
            larger[sequence & (larger.Length - 1)] = _ring[sequence & (_ring.Length - 1)];
        _ring = larger;
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
