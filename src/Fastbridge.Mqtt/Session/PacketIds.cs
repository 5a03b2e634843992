namespace Fastbridge.Mqtt.Session;

/// <summary>
/// Packet identifiers of the packets that we start: PUBLISH at QoS 1 and 2, SUBSCRIBE, UNSUBSCRIBE [MQTT-2.2.1-3]. One that is in use is not given
/// again. Not synchronised: the owner's lock. 8 KB, made when two are in use at a time: a connector that subscribes to little never has them.
/// </summary>
internal sealed class PacketIds
{
    /// <summary>All but 0.</summary>
    public const int Count = 65_535;

    private ulong[]? _used;
    private ushort _only;

    // A random start: a server that kept the session of an earlier process of ours may still hold its QoS 2 identifiers, and would take
    // a new message with one of them for a repeated old one.
    private ushort _last = (ushort)Random.Shared.Next(ushort.MaxValue + 1);

    public int InUse { get; private set; }

    /// <returns>0 when all are in use.</returns>
    public ushort Take()
    {
        if (InUse == Count)
            return 0;
        if (_used is null && InUse == 1)
        {
            _used = new ulong[1024];
            Mark(_only);
        }

        do
            _last++;
        while (_last == 0 || IsUsed(_last));
        if (_used is null)
            _only = _last;
        else
            Mark(_last);
        InUse++;
        return _last;
    }

    public void Free(ushort id)
    {
        if (!IsUsed(id))
            return;
        if (_used is not null)
            _used[id >> 6] &= ~(1UL << (id & 63));
        InUse--;
    }

    private bool IsUsed(ushort id) => _used is null ? InUse == 1 && id == _only : (_used[id >> 6] >> (id & 63) & 1) != 0;

    private void Mark(ushort id) => _used![id >> 6] |= 1UL << (id & 63);
}
