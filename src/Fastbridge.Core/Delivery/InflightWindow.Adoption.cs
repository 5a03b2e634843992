using Fastbridge.Mqtt;

namespace Fastbridge.Core.Delivery;

/// <content>From connection to connection: what was left unacknowledged, and comes again.</content>
internal sealed partial class InflightWindow
{
    /// <summary>
    /// A new connection: what the one before left unacknowledged becomes recognisable as redelivery where the session was resumed; where it
    /// was not, its packet identifiers mean nothing any more, and its records go on without an ack.
    /// </summary>
    public void BeginConnection(int connection, bool resumed, int firstUnacknowledgedBefore)
    {
        lock (_lock)
        {
            if (resumed)
            {
                _log.NextConnection(connection, firstUnacknowledgedBefore, entry => _orphans[entry.PacketId] = entry);
            }
            else
            {
                _orphans.Clear();
                _log.NextConnection(connection, 0, null);
            }

            _hasOrphans = _orphans.Count > 0;
        }
    }

    /// <summary>True where a message of this packet identifier was left unacknowledged by an earlier connection.</summary>
    public bool MayAdopt(ushort packetId)
    {
        lock (_lock)
            return _orphans.ContainsKey(packetId);
    }

    /// <summary>Lets a redelivered message take over the record that is pending, or delivered and unacknowledged, since before.</summary>
    public Adoption Adopt(ushort packetId, ulong fingerprint, Receipt receipt)
    {
        lock (_lock)
        {
            if (!_orphans.Remove(packetId, out ReceiptLog.Entry orphan))
                return Adoption.None;
            _hasOrphans = _orphans.Count > 0;
            if (orphan.Fingerprint != fingerprint)
                return Adoption.None; // The server gave the identifier to another message: the old one it no longer has.
            while (!_log.TryAdd(receipt.Sequence, orphan))
                _log.MakeRoom(receipt.Sequence, firstUnacknowledged());
            if (orphan.Slot == ReceiptLog.Entry.Delivered)
                return Adoption.Delivered;
            _slots[orphan.Slot].Receipt = receipt;
            return Adoption.Pending;
        }
    }

    /// <summary>A new message (not a redelivery) uses this packet identifier: the server has settled the old one.</summary>
    public void ForgetOrphan(ushort packetId)
    {
        lock (_lock)
        {
            _orphans.Remove(packetId);
            _hasOrphans = _orphans.Count > 0;
        }
    }
}
