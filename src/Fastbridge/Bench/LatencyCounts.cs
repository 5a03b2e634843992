using System.Diagnostics;
using System.Numerics;

namespace Fastbridge.Bench;

/// <summary>
/// Times in buckets of at most 1.6 % of their value: the bridge's own histogram is made for dashboards, and too coarse to compare two builds by. One thread writes;
/// <see cref="Add"/> and <see cref="Quantile"/> are for when it has ended.
/// </summary>
internal sealed class LatencyCounts
{
    private const int Bits = 6;
    private const int Steps = 1 << Bits;

    private readonly long[] _counts = new long[Steps * (64 - Bits)];
    private long _count;

    /// <param name="ticks">Of <see cref="Stopwatch"/>; below 0 counts as 0.</param>
    public void Record(long ticks)
    {
        _counts[Bucket(Math.Max(0, ticks))]++;
        _count++;
    }

    /// <summary>Takes over another's samples.</summary>
    public void Add(LatencyCounts other)
    {
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        _count += other._count;
    }

    /// <summary>Milliseconds that a share of the samples stayed at or below, to the bucket's upper end; null without a sample.</summary>
    public double? Quantile(double share)
    {
        if (_count == 0)
            return null;
        long rank = Math.Max(1, (long)Math.Ceiling(share * _count));
        int bucket = 0;
        for (long seen = _counts[0]; seen < rank; seen += _counts[bucket])
            bucket++;
        return UpperEnd(bucket) * 1e3 / Stopwatch.Frequency;
    }

    private static int Bucket(long ticks)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)ticks) - Bits);
        return shift * Steps + (int)(ticks >> shift);
    }

    private static double UpperEnd(int bucket)
    {
        int shift = Math.Max(0, bucket / Steps - 1);
        return (bucket - shift * Steps + 1.0) * Math.Pow(2, shift);
    }
}
