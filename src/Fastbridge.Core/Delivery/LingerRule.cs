namespace Fastbridge.Core.Delivery;

/// <summary>
/// Says when records that linger for company should leave. The MQTT server waits for our acknowledgements when it has left as many messages unacknowledged as it ever does; then records that
/// linger wait for nothing. Below that it is only slow, and they may gather. Belongs to the read loop.
/// </summary>
/// <remarks>
/// How many it ever leaves is seen, not known: Receive Maximum is an upper bound that many servers stay below (mosquitto: 20), or pass. What counts is the most of this and the last period, so that
/// a server that once sent its whole queue at once is not waited for to do so again.
/// </remarks>
internal sealed class LingerRule
{
    /// <summary>
    /// Half of what the server leaves unacknowledged is sent on while the rest comes in, so that Kafka works at one half and the server at the other. Of a smaller part each request would
    /// carry too little (a quarter: a tenth more CPU); as one, each side waits for the other (a tenth less rate).
    /// </summary>
    private const int Parts = 2;

    private const long PeriodMs = 10_000;

    private long _most;
    private long _mostBefore;
    private long _periodEnd;
    private long _sent;

    /// <summary>Another connection: nothing is known of it.</summary>
    public void Reset() => _most = _mostBefore = _periodEnd = 0;

    /// <summary>The socket has nothing more. True: send on what lingers.</summary>
    /// <param name="unacknowledged">By the server's count.</param>
    /// <param name="unsettled">Records that Kafka has not answered for, those that linger included.</param>
    /// <param name="taken">Records that were ever produced.</param>
    /// <param name="nowMs">Any clock.</param>
    public bool OnIdle(long unacknowledged, long unsettled, long taken, long nowMs)
    {
        if (unacknowledged == 0)
            return false; // QoS 0: nobody waits.
        if (nowMs >= _periodEnd || nowMs < _periodEnd - PeriodMs)
        {
            _mostBefore = _periodEnd == 0 ? 0 : _most;
            _most = 0;
            _periodEnd = nowMs + PeriodMs;
        }

        _most = Math.Max(_most, unacknowledged);
        bool waits = unacknowledged >= _mostBefore && unacknowledged >= _most;

        // What has been sent on is on its way, and its acknowledgements will bring more to go with these.
        bool alone = taken - _sent >= unsettled;
        return (waits && alone && Send(taken)) || OnMore(unacknowledged, taken);
    }

    /// <summary>What has been read is worked through, and more is there. True: send on what lingers.</summary>
    public bool OnMore(long unacknowledged, long taken)
    {
        long most = Math.Max(_most, _mostBefore);
        return unacknowledged * 4 >= most * 3 && (taken - _sent) * Parts >= most && most > 0 && Send(taken);
    }

    private bool Send(long taken)
    {
        _sent = taken;
        return true;
    }
}
