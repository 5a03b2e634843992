namespace Fastbridge.Core.Delivery;

/// <summary>
/// What all connectors of a bridge may have in flight together, so that memory does not grow with their number. Nobody owns a part of it: each may take up to <see cref="Greed"/> times what is
/// free at the moment, beside its own limit. One alone gets its whole limit, ten get a tenth each, and always some is left for the next, also where the Kafka of some does not take anything.
/// All members may be called from any thread.
/// </summary>
/// <remarks>
/// Whoever is refused has more than <see cref="Floor"/> in flight, so it is woken by reports of its own. Nobody waits for another's.
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

    private readonly Lock _lock = new();
    private readonly List<long> _limits = [];
    private long _capacity = Least;
    private long _used;

    /// <summary>Bytes in flight, as the windows count them; each tells of the last few only when they are 16 KiB.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>A connector comes, with its limit.</summary>
    public BudgetShare Join(long limit)
    {
        lock (_lock)
        {
            _limits.Add(limit);
            Measure();
        }

        return new BudgetShare(this, limit);
    }

    /// <summary>It goes.</summary>
    internal void Leave(long limit)
    {
        lock (_lock)
        {
            _limits.Remove(limit);
            Measure();
        }
    }

    internal void Add(long bytes) => Interlocked.Add(ref _used, bytes);

    /// <summary>Whether one that has so much in flight may take one record more.</summary>
    internal bool Allows(long inFlight) => inFlight < Floor || inFlight < Greed * (Volatile.Read(ref _capacity) - Used);

    private void Measure()
    {
        long largest = 0;
        foreach (long limit in _limits)
            largest = Math.Max(largest, limit);
        Volatile.Write(ref _capacity, Math.Max(Least, largest + largest / Greed));
    }
}
