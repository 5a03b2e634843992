namespace Fastbridge.Core.Delivery;

/// <summary>
/// What all connectors of a bridge may have in flight together, so that memory does not grow with their number. Nobody owns a part of it: each may take up to <see cref="Greed"/> times what is
/// free at the moment, and no more than an equal part of what the active get together, beside its own limit. One alone gets its whole limit, and always some is left for
/// the next, also where the Kafka of some does not take anything. All members may be called from any thread.
/// </summary>
/// <remarks>
/// Several get less together than one alone may have: by the most that were active at once in the last second or two, for with many each has its turn, and at one instant a few are active
/// that would take what is everybody's. Each gets its part of it by those active now, so that who has its turn can make use of it. Where one keeps more than its part for long, because its Kafka takes nothing, the others do not wait for it: they take of what is left of the whole.
/// <para>
/// Whoever is refused is woken when it might have twice as much, by its own reports or another's: at a full load, where all are refused all the time, nobody is woken for a record or two. Where that
/// does not come (partitions without a leader), it is woken for what there is, within <see cref="Patience"/>.
/// </para>
/// </remarks>
internal sealed class InflightBudget
{
    /// <summary>20 MiB, where no connector's limit asks for more: one at the default of 16 MiB may fill it.</summary>
    internal const long Least = 20 * 1024 * 1024;

    /// <summary>64 KiB are everybody's, whatever the others have: some fifty small records, or one large one, on their way.</summary>
    internal const long Floor = 64 * 1024;

    /// <summary>
    /// 4: one alone may take four fifths of all, so its limit and a quarter are enough. More would leave a newcomer less beside those that hold much; less would ask for more memory.
    /// </summary>
    private const long Greed = 4;

    /// <summary>50 ms: twenty looks a second while somebody waits, and no reader that it holds up notices.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Percent of the whole that so many active get together: by the root of their number, down to a fifth. Kafka works on as many records as it takes at a time, wherever they come from; what is
    /// in flight beyond that only waits, in memory and outside the processor's caches.
    /// </summary>
    private static ReadOnlySpan<byte> Together => [100, 100, 71, 58, 50, 45, 41, 38, 35, 33, 32, 30, 29, 28, 27, 26, 25, 24, 24, 23, 22, 22, 21, 21, 20, 20];

    /// <summary>One second of <see cref="Patience"/>: the timer ticks while somebody waits, and while nobody does it does not matter.</summary>
    private const int TicksOfMost = 20;

    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private volatile BudgetShare[] _shares = [];
    private volatile bool _refused;
    private volatile bool _isKept;
    private int _looks;
    private int _activeBefore;
    private long _capacity = Least;
    private long _used;
    private int _active;
    private int _awaited;

    // Active at once within the last second or two, and since the last of these numbers was taken.
    private int _most;
    private int _mostSince;
    private int _ticks;

    public InflightBudget(TimeProvider? time = null) =>
        _timer = (time ?? TimeProvider.System).CreateTimer(static self => ((InflightBudget)self!).OnPatience(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Bytes in flight, as the windows count them, 16 KiB more or less for each: so much a share takes before it tells of it.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>A connector comes.</summary>
    /// <param name="limit">Its own.</param>
    /// <param name="room">It was refused, and there is room. On any thread, under no lock; may come without cause.</param>
    public BudgetShare Join(long limit, Action room)
    {
        var share = new BudgetShare(this, limit, room);
        lock (_lock)
            Set([.. _shares, share]);
        WakeRefused();
        return share;
    }

    /// <summary>It goes.</summary>
    internal void Leave(BudgetShare share)
    {
        lock (_lock)
            Set([.. _shares.Where(s => s != share)]);
    }

    /// <summary>A share has said of itself that it was refused; behind this call and a fence it looks again.</summary>
    internal void OnRefused() => _refused = true;

    /// <summary>Something was settled, or the whole has grown: tells those that were refused and might have twice as much now. Under no lock.</summary>
    internal void WakeRefused()
    {
        if (!_refused)
            return;
        _refused = false;
        Interlocked.MemoryBarrier();
        foreach (BudgetShare share in _shares)
        {
            if (share.IsRefused && !share.Wake())
                _refused = true;
        }
    }

    internal void Add(long bytes) => Interlocked.Add(ref _used, bytes);

    /// <summary>A share has become active (1): it has something in flight, or was refused; or is so no more (-1).</summary>
    internal void Activate(int change)
    {
        if (change == 0)
            return;
        int active = Interlocked.Add(ref _active, change);
        if (active <= Volatile.Read(ref _mostSince))
            return;
        Volatile.Write(ref _mostSince, active); // Two at once may leave the lower number: one of so many, for a second.
        if (active > Volatile.Read(ref _most))
            Volatile.Write(ref _most, active);
    }

    /// <summary>Whether one that has so much in flight may take one record more.</summary>
    internal bool Allows(long inFlight)
    {
        if (inFlight < Floor)
            return true;
        long capacity = Volatile.Read(ref _capacity);
        int active = Math.Max(Volatile.Read(ref _active), 1);
        long together = TogetherOf(capacity, Math.Max(active, Volatile.Read(ref _most)));
        return inFlight * active < together && inFlight < Greed * ((_isKept ? capacity : together) - Used);
    }

    /// <summary>Somebody was refused: should nothing wake it before, it is woken for the little that there is then.</summary>
    internal void WakeLater()
    {
        if (Interlocked.Exchange(ref _awaited, 1) == 0)
            _timer.Change(Patience, Timeout.InfiniteTimeSpan);
    }

    private void OnPatience()
    {
        if (++_ticks % TicksOfMost == 0)
        {
            Volatile.Write(ref _most, Volatile.Read(ref _mostSince));
            Volatile.Write(ref _mostSince, Volatile.Read(ref _active));
        }

        LookForKept(_shares);
        Interlocked.Exchange(ref _awaited, 0);
        foreach (BudgetShare share in _shares)
        {
            if (share.IsRefused && !share.WakeForAny())
                WakeLater();
        }
    }

    private static long TogetherOf(long capacity, int active) => capacity / 100 * Together[Math.Min(active, Together.Length - 1)];

    /// <summary>
    /// At two looks in a row somebody has more than its part: that is not the full load of a Kafka that takes it. That it is over is told by eight, for who has just been served is not active for an
    /// instant, and then the parts look larger than they are. The timer's, which is armed behind this.
    /// </summary>
    private void LookForKept(BudgetShare[] shares)
    {
        int active = Volatile.Read(ref _active), most = Math.Max(Math.Max(active, _activeBefore), 1);
        _activeBefore = active;
        long part = TogetherOf(Volatile.Read(ref _capacity), Math.Max(most, _most)) / most;
        bool isKept = Array.Exists(shares, s => s.Told > part + Floor);
        _looks = isKept == _isKept ? 0 : _looks + 1;
        if (_looks < (isKept ? 2 : 8))
            return;
        _isKept = isKept;
        _looks = 0;
    }

    private void Set(BudgetShare[] shares)
    {
        _shares = shares;
        long largest = shares.Length == 0 ? 0 : shares.Max(s => s.Limit);
        Volatile.Write(ref _capacity, Math.Max(Least, largest + largest / Greed));
    }
}
