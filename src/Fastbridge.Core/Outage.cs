using System.Globalization;

namespace Fastbridge.Core;

/// <summary>
/// One time that an end is away, for its log lines: each reason is said once, what repeats is counted, and the count said now and then. Not synchronised.
/// </summary>
internal sealed class Outage(TimeProvider time)
{
    /// <summary>Ten minutes: an outage of a day is a page of a log.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromMinutes(10);

    /// <summary>Reasons that are said; servers may tell ever new ones.</summary>
    private const int MostReasons = 16;

    private readonly long _since = time.GetTimestamp();
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private long _saidAt = time.GetTimestamp();

    /// <summary>Attempts that failed.</summary>
    public long Attempts { get; private set; }

    /// <summary>The last one said.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>How long it lasts, as <c>1,234</c> seconds.</summary>
    public string Seconds => time.GetElapsedTime(_since).TotalSeconds.ToString("#,0", CultureInfo.InvariantCulture);

    /// <returns>Whether it is to be said in full: not where it was before.</returns>
    public bool Add(string reason, bool isAttempt)
    {
        Attempts += isAttempt ? 1 : 0;
        Reason = reason;
        return _said.Count < MostReasons && _said.Add(reason);
    }

    /// <summary>Whether the count is due; once it is, it is taken for said.</summary>
    public bool IsDue()
    {
        if (time.GetElapsedTime(_saidAt) < Between)
            return false;
        _saidAt = time.GetTimestamp();
        return true;
    }
}
