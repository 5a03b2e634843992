using System.Globalization;

namespace Fastbridge.Core.Live;

/// <summary>
/// Whether a connector that expects a message within a time has had none: from its counter as it is sampled once a second, so the hot path pays nothing, and by the monotonic
/// clock, so a gateway that is told the time of day does not cry wolf. One thread samples; any reads.
/// </summary>
internal sealed class SilenceWatch(TimeProvider time)
{
    private long _seen;
    private long _at = time.GetTimestamp();
    private volatile string _warning = "";

    /// <summary>One line, or empty while messages come as expected.</summary>
    public string Warning => _warning;

    /// <param name="messages">Messages that came up to now.</param>
    /// <param name="within">expect_message_within; null: nothing is expected.</param>
    /// <returns>What the log is to say: the beginning or the end of silence; null: nothing.</returns>
    public string? Sample(long messages, TimeSpan? within)
    {
        TimeSpan silent = time.GetElapsedTime(_at);
        if (messages != _seen)
        {
            _seen = messages;
            _at = time.GetTimestamp();
            return End($"a message came again after {Seconds(silent)} s of silence");
        }

        if (within is not { } limit)
            return End("no message is expected within a time any more");
        if (silent < limit)
            return End($"expect_message_within is now {Seconds(limit)} s, and its silence shorter"); // An edit.
        bool isNew = _warning.Length == 0;
        _warning = $"no message for {Seconds(silent)} s; expect_message_within is {Seconds(limit)} s; see what publishes under its topic filters";
        return isNew ? _warning : null;
    }

    private string? End(string why)
    {
        if (_warning.Length == 0)
            return null;
        _warning = "";
        return why;
    }

    private static string Seconds(TimeSpan span) => (span.TotalSeconds < 10 ? Math.Round(span.TotalSeconds, 1) : Math.Floor(span.TotalSeconds)).ToString("#,0.#", CultureInfo.InvariantCulture);
}
