using System.Buffers.Binary;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Transport;

namespace Fastbridge.Mqtt.Session;

/// <summary>What <see cref="AckQueue.Add"/> answers.</summary>
internal enum AckAdmission : byte
{
    Admitted,

    /// <summary>More than Receive Maximum stand unacknowledged [MQTT-3.3.4-9], or in 3.1.1 more than there are packet identifiers.</summary>
    TooMany,
}

/// <summary>
/// The QoS 1 and 2 PUBLISHes of one connection, in receipt order, until their ack leaves. Any thread marks them done in any order; PUBACK and
/// PUBREC leave from the head only [MQTT-4.6.0-2] [MQTT-4.6.0-3]. One instance a connection: a receipt of another one is ignored.
/// <para>
/// Storage is 4 bytes a message in pages of 256 that all connections share (<see cref="PagedRing{T}"/>), up to 65,536 messages, one more than there are packet identifiers.
/// </para>
/// <para>
/// Threads: <see cref="Add"/>, <see cref="Retract"/> and <see cref="Complete"/> belong to the read loop and take no lock but for another page or when
/// the known room is used up. <see cref="Acknowledge"/> may come from any thread and takes one lock a call.
/// </para>
/// </summary>
internal sealed class AckQueue
{
    public const int LargestCapacity = 65_536;

    // An entry: packet identifier in the low 16 bits.
    private const uint Done = 1u << 31;
    private const uint ExactlyOnce = 1u << 30;
    private const uint Again = 1u << 29;

    private readonly Lock _gate = new();
    private readonly OutboundQueue _outbound;
    private readonly int _connection;
    private readonly int _receiveMaximum;
    private readonly int _borne;

    // The read loop's own: the next sequence number, and the one up to which there is room for sure.
    // Room only grows while others drain the head, so the shared counters are looked at only when it is used up.
    private uint _tail;
    private uint _roomUntil;
    private int _completed;

    // Under the gate, but that the read loop sets the entry at the tail.
    private readonly PagedRing<uint> _ring = new();
    private uint _head;
    private int _received;
    private bool _closed;

    /// <param name="connection">The number that receipts carry.</param>
    /// <param name="receiveMaximum">What CONNECT announced; 65,535 in 3.1.1, where it is the number of packet identifiers.</param>
    /// <param name="tolerance">Messages above it that are borne; see <see cref="MqttClientOptions.ReceiveMaximumTolerance"/>.</param>
    public AckQueue(int connection, int receiveMaximum, OutboundQueue outbound, int tolerance = 0)
    {
        _connection = connection;
        _receiveMaximum = receiveMaximum;
        _borne = Math.Min(receiveMaximum + tolerance, LargestCapacity - 1);
        _outbound = outbound;
    }

    public int Connection => _connection;

    /// <summary>Entries that there is memory for now; for tests.</summary>
    public int Capacity => _ring.Pages * PagedRing<uint>.PageSize;

    /// <summary>The server has sent more than the Receive Maximum, within the tolerance. The read loop's.</summary>
    public bool WasExceeded { get; private set; }

    /// <summary>Messages received and not acknowledged on this connection.</summary>
    public int Pending
    {
        get
        {
            lock (_gate)
                return (int)(Volatile.Read(ref _tail) - _head);
        }
    }

    /// <summary>What counts against Receive Maximum [4.9]: received, at QoS 1 without PUBACK, at QoS 2 without PUBCOMP. The read loop.</summary>
    public int Unacknowledged
    {
        get
        {
            lock (_gate)
                return CountUnacknowledged();
        }
    }

    /// <summary>The first receipt whose ack has not been written: all before it are settled, nothing from it on is [MQTT-4.6.0-2]. Any thread.</summary>
    public Receipt FirstUnacknowledged => new(_connection, (int)Volatile.Read(ref _head));

    /// <summary>Read loop: gives a PUBLISH its place. Nothing is owed for it before the application was given <paramref name="receipt"/>.</summary>
    /// <param name="again">A redelivered QoS 2 PUBLISH of this same connection: takes its place in the order, but not a second time in the Receive Maximum.</param>
    public AckAdmission Add(ushort packetId, QoS qos, bool again, out Receipt receipt)
    {
        uint tail = _tail;
        if (tail == _roomUntil && !FindRoom(again))
        {
            receipt = default;
            return AckAdmission.TooMany;
        }

        _ring[tail] = packetId | (qos == QoS.ExactlyOnce ? ExactlyOnce : 0) | (again ? Again : 0);
        receipt = new Receipt(_connection, (int)tail);
        // The entry first, then the tail: whoever is given the receipt finds the entry.
        Volatile.Write(ref _tail, tail + 1);
        return AckAdmission.Admitted;
    }

    /// <summary>Read loop: takes back the place that <see cref="Add"/> gave last, which the application did not take.</summary>
    public void Retract() => Volatile.Write(ref _tail, _tail - 1); // Its receipt was given to nobody who keeps it, so it is not done.

    /// <summary>Read loop: the PUBCOMP of a QoS 2 message received on this connection is sent; its place in the Receive Maximum is free [4.9].</summary>
    public void Complete() => _completed++;

    /// <summary>Any thread: the application is done with these. Acks that become due go into the outbound queue, which the caller flushes.</summary>
    /// <returns>True when something was written.</returns>
    public bool Acknowledge(ReadOnlySpan<Receipt> receipts)
    {
        lock (_gate)
        {
            if (_closed)
                return false;
            uint head = _head;
            uint waiting = Volatile.Read(ref _tail) - head;
            foreach (Receipt receipt in receipts)
            {
                // Of an earlier connection, acknowledged before, or never given: ignored.
                if (receipt.Connection == _connection && (uint)receipt.Sequence - head < waiting)
                    _ring[(uint)receipt.Sequence] |= Done;
            }

            return Drain((int)waiting);
        }
    }

    /// <summary>
    /// The connection is over: no ack leaves any more. A QoS 2 message whose PUBREC did not leave will come again and must then be offered again,
    /// so its identifier is forgotten; but not where the application is done with it, for then only the PUBREC is owed [MQTT-4.3.3-10].
    /// </summary>
    /// <returns>The first sequence whose ack was not written: from there on all come again.</returns>
    public int Close(ReceivedIds received)
    {
        lock (_gate)
        {
            if (_closed)
                return (int)_head;
            _closed = true;
            for (uint at = _head; at != _tail; at++)
            {
                uint entry = _ring[at];
                if ((entry & (ExactlyOnce | Again | Done)) == ExactlyOnce)
                    received.Forget((ushort)entry);
            }

            received.EndConnection();
            _ring.Clear();
            return (int)_head;
        }
    }

    /// <summary>Under the gate: moves the head over all that is done, of <paramref name="waiting"/> entries, and writes their acks.</summary>
    private bool Drain(int waiting)
    {
        int due = CountDue(waiting);
        if (due == 0)
            return false;

        int exactlyOnce = 0;
        uint head = _head;
        lock (_outbound.Gate)
        {
            // Behind a DISCONNECT nothing may follow [MQTT-3.14.4-2]: the messages stay unacknowledged and come again.
            if (_outbound.IsClosed)
                return false;
            Span<byte> acks = _outbound.GetSpan(due * 4);
            for (int written = 0; written < due;)
            {
                Span<uint> piece = _ring.Piece(head, due - written);
                foreach (uint entry in piece)
                {
                    // [3.4], [3.5] PUBACK 0x40 or PUBREC 0x50, remaining length 2, packet identifier; no reason code means success
                    bool isExactlyOnce = (entry & ExactlyOnce) != 0;
                    BinaryPrimitives.WriteUInt32BigEndian(acks[(written++ * 4)..], (isExactlyOnce ? 0x5002_0000u : 0x4002_0000u) | (ushort)entry);
                    if ((entry & (ExactlyOnce | Again)) == ExactlyOnce)
                        exactlyOnce++;
                }

                head += (uint)piece.Length;
            }

            _outbound.Advance(due * 4);
        }

        _received += exactlyOnce;
        _ring.Release(_head, head);
        Volatile.Write(ref _head, head);
        return true;
    }

    private int CountDue(int waiting)
    {
        for (int due = 0; due < waiting;)
        {
            Span<uint> piece = _ring.Piece(_head + (uint)due, waiting - due);
            foreach (uint entry in piece)
            {
                if ((entry & Done) == 0)
                    return due;
                due++;
            }
        }

        return waiting;
    }

    /// <summary>
    /// Read loop, for every page: counts exactly, and has another page. A message counts against the Receive Maximum until its PUBACK, at QoS 2 until
    /// its PUBCOMP [4.9]: so those whose PUBREC left and whose PUBREL has not come count beside what stands in the ring.
    /// </summary>
    private bool FindRoom(bool again)
    {
        lock (_gate)
        {
            int waiting = (int)(_tail - _head);
            int unacknowledged = CountUnacknowledged();
            int room = _receiveMaximum - unacknowledged;
            if (room <= 0 && !again && unacknowledged < _borne)
            {
                WasExceeded = true;
                room = _borne - unacknowledged;
            }

            if (again)
                room = Math.Max(room, 1);
            if (room <= 0 || waiting == LargestCapacity)
                return false;
            _roomUntil = _tail + (uint)Math.Min(_ring.Extend(_head, _tail), Math.Min(room, LargestCapacity - waiting));
            return true;
        }
    }

    private int CountUnacknowledged() => (int)(_tail - _head) + _received - _completed;
}
