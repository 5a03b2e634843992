using System.Collections.Immutable;

namespace Fastbridge.Core.Delivery;

/// <summary>Counts by reason, of which there are few: Kafka's error names and ours. Any thread.</summary>
internal sealed class ReasonCounts
{
    /// <summary>More than Kafka's errors that a record can meet; what comes beyond is counted as "other".</summary>
    private const int MostReasons = 32;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public void Add(string reason)
    {
        lock (_lock)
        {
            bool known = _counts.TryGetValue(reason, out long count);
            if (!known && _counts.Count >= MostReasons)
                _counts.TryGetValue(reason = "other", out count);
            _counts[reason] = count + 1;
        }
    }

    /// <summary>By reason, in ordinal order.</summary>
    public ImmutableArray<KeyValuePair<string, long>> Snapshot()
    {
        lock (_lock)
            return [.. _counts];
    }
}
