using Fastbridge.Core.Config;

namespace Fastbridge.Core.Delivery;

/// <summary>
/// Two token buckets, one of messages and one of bytes, each holding a tenth of a second's worth. A message may take more than is there: the debt is waited for
/// before the next, so that one of any size passes and the rate holds on average.
/// </summary>
/// <remarks>The reader's, but for the timer's call.</remarks>
internal sealed class RateLimiter : IDisposable
{
    private const double Burst = 0.1;

    /// <summary>A wake-up for each message would cost more than the message.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);

    private readonly double _messageRate;
    private readonly double _byteRate;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private double _messages;
    private double _bytes;
    private long _filledAt;
    private int _armed;

    /// <param name="wake">Called from a timer when it is worth asking again.</param>
    public RateLimiter(RateLimitConfig limits, TimeProvider time, Action wake)
    {
        _messageRate = limits.MessagesPerSecond ?? double.PositiveInfinity;
        _byteRate = limits.BytesPerSecond ?? double.PositiveInfinity;
        (_messages, _bytes) = (Most(_messageRate), Most(_byteRate));
        _time = time;
        _filledAt = time.GetTimestamp();
        _timer = time.CreateTimer(
            _ =>
            {
                Volatile.Write(ref _armed, 0);
                wake();
            },
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether one more message may be taken now; where not, the wake-up is set.</summary>
    public bool HasRoom()
    {
        Fill();
        if (_messages > 0 && _bytes > 0)
            return true;
        if (Interlocked.Exchange(ref _armed, 1) == 0)
            _timer.Change(Pause(), Timeout.InfiniteTimeSpan);
        return false;
    }

    /// <summary>A message was taken.</summary>
    public void Take(int bytes)
    {
        _messages--;
        _bytes -= bytes;
    }

    public void Dispose() => _timer.Dispose();

    private static double Debt(double tokens, double rate) => double.IsFinite(rate) ? -tokens / rate : 0;

    private static double Most(double rate) => Math.Max(rate * Burst, 1);

    private void Fill()
    {
        long now = _time.GetTimestamp();
        double seconds = _time.GetElapsedTime(_filledAt, now).TotalSeconds;
        if (seconds <= 0)
            return;
        _filledAt = now;
        _messages = Math.Min(_messages + (seconds * _messageRate), Most(_messageRate));
        _bytes = Math.Min(_bytes + (seconds * _byteRate), Most(_byteRate));
    }

    private TimeSpan Pause()
    {
        double debt = Math.Max(Debt(_messages, _messageRate), Debt(_bytes, _byteRate));
        TimeSpan pause = TimeSpan.FromSeconds(Math.Clamp(debt, 0, 3600));
        return pause > ShortestPause ? pause : ShortestPause;
    }
}
