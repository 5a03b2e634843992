using System.Diagnostics;
using Fastbridge.Bench;

namespace Fastbridge.Tests.Bench;

public class LatencyCountsTests
{
    [Fact]
    public void without_a_sample_there_is_no_quantile() => Assert.Null(new LatencyCounts().Quantile(0.5));

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.99)]
    [InlineData(0.999)]
    [InlineData(1)]
    public void a_quantile_is_right_to_a_part_in_sixty_four(double share)
    {
        var counts = new LatencyCounts();
        var random = new Random(17);
        List<long> all = [];
        for (int i = 0; i < 20_000; i++)
        {
            // From nanoseconds to seconds.
            all.Add((long)Math.Pow(10, random.NextDouble() * 9));
            counts.Record(all[^1]);
        }

        all.Sort();
        double exact = all[(int)Math.Ceiling(share * all.Count) - 1] * 1e3 / Stopwatch.Frequency;
        Assert.InRange(counts.Quantile(share)!.Value, exact, exact * (1 + 1 / 64.0) + 1e3 / Stopwatch.Frequency);
    }

    [Fact]
    public void anothers_samples_are_added()
    {
        LatencyCounts one = new(), other = new();
        one.Record(Stopwatch.Frequency / 1000);
        other.Record(Stopwatch.Frequency);
        one.Add(other);
        Assert.InRange(one.Quantile(0.5)!.Value, 1, 1.02);
        Assert.InRange(one.Quantile(1)!.Value, 1000, 1020);
    }

    [Fact]
    public void a_time_below_zero_counts_as_none()
    {
        var counts = new LatencyCounts();
        counts.Record(-5);
        Assert.InRange(counts.Quantile(1)!.Value, 0, 0.001);
    }
}
