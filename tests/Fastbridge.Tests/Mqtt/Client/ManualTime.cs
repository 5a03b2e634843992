using System.Threading.Channels;

namespace Fastbridge.Tests.Mqtt.Client;

/// <summary>A clock that stands still until the test moves it; timers run inside <see cref="Advance"/>, each at its own moment.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly Channel<bool> _scheduled = Channel.CreateUnbounded<bool>();
    private TimeSpan _now = TimeSpan.FromDays(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_gate)
            return _now.Ticks;
    }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ManualTimer timer = new(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Waits (in real time) until some timer is due within <paramref name="span"/>: the code under test has come so far.</summary>
    public async Task WaitForTimerAsync(TimeSpan span)
    {
        using CancellationTokenSource guard = new(Support.TestTools.Guard);
        while (true)
        {
            lock (_gate)
            {
                if (_timers.Exists(t => t.Due <= _now + span))
                    return;
            }

            await _scheduled.Reader.ReadAsync(guard.Token);
        }
    }

    public void Advance(TimeSpan by)
    {
        TimeSpan end;
        lock (_gate)
            end = _now + by;
        while (true)
        {
            ManualTimer? next;
            lock (_gate)
            {
                next = _timers.Where(t => t.Due <= end).MinBy(t => t.Due);
                _now = next is null ? end : TimeSpan.FromTicks(Math.Max(next.Due.Ticks, _now.Ticks));
                if (next is not null)
                    _timers.Remove(next);
            }

            if (next is null)
                return;
            next.Run();
        }
    }

    private sealed class ManualTimer(ManualTime time, Action run) : ITimer
    {
        public TimeSpan Due { get; private set; }

        public void Run() => run();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                if (dueTime < TimeSpan.Zero)
                    return true;
                Due = time._now + dueTime;
                time._timers.Add(this);
            }

            time._scheduled.Writer.TryWrite(true);
            return true;
        }

        public void Dispose()
        {
            lock (time._gate)
                time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
