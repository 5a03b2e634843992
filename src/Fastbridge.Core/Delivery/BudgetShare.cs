namespace Fastbridge.Core.Delivery;

/// <summary>
/// A connector's place in the <see cref="InflightBudget"/>: what it has told of. What is taken is told 16 KiB at a time and what is settled a batch at a time, so that connectors on many
/// threads do not meet at one number for each message.
/// </summary>
internal sealed class BudgetShare(InflightBudget budget, long limit, Action room)
{
    private const long TellBytes = 16 * 1024;

    /// <summary>Half of what is everybody's: from there on it counts as active.</summary>
    private const long ActiveBytes = InflightBudget.Floor / 2;

    private long _untold;
    private long _told;
    private long _refusedAt;
    private int _active;
    private volatile bool _refused;
    private volatile bool _closed;

    public long Limit => limit;

    /// <summary>Bytes in flight, as far as the budget has heard.</summary>
    public long Told => Volatile.Read(ref _told);

    /// <summary>It was refused, and has not been told of room since.</summary>
    public bool IsRefused => _refused;

    /// <summary>Whether the bridge has room for one more, where so much of this connector's is in flight. Where it has none, room is told of later. Any thread.</summary>
    public bool Allows(long inFlight)
    {
        if (budget.Allows(inFlight))
            return true;
        Volatile.Write(ref _refusedAt, inFlight);
        _refused = true;
        TellActivity();
        budget.OnRefused();
        Interlocked.MemoryBarrier();
        if (budget.Allows(inFlight))
        {
            Admit();
            return true;
        }

        budget.WakeLater(); // What gives room may wake nobody: its own reports may not come, and another's may be too little for twice as much.
        return false;
    }

    /// <summary>Whether there is so much room that twice as much as this would be no more than is allowed. Leaves no word.</summary>
    public bool HasPlenty(long inFlight) => budget.Allows(2 * inFlight);

    /// <summary>Tells of room if there is plenty; false: not yet.</summary>
    public bool Wake()
    {
        if (!HasPlenty(Volatile.Read(ref _refusedAt)))
            return false;
        Admit();
        room();
        return true;
    }

    /// <summary>Tells of room if there is any at all; false: there is none.</summary>
    public bool WakeForAny()
    {
        if (!budget.Allows(Told))
            return false;
        Admit();
        room();
        return true;
    }

    /// <summary>Some of its own was settled: whether that is worth telling a reader that waits. If not, room is told of later.</summary>
    public bool IsWorthTelling(long inFlight)
    {
        if (!_refused)
            return true;
        if (!HasPlenty(inFlight))
            return false;
        Admit();
        return true;
    }

    /// <summary>Room may have come for others. Under no lock.</summary>
    public void WakeOthers() => budget.WakeRefused();

    /// <summary>The thread that takes; negative: taken back.</summary>
    public void Take(long bytes)
    {
        if (_closed)
            return; // A disk that hung may let its drain go on behind the connector's end; nobody would ever settle that.
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
        Tell(-Volatile.Read(ref _told));
        budget.Leave(this);
    }

    private void Admit()
    {
        _refused = false;
        TellActivity();
    }

    private void Tell(long bytes)
    {
        Interlocked.Add(ref _told, bytes);
        TellActivity();
        budget.Add(bytes);
    }

    /// <summary>
    /// Whoever was refused and waits is active, too: at a full load a share that is just empty wants its part as much as the others. Looks again behind each change, as another thread may have told
    /// the opposite with what it saw before.
    /// </summary>
    private void TellActivity()
    {
        while (true)
        {
            Interlocked.MemoryBarrier();
            int active = !_closed && (_refused || Volatile.Read(ref _told) >= ActiveBytes) ? 1 : 0;
            if (active == Volatile.Read(ref _active))
                return;
            int before = Interlocked.Exchange(ref _active, active);
            budget.Activate(active - before);
        }
    }
}
