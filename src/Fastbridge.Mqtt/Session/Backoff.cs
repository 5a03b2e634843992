namespace Fastbridge.Mqtt.Session;

/// <summary>
/// How long to wait before the next attempt: exponential with full jitter (a random time between 0 and the step), so that a thousand gateways do not
/// come back at once. Starts over only after a connection that was stable for a minute: one that falls at once counts as a failed attempt.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    /// <summary>One minute: longer than any handshake, shorter than what an operator calls flapping.</summary>
    public static readonly TimeSpan Stable = TimeSpan.FromMinutes(1);

    private int _attempts;

    /// <summary>The next wait.</summary>
    /// <param name="lasted">How long the connection was up; zero where it never was.</param>
    public TimeSpan Next(TimeSpan lasted)
    {
        if (lasted >= Stable)
            _attempts = 0;
        double step = first.TotalMilliseconds * Math.Pow(2, Math.Min(_attempts++, 30));
        return TimeSpan.FromMilliseconds(random.NextDouble() * Math.Min(step, longest.TotalMilliseconds));
    }

    /// <summary>
    /// A wait at the longest interval, for what will not be better soon (another client has our identifier, the server breaks the same rule again and
    /// again): between half of it and all of it, for there is jitter to keep. The waits after it stay long too.
    /// </summary>
    public TimeSpan NextLongest()
    {
        _attempts = 31;
        return TimeSpan.FromMilliseconds(longest.TotalMilliseconds * (0.5 + (random.NextDouble() / 2)));
    }
}
