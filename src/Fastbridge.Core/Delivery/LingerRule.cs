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
    /// Half of what the server leaves unacknowledged is sent on while the rest comes in, so that Kafka works at one half and the server at the other. As one, each side waits for the other (a tenth
    /// less rate).
    /// </summary>
    private const int Parts = 2;

    /// <summary>1,024: so many small records fill a request. More at a time only makes Kafka, and then the server, wait (half of 10,000: a fifteenth less rate).</summary>
    private const int MostInPart = 1_024;

    /// <summary>256: the half of fewer is not worth a request of its own; and at a slow and even rate, where the most is small too, each record would be one.</summary>
    private const int Least = 256;

    private const long PeriodMs = 10_000;

    private long _most;
    private long _mostBefore;
    private long _periodEnd;
    private long _sent;

    /// <summary>Another connection: nothing is known of it.</summary>
    public void Reset() => _most = _mostBefore = _periodEnd = 0;

    /// <summary>The socket has nothing more. True: send on what lingers, then say <see cref="Sent"/>.</summary>
    /// <param name="unacknowledged">By the server's count: QoS 1 and 2.</param>
    /// <param name="taken">QoS 1 and 2 messages ever taken.</param>
    /// <param name="nowMs">Any clock.</param>
    public bool OnIdle(long unacknowledged, long taken, long nowMs)
    {
        if (unacknowledged == 0)
            return false; // QoS 0: nobody waits.
        if (nowMs >= _periodEnd || nowMs < _periodEnd - PeriodMs)
        {
            // Nothing is left of a period that ended before the last one began.
            _mostBefore = nowMs - _periodEnd >= PeriodMs ? 0 : _most;
            _most = 0;
            _periodEnd = nowMs + PeriodMs;
        }

        _most = Math.Max(_most, unacknowledged);
        if (unacknowledged < Most)
            return false;

        // A few wait for the answer to those on their way: its acknowledgements will bring more to go with them.
        long fresh = taken - _sent;
        return fresh >= unacknowledged || IsPart(fresh);
    }

    /// <summary>What has been read is worked through, and more is there: the server is ahead. True: as above.</summary>
    public bool OnMore(long unacknowledged, long taken)
    {
        _most = Math.Max(_most, unacknowledged);
        return unacknowledged * 4 >= Most * 3 && IsPart(taken - _sent);
    }

    /// <summary>What has been taken up to now is on its way.</summary>
    public void Sent(long taken) => _sent = taken;

    private long Most => Math.Max(_most, _mostBefore);

    private bool IsPart(long fresh) => Most >= Least && (fresh * Parts >= Most || fresh >= MostInPart);
}
