namespace Fastbridge.Mqtt.Session;

/// <summary>
/// Packet identifiers of the packets that we start: PUBLISH at QoS 1 and 2, SUBSCRIBE, UNSUBSCRIBE [MQTT-2.2.1-3]. One that is in use is not given
/// again. Not synchronised: the owner's lock. 8 KB, made with the first one.
/// </summary>
internal sealed class PacketIds
{
    /// <summary>All but 0.</summary>
    public const int Count = 65_535;

    private ulong[]? _used;

    // A random start: a server that kept the session of an earlier process of ours may still hold its QoS 2 identifiers, and would take
    // a new message with one of them for a repeated old one.
    private ushort _last = (ushort)Random.Shared.Next(ushort.MaxValue + 1);

    public int InUse { get; private set; }

    /// <returns>0 when all are in use.</returns>
    public ushort Take()
    {
        if (InUse == Count)
            return 0;
        _used ??= new ulong[1024];
        do
            _last++;
        while (_last == 0 || (_used[_last >> 6] >> (_last & 63) & 1) != 0);
        _used[_last >> 6] |= 1UL << (_last & 63);
        InUse++;
        return _last;
    }

    public void Free(ushort id)
    {
        if (_used is null || (_used[id >> 6] >> (id & 63) & 1) == 0)
            return;
        _used[id >> 6] &= ~(1UL << (id & 63));
        InUse--;
    }
}
