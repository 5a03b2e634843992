namespace Fastbridge.Core.Live;

/// <summary>
/// What a thread or loop that must go on for ever tells of itself: that it works, that it waits for something that may never come, or that it has ended by a fault. It
/// costs three stores, and nothing is measured. One writer; any thread reads.
/// </summary>
/// <param name="what">Who it is, for a sentence: <c>the delivery thread of Kafka h:9092</c>.</param>
public sealed class Heartbeat(string what)
{
    private long _beats;
    private volatile bool _rests = true;
    private volatile string? _fault;

    public string What => what;

    /// <summary>Rises while it works.</summary>
    public long Beats => Volatile.Read(ref _beats);

    /// <summary>It waits, and may do so for ever; also before it began and after it ended in good order.</summary>
    public bool Rests => _rests;

    /// <summary>Why it has ended although it must not; null: it has not.</summary>
    public string? Fault => _fault;

    /// <summary>It works, and will beat or rest again soon.</summary>
    public void Beat()
    {
        Volatile.Write(ref _beats, _beats + 1);
        _rests = false;
    }

    /// <summary>It waits for what may never come.</summary>
    public void Rest() => _rests = true;

    /// <summary>It has ended by a fault of ours. For good.</summary>
    public void Fail(Exception fault) => _fault = $"{fault.GetType().Name}: {fault.Message.ReplaceLineEndings(" ")}";
}
