using System.Collections.Immutable;

namespace Fastbridge.Core.Live;

/// <summary>
/// Finds what is dead or stuck among threads and loops. It counts its own looks and no time: while a frozen process does not run, nothing looks, and nobody is taken for
/// stuck because all of them stood still. One thread.
/// </summary>
public sealed class HeartbeatWatch
{
    /// <summary>60 looks, a second apart, without a beat: longer than any step of theirs, a slow disk's flush among them.</summary>
    public const int MostLooks = 60;

    private Dictionary<Heartbeat, Seen> _seen = [];

    /// <summary>One look at all that there are now.</summary>
    /// <returns>The first that is dead or stuck, one line; null: all live.</returns>
    public string? Look(ImmutableArray<Heartbeat> all)
    {
        string? fault = null;
        var seen = new Dictionary<Heartbeat, Seen>(all.Length);
        foreach (Heartbeat heart in all)
        {
            long beats = heart.Beats;
            Seen now = _seen.TryGetValue(heart, out Seen? before) && before.Beats == beats && !heart.Rests ? before : new Seen(beats);
            seen[heart] = now;
            if (heart.Fault is { } end)
                fault ??= $"{heart.What} has ended ({end})";
            else if (++now.Looks > MostLooks)
                fault ??= $"{heart.What} has not come back for {now.Looks - 1} s";
        }

        _seen = seen;
        return fault;
    }

    private sealed class Seen(long beats)
    {
        public long Beats => beats;

        public int Looks { get; set; }
    }
}
