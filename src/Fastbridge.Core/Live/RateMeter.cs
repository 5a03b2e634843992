namespace Fastbridge.Core.Live;

/// <summary>
/// Messages a second over the last five seconds, and when the last one came, from counters that are looked at once a second: the hot path pays nothing. Any thread.
/// </summary>
internal sealed class RateMeter(TimeProvider time)
{
    /// <summary>Five intervals of a second: long enough to be calm, short enough to see a burst.</summary>
    private const int Intervals = 5;

    private readonly Lock _lock = new();
    private readonly long[] _at = new long[Intervals + 1];
    private readonly long[] _received = new long[Intervals + 1];
    private readonly long[] _delivered = new long[Intervals + 1];
    private int _count;
    private int _newest = -1;

    public double ReceivedPerSecond { get; private set; }

    public double DeliveredPerSecond { get; private set; }

    /// <summary>To the second; null before the first.</summary>
    public DateTimeOffset? LastReceivedAt { get; private set; }

    /// <inheritdoc cref="LastReceivedAt"/>
    public DateTimeOffset? LastDeliveredAt { get; private set; }

    /// <summary>The counters as they are now; about once a second.</summary>
    public void Sample(long received, long delivered)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            Touch(received, delivered);
            _newest = (_newest + 1) % _at.Length;
            (_at[_newest], _received[_newest], _delivered[_newest]) = (now, received, delivered);
            _count = Math.Min(_count + 1, _at.Length);
            int oldest = (_newest - _count + 1 + _at.Length) % _at.Length;
            double seconds = time.GetElapsedTime(_at[oldest], now).TotalSeconds;
            if (seconds <= 0)
                return;
            ReceivedPerSecond = (received - _received[oldest]) / seconds;
            DeliveredPerSecond = (delivered - _delivered[oldest]) / seconds;
        }
    }

    /// <summary>The counters between two samples: only the times of the last messages are brought up to date.</summary>
    public void Look(long received, long delivered)
    {
        lock (_lock)
            Touch(received, delivered);
    }

    private void Touch(long received, long delivered)
    {
        if (received > (_newest < 0 ? 0 : _received[_newest]))
            LastReceivedAt = time.GetUtcNow();
        if (delivered > (_newest < 0 ? 0 : _delivered[_newest]))
            LastDeliveredAt = time.GetUtcNow();
    }
}
