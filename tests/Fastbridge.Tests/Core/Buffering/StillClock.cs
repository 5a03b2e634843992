namespace Fastbridge.Tests.Core.Buffering;

/// <summary>A time of day that only the test moves; what measures spans, and timers, run as always. Thread-safe.</summary>
internal sealed class StillClock : TimeProvider
{
    private long _ms = 1_800_000_000_000;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Interlocked.Read(ref _ms));

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ms, (long)by.TotalMilliseconds);
}
