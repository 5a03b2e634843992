using Fastbridge.Core.Metrics;

namespace Fastbridge.Core.Delivery;

/// <summary>
/// How long a connector's messages take. Measured is one message of <see cref="Every"/>, and the first after each time that the socket had nothing more, so that a slow
/// connector is measured too; to read the clock for each would cost a tenth of the message.
/// </summary>
/// <remarks>
/// Threads: <see cref="Take"/> is whoever produces, <see cref="TakeForBuffer"/> the reader; <see cref="OnSettled"/> comes under the window's lock. Anyone reads.
/// </remarks>
internal sealed class LatencyMeter(TimeProvider time)
{
    /// <summary>64: at a thousand messages a second still 15 samples a second, and half a nanosecond a message.</summary>
    public const int Every = 64;

    private int _untilTake = 1;
    private int _untilBuffer = 1;

    /// <summary>From taking a PUBLISH of QoS 1 or 2 until its acknowledgement may leave.</summary>
    public LatencyHistogram Ack { get; } = new(time);

    /// <summary>From the first time that a record was handed to the producer until Kafka's word that it has it.</summary>
    public LatencyHistogram Produce { get; } = new(time);

    /// <summary>The stamp of a message whose record is produced now; 0: not this one.</summary>
    public long Take() => --_untilTake > 0 ? 0 : Begin(ref _untilTake);

    /// <summary>The stamp of a message that goes to the disk, negative: it is acknowledged from there, and says nothing of Kafka. 0: not this one.</summary>
    public long TakeForBuffer() => --_untilBuffer > 0 ? 0 : -Begin(ref _untilBuffer);

    /// <summary>The next message is measured. Of two threads at once one may lose, which costs or adds a sample.</summary>
    public void MeasureNext()
    {
        _untilTake = 1;
        _untilBuffer = 1;
    }

    /// <param name="stamp">What <see cref="Take"/> or <see cref="TakeForBuffer"/> gave; not 0.</param>
    /// <param name="now">0: the clock was not read yet for this batch.</param>
    public void OnSettled(long stamp, ref long now, bool acknowledged, bool reported)
    {
        if (now == 0)
            now = time.GetTimestamp();
        if (acknowledged)
            Ack.Record(now - Math.Abs(stamp));
        if (reported && stamp > 0)
            Produce.Record(now - stamp);
    }

    private long Begin(ref int until)
    {
        until = Every;
        return Math.Max(1, time.GetTimestamp());
    }
}
