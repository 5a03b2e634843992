namespace Fastbridge.Mqtt.Session;

/// <summary>
/// Packet identifiers of QoS 2 messages that were received and whose PUBREL has not come: a PUBLISH that carries one is acknowledged again without
/// being delivered again [MQTT-4.3.3-10]. Part of the session: it outlives the connection where the server resumes it.
/// Belongs to the read loop. Takes no memory before the first QoS 2 message, then 16 KB.
/// </summary>
internal sealed class ReceivedIds
{
    // One bit an identifier. _here: those that came (also) on this connection, and so count against its Receive Maximum.
    private ulong[]? _all;
    private ulong[]? _here;

    /// <summary>What a received PUBLISH's identifier is.</summary>
    public enum Kind
    {
        /// <summary>Not known: a message to be delivered.</summary>
        New,

        /// <summary>Known from an earlier connection: its PUBREC was lost.</summary>
        Carried,

        /// <summary>Known from this very connection, where a 5.0 server must not send it twice [MQTT-4.4.0-1], but old ones do.</summary>
        Repeated,
    }

    public Kind Look(ushort id)
    {
        if (!Has(_all, id))
            return Kind.New;
        return Has(_here, id) ? Kind.Repeated : Kind.Carried;
    }

    /// <summary>A PUBLISH of this connection was taken, or is acknowledged again.</summary>
    public void Add(ushort id)
    {
        _all ??= new ulong[1024];
        _here ??= new ulong[1024];
        _all[id >> 6] |= 1UL << (id & 63);
        _here[id >> 6] |= 1UL << (id & 63);
    }

    /// <summary>PUBREL came.</summary>
    /// <param name="here">True when the message counted against this connection's Receive Maximum.</param>
    /// <returns>False when the identifier is unknown.</returns>
    public bool Release(ushort id, out bool here)
    {
        here = Has(_here, id);
        bool known = Has(_all, id);
        Forget(id);
        return known;
    }

    public void Forget(ushort id)
    {
        if (_all is null || _here is null)
            return;
        _all[id >> 6] &= ~(1UL << (id & 63));
        _here[id >> 6] &= ~(1UL << (id & 63));
    }

    /// <summary>The connection ended; what is known stays, and counts no more [4.9].</summary>
    public void EndConnection() => _here.AsSpan().Clear();

    /// <summary>The server has no session: nothing is known any more.</summary>
    public void Clear()
    {
        _all = null;
        _here = null;
    }

    private static bool Has(ulong[]? set, ushort id) => set is not null && (set[id >> 6] >> (id & 63) & 1) != 0;
}
