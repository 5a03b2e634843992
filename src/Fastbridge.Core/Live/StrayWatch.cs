namespace Fastbridge.Core.Live;

/// <summary>
/// Looks for messages that match no filter of today's while the session may still hold some of an older one. It exists only from the moment when an old filter is
/// known until the server has confirmed that it is gone and has then had nothing more to send for a while; otherwise the hot path sees a null.
/// </summary>
/// <remarks><see cref="IsStray"/> and <see cref="IsOver"/> are the read loop's; <see cref="Confirm"/> is any thread's.</remarks>
internal sealed class StrayWatch(IEnumerable<string> filters, TimeProvider time)
{
    /// <summary>60 s without a stray, behind the UNSUBACK and with the queue drained: longer than any broker waits between two batches of a queue.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TopicMatcher _matcher = new(filters);
    private long _quietSince;
    private volatile bool _confirmed;

    /// <summary>The first of this watch was seen: said once.</summary>
    public bool HasSeenAny { get; private set; }

    /// <summary>The server has dropped the old filters: UNSUBACK.</summary>
    public void Confirm()
    {
        Volatile.Write(ref _quietSince, time.GetTimestamp());
        _confirmed = true;
    }

    /// <summary>The message came under an old filter.</summary>
    public bool IsStray(ReadOnlySpan<byte> topic, out bool first)
    {
        first = false;
        if (_matcher.Matches(topic))
            return false;
        first = !HasSeenAny;
        HasSeenAny = true;
        Volatile.Write(ref _quietSince, time.GetTimestamp());
        return true;
    }

    /// <summary>To be asked when the socket is idle and every message is settled, so that the server holds nothing back for want of acks.</summary>
    public bool IsOver() => _confirmed && time.GetElapsedTime(Volatile.Read(ref _quietSince)) > Patience;
}
