using Fastbridge.Core.Config;
using Fastbridge.Mqtt;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Buffering;

/// <summary>The cap, what a full buffer does, and a disk that fails: nothing is acknowledged that is not safe, unless the file says so.</summary>
public sealed class FullBufferTests
{
    private const int Megabyte = 1024 * 1024;

    private static readonly BufferConfig Small = new() { MaxBytes = Megabyte };

    [Fact]
    public async Task hold_takes_no_more_than_fits_and_goes_on_when_kafka_does()
    {
        await using var bench = new BufferBench(Small, new WindowConfig { MaxMessages = 100 }) { PayloadLength = 4_000 };
        bench.Delivery.OnSinkState("broker away");
        await BufferBench.UntilAsync(() => bench.Status.Buffering);
        int taken = 0;
        while (bench.Offer(taken) is PublishOutcome.Taken || bench.Faults.Count == 0)
        {
            taken = bench.Delivery.Counters.Received is var received ? (int)received : 0;
            if (taken % 50 == 0)
                await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.Contains("is full (1,048,576 bytes); raise buffer.max_bytes", bench.Faults[0], StringComparison.Ordinal);
        await BufferBench.UntilAsync(() => bench.Acked.Length >= 200); // What was found to fit is acknowledged when it is written.
        int acked = bench.Acked.Length;
        Assert.InRange(acked, 200, 262);
        Assert.True(acked < taken, "what does not fit is not acknowledged");
        Assert.True(FolderBytes(bench) <= Megabyte, $"{FolderBytes(bench)} bytes");
        bench.Answers = true;
        bench.Report();
        bench.Delivery.OnSinkState(null);
        await bench.PublishAsync(taken, 1_000);
        await BufferBench.UntilAsync(() => bench.Acked.Length == taken + 1_000 && bench.Status.Records == 0);
        Assert.Equal(Enumerable.Range(0, taken + 1_000), bench.Produced);
        Assert.Equal(0, bench.Dropped);
        Assert.Equal("works", bench.Faults[^1]);
    }

    [Fact]
    public async Task records_of_which_only_one_fits_at_a_time_pass_one_after_the_other()
    {
        await using var bench = new BufferBench(Small with { When = BufferWhen.Always }) { PayloadLength = 600_000, Answers = true };
        await bench.PublishAsync(0, 10);
        await BufferBench.UntilAsync(() => bench.Acked.Length == 10 && bench.Produced.Length == 10);
        Assert.Equal(Enumerable.Range(0, 10), bench.Produced);
    }

    [Fact]
    public async Task drop_oldest_keeps_the_newest_counts_the_rest_and_spares_what_is_in_flight()
    {
        await using var bench = new BufferBench(Small with { Full = BufferFull.DropOldest }, new WindowConfig { MaxMessages = 10 }) { PayloadLength = 4_000 };
        bench.Delivery.OnSinkState("broker away");
        await BufferBench.UntilAsync(() => bench.Status.Buffering);
        await bench.PublishAsync(0, 1_000);
        await BufferBench.UntilAsync(() => bench.Acked.Length == 1_000);
        Assert.True(FolderBytes(bench) <= Megabyte, $"{FolderBytes(bench)} bytes");
        Assert.InRange(bench.Dropped, 700, 850);
        Assert.Equal(1_000 - bench.Dropped, bench.Status.Records);
        bench.Delivery.OnSinkState(null);
        await bench.ReportAllAsync();
        int[] produced = bench.Produced;
        Assert.Equal(1_000 - bench.Dropped, produced.Length);
        Assert.Equal(Enumerable.Range(0, 10), produced[..10]);
        Assert.Equal(produced.Order(), produced);
        Assert.Equal(999, produced[^1]);
        Assert.Equal(bench.Dropped, bench.Status.Dropped);
        Assert.Equal(0, bench.Status.Damaged);
    }

    [Fact]
    public async Task drop_oldest_gives_up_also_what_stands_in_the_file_being_written()
    {
        await using var bench = new BufferBench(Small with { When = BufferWhen.Always, Full = BufferFull.DropOldest }) { PayloadLength = 450_000 };
        await bench.PublishAsync(0, 6);
        await BufferBench.UntilAsync(() => bench.Acked.Length == 6);
        Assert.True(FolderBytes(bench) <= Megabyte, $"{FolderBytes(bench)} bytes");
        Assert.Equal(6 - bench.Dropped, bench.Status.Records);
        await bench.ReportAllAsync();
        Assert.Equal(0, bench.Produced[0]); // It was with Kafka.
        Assert.Equal(5, bench.Produced[^1]);
    }

    [Fact]
    public async Task drop_newest_acknowledges_and_counts_what_does_not_fit()
    {
        await using var bench = new BufferBench(Small with { Full = BufferFull.DropNewest }, new WindowConfig { MaxMessages = 10 }) { PayloadLength = 4_000 };
        bench.Delivery.OnSinkState("broker away");
        await BufferBench.UntilAsync(() => bench.Status.Buffering);
        await bench.PublishAsync(0, 1_000);
        await BufferBench.UntilAsync(() => bench.Acked.Length == 1_000);
        Assert.InRange(bench.Dropped, 700, 800);
        bench.Delivery.OnSinkState(null);
        await bench.ReportAllAsync();
        Assert.Equal(Enumerable.Range(0, 1_000 - (int)bench.Dropped), bench.Produced);
    }

    [Fact]
    public async Task a_disk_that_fills_while_kafka_is_away_holds_acks_says_so_and_loses_nothing()
    {
        using var folder = new TempFolder("disk");
        using var disk = new SmallDisk(folder.File("small"), "2m");
        await using var bench = new BufferBench(new BufferConfig { MaxBytes = 64 * Megabyte }, new WindowConfig { MaxMessages = 100 }, Path.Combine(disk.Path, "x")) { PayloadLength = 4_000 };
        bench.Delivery.OnSinkState("broker away");
        await BufferBench.UntilAsync(() => bench.Status.Buffering);
        int taken = 0;
        while (bench.Faults.Count == 0 || bench.Offer(taken) is PublishOutcome.Taken)
        {
            if (bench.Faults.Count == 0 && bench.Offer(taken) is not PublishOutcome.Taken)
                await Task.Delay(5, TestContext.Current.CancellationToken);
            taken = (int)bench.Delivery.Counters.Received;
        }

        taken = (int)bench.Delivery.Counters.Received;
        Assert.Contains("cannot be written: No space left on device; free its disk", bench.Faults[0], StringComparison.Ordinal);
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.True(bench.Acked.Length < taken, $"{bench.Acked.Length} of {taken} acknowledged");
        await BufferBench.UntilAsync(() => bench.Status.Records == bench.Acked.Length);

        bench.Answers = true;
        bench.Report();
        bench.Delivery.OnSinkState(null);
        await bench.PublishAsync(taken, 500);
        await BufferBench.UntilAsync(() => bench.Acked.Length == taken + 500 && bench.Status.Records == 0);
        Assert.Equal(Enumerable.Range(0, taken + 500), bench.Produced);
    }

    [Fact]
    public async Task with_always_a_full_disk_does_not_stop_what_kafka_takes_and_the_disk_is_used_again_when_it_is_free()
    {
        using var folder = new TempFolder("disk");
        using var disk = new SmallDisk(folder.File("small"), "1m");
        await using var bench = new BufferBench(new BufferConfig { MaxBytes = 64 * Megabyte, When = BufferWhen.Always }, folder: Path.Combine(disk.Path, "x")) { Answers = true };
        await bench.PublishAsync(0, 100);
        await BufferBench.UntilAsync(() => bench.Acked.Length == 100);
        disk.Fill();
        await bench.PublishAsync(100, 20_000);
        await BufferBench.UntilAsync(() => bench.Acked.Length == 20_100);
        Assert.Contains(bench.Faults, f => f.Contains("No space left on device", StringComparison.Ordinal));
        disk.Free();
        await BufferBench.UntilAsync(() =>
        {
            Assert.NotEqual(PublishOutcome.Left, bench.Offer((int)bench.Delivery.Counters.Received));
            return bench.Faults[^1] == "works";
        });
        Assert.True(bench.Status.Buffering);
        int all = (int)bench.Delivery.Counters.Received;
        await BufferBench.UntilAsync(() => bench.Produced.Length == all);
        Assert.Equal(Enumerable.Range(0, all), bench.Produced);
    }

    /// <summary>A file that is given up meanwhile counts no more.</summary>
    private static long FolderBytes(BufferBench bench) => Directory.GetFiles(bench.Folder).Sum(f => new FileInfo(f) is { Exists: true } file ? file.Length : 0);
}
