namespace Fastbridge.Core.Delivery;

/// <content>What the watchdog asks.</content>
internal sealed partial class InflightWindow
{
    /// <summary>Whether a slot still holds the message that it held: <paramref name="order"/> is its own for ever.</summary>
    public bool IsTaken(int slot, uint order)
    {
        lock (_lock)
            return _slots.Has(slot) && _slots[slot].Taken && _slots[slot].Order == order;
    }

    /// <summary>The oldest message in flight. Looks at every slot, so it is asked a few times a minute.</summary>
    /// <remarks>
    /// The reader fills slots without the lock. A slot that it is writing may show a wrong order for that instant; the watchdog then watches a young message, which goes
    /// its way, and asks again.
    /// </remarks>
    public bool TryOldest(out int slot, out uint order, out ushort packetId, out int bytes)
    {
        (slot, order, packetId, bytes) = (-1, 0, 0, 0);
        lock (_lock)
        {
            for (int i = 0; i < _slots.End; i++)
            {
                if (!_slots.Has(i))
                    continue;
                ref Slot s = ref _slots[i];
                if (s.Taken && !s.Buffered && (slot < 0 || unchecked((int)(s.Order - order)) < 0))
                    (slot, order, packetId, bytes) = (i, s.Order, s.PacketId, s.Bytes);
            }
        }

        return slot >= 0;
    }
}
