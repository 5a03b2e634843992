namespace Fastbridge.Core.Delivery;

/// <summary>
/// A connector's place in the <see cref="InflightBudget"/>: what it has told of. What is taken is told 16 KiB at a time and what is settled a batch at a time, so that connectors on many
/// threads do not meet at one number for each message.
/// </summary>
internal sealed class BudgetShare(InflightBudget budget, long limit)
{
    private const long TellBytes = 16 * 1024;

    private long _untold;
    private long _told;
    private bool _closed;

    /// <summary>Whether the bridge has room for one more, where so much of this connector's is in flight. Any thread.</summary>
    public bool Allows(long inFlight) => budget.Allows(inFlight);

    /// <summary>The thread that takes; negative: taken back.</summary>
    public void Take(long bytes)
    {
        _untold += bytes;
        if (_untold is < TellBytes and > -TellBytes)
            return;
        Tell(_untold);
        _untold = 0;
    }

    /// <summary>Under the window's lock.</summary>
    public void Settle(long bytes)
    {
        if (!_closed)
            Tell(-bytes);
    }

    /// <summary>The connector is gone: nobody takes any more, and what is still in flight is nobody's. Under the window's lock.</summary>
    public void Close()
    {
        if (_closed)
            return;
        _closed = true;
        budget.Add(-Interlocked.Exchange(ref _told, 0));
        budget.Leave(limit);
    }

    private void Tell(long bytes)
    {
        Interlocked.Add(ref _told, bytes);
        budget.Add(bytes);
    }
}
