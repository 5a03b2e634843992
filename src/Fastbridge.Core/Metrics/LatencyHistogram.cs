using System.Collections.Immutable;

namespace Fastbridge.Core.Metrics;

/// <summary>Times in fixed buckets. One writer at a time; any thread may read, and misses at most what is being written.</summary>
public sealed class LatencyHistogram
{
    /// <summary>
    /// Upper bounds of the buckets in seconds, the same for every connector so that they can be summed: from what Kafka needs beside the bridge to an outage.
    /// </summary>
    public static readonly ImmutableArray<double> Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

    private readonly long[] _bounds;
    private readonly long[] _counts = new long[Bounds.Length + 1];
    private readonly double _frequency;
    private long _sum;

    public LatencyHistogram(TimeProvider time)
    {
        _frequency = time.TimestampFrequency;
        _bounds = new long[Bounds.Length];
        for (int i = 0; i < _bounds.Length; i++)
            _bounds[i] = (long)(Bounds[i] * _frequency);
    }

    /// <summary>As it is now.</summary>
    public LatencyStatus Status
    {
        get
        {
            var counts = new long[_counts.Length];
            for (int i = 0; i < counts.Length; i++)
                counts[i] = Volatile.Read(ref _counts[i]);
            return new LatencyStatus(System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(counts), Volatile.Read(ref _sum) / _frequency);
        }
    }

    /// <param name="elapsed">In ticks of the time provider's timestamp; a bound belongs to its bucket.</param>
    public void Record(long elapsed)
    {
        int bucket = 0;
        while (bucket < _bounds.Length && elapsed > _bounds[bucket])
            bucket++;
        Volatile.Write(ref _counts[bucket], _counts[bucket] + 1);
        Volatile.Write(ref _sum, _sum + elapsed);
    }
}

/// <summary>A histogram at one moment.</summary>
/// <param name="Counts">Samples by bucket, not summed up; one more than <see cref="LatencyHistogram.Bounds"/>, for what is above the last.</param>
/// <param name="SumSeconds">Of all samples.</param>
public sealed record LatencyStatus(ImmutableArray<long> Counts, double SumSeconds)
{
    /// <summary>Nothing measured.</summary>
    public static readonly LatencyStatus Empty = new([.. new long[LatencyHistogram.Bounds.Length + 1]], 0);

    public long Count
    {
        get
        {
            long count = 0;
            foreach (long bucket in Counts)
                count += bucket;
            return count;
        }
    }

    /// <summary>What was measured since an earlier moment of the same histogram.</summary>
    public LatencyStatus Since(LatencyStatus earlier)
    {
        var counts = new long[Counts.Length];
        for (int i = 0; i < counts.Length; i++)
            counts[i] = Counts[i] - earlier.Counts[i];
        return new LatencyStatus(System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(counts), SumSeconds - earlier.SumSeconds);
    }

    /// <summary>
    /// The time in seconds that a share of the samples stayed below, straight within its bucket, as PromQL's histogram_quantile has it; the last bound for what is
    /// above it, null without a sample.
    /// </summary>
    public double? Quantile(double share)
    {
        long count = Count;
        if (count == 0)
            return null;
        double rank = share * count;
        long below = 0;
        for (int i = 0; i < LatencyHistogram.Bounds.Length; i++)
        {
            if (below + Counts[i] >= rank)
            {
                double from = i == 0 ? 0 : LatencyHistogram.Bounds[i - 1];
                return Counts[i] == 0 ? from : from + (LatencyHistogram.Bounds[i] - from) * (rank - below) / Counts[i];
            }

            below += Counts[i];
        }

        return LatencyHistogram.Bounds[^1];
    }
}
