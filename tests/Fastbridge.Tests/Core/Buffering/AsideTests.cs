using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Core.Buffering;

/// <summary>What can never be produced while messages go by the disk: neither page nor file has it, so it is counted, bounded and waited for.</summary>
public sealed class AsideTests
{
    private static readonly BufferConfig Always = new() { MaxBytes = 64 * 1024 * 1024, When = BufferWhen.Always };

    private static readonly TopicTarget Illegal = new("not legal", "has a blank");

    [Theory]
    [InlineData(QoS.AtMostOnce)]
    [InlineData(QoS.AtLeastOnce)]
    public async Task what_cannot_be_put_away_is_bounded_like_the_window_and_is_the_brokers(QoS qos)
    {
        await using BufferBench bench = await WithoutLettersAsync(new WindowConfig { MaxMessages = 50 });
        Assert.Equal(50, OfferAll(bench, qos));
        Assert.Equal(50, bench.Delivery.LeftToBroker);
        Assert.Empty(bench.Acked);
    }

    [Fact]
    public async Task its_bytes_are_bounded_like_the_windows()
    {
        await using BufferBench bench = await WithoutLettersAsync(new WindowConfig { MaxBytes = 100_000 });
        bench.PayloadLength = 10_000;
        Assert.InRange(OfferAll(bench, QoS.AtMostOnce), 9, 11);
    }

    [Fact]
    public async Task the_clean_end_waits_until_it_is_put_away()
    {
        await using BufferBench bench = await WithoutLettersAsync(new WindowConfig { MaxMessages = 50 });
        OfferAll(bench, QoS.AtLeastOnce);
        bench.Delivery.OnSinkState("broker away"); // Nothing else would be worth waiting for.
        bench.Delivery.Leave();
        Task settled = bench.Delivery.WhenSettledAsync(TimeSpan.FromMinutes(2));
        Directory.Delete(bench.DeadLetterPath);
        await settled;
        Assert.Equal(0, bench.Delivery.LeftToBroker);
        await BufferBench.UntilAsync(() => bench.Acked.Length == 50);
        Assert.Equal(50, new DeadLetterBox(bench.DeadLetterPath).Read(out _).Count);
    }

    [Fact]
    public async Task it_is_put_away_while_a_missing_topic_holds_all_before_it_and_makes_room()
    {
        await using var bench = new BufferBench(Always, new WindowConfig { MaxMessages = 50 }) { Sink = ProduceStatus.TopicUnavailable };
        await BufferBench.UntilAsync(() => bench.Status.Buffering);
        await bench.PublishAsync(0);
        await BufferBench.UntilAsync(() => bench.HeldReasons.Count > 0);
        bench.Target = Illegal;
        await bench.PublishAsync(1, 200);
        await BufferBench.UntilAsync(() => bench.Acked.Length == 201);
        Assert.Equal(200, new DeadLetterBox(bench.DeadLetterPath).Read(out _).Count);
        Assert.Empty(bench.Produced);
        (bench.Target, bench.Answers, bench.Sink) = (null, true, ProduceStatus.Queued);
        await BufferBench.UntilAsync(() => bench.Status.Records == 0);
        Assert.Equal([0], bench.Produced);
    }

    [Fact]
    public async Task the_record_that_blocks_the_drain_is_named()
    {
        await using var bench = new BufferBench(Always, time: TimeProvider.System, with: c => c with { StuckAfter = TimeSpan.FromMilliseconds(200) });
        await BufferBench.UntilAsync(() => bench.Status.Buffering);
        await bench.PublishAsync(0, 3);
        await BufferBench.UntilAsync(() => bench.Stuck.Count == 1);
        Assert.StartsWith("a record of the disk buffer (", bench.Stuck[0], StringComparison.Ordinal);
        Assert.Contains("blocks all behind it", bench.Stuck[0], StringComparison.Ordinal);
        Assert.Contains("for Kafka topic \"t\"", bench.Stuck[0], StringComparison.Ordinal);
        bench.Answers = true;
        bench.Report();
        await BufferBench.UntilAsync(() => bench.Stuck is [_, null]);
    }

    /// <summary>Where the dead letters' file should be is a folder: none can be written until it is gone.</summary>
    private static async Task<BufferBench> WithoutLettersAsync(WindowConfig window)
    {
        var bench = new BufferBench(Always, window);
        Directory.CreateDirectory(bench.DeadLetterPath);
        await BufferBench.UntilAsync(() => bench.Status.Buffering);
        bench.Target = Illegal;
        return bench;
    }

    private static int OfferAll(BufferBench bench, QoS qos)
    {
        int taken = 0;
        while (taken < 1_000 && bench.Offer(taken, qos: qos) is PublishOutcome.Taken)
            taken++;
        return taken;
    }
}
