using Fastbridge.Core.Delivery;
using Fastbridge.Core.Metrics;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Mqtt.Client;

namespace Fastbridge.Tests.Core.Delivery;

/// <summary>Which messages are measured, and what.</summary>
public class LatencyTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task a_message_is_measured_from_its_publish_to_kafkas_word()
    {
        await using var bench = new DeliveryBench(time: _time);
        bench.Publish("a", 1);
        _time.Advance(TimeSpan.FromMilliseconds(30));
        bench.Deliver("a");
        Assert.Equal((1, 0.03), (bench.Delivery.Latency.Ack.Status.Count, Math.Round(bench.Delivery.Latency.Ack.Status.SumSeconds, 6)));
        Assert.Equal((1, 0.03), (bench.Delivery.Latency.Produce.Status.Count, Math.Round(bench.Delivery.Latency.Produce.Status.SumSeconds, 6)));
        Assert.Equal(1, bench.Delivery.Latency.Ack.Status.Counts[LatencyHistogram.Bounds.IndexOf(0.05)]);
    }

    [Fact]
    public async Task in_a_stream_one_of_64_is_measured_and_after_a_pause_the_first()
    {
        await using var bench = new DeliveryBench(time: _time);
        for (int i = 0; i < 129; i++) bench.Publish($"m{i}", (ushort)(i + 1));
        bench.Deliver([.. Enumerable.Range(0, 129).Select(i => $"m{i}")]);
        Assert.Equal(3, bench.Delivery.Latency.Ack.Status.Count);
        bench.Delivery.OnIdle(0);
        bench.Publish("late", 1_000);
        bench.Publish("later", 1_001);
        bench.Deliver("late", "later");
        Assert.Equal(4, bench.Delivery.Latency.Ack.Status.Count);
    }

    [Fact]
    public async Task qos_0_has_no_acknowledgement_and_a_dropped_message_no_word_of_kafka()
    {
        await using var bench = new DeliveryBench(time: _time, with: c => c with { Failure = new() { Strategy = Fastbridge.Core.Config.FailureStrategy.Discard } });
        bench.Publish("zero", 0, qos: QoS.AtMostOnce);
        bench.Deliver("zero");
        Assert.Equal((0, 1), (bench.Delivery.Latency.Ack.Status.Count, bench.Delivery.Latency.Produce.Status.Count));
        bench.Delivery.OnIdle(0);
        bench.OnProduce = _ => ProduceStatus.TooLarge;
        bench.Publish("large", 1);
        await bench.UntilAsync(() => bench.Delivery.Counters.Discarded + bench.Delivery.Counters.DeadLettered == 1);
        await bench.UntilAsync(() => bench.Acked.Count == 1);
        Assert.Equal((1, 1), (bench.Delivery.Latency.Ack.Status.Count, bench.Delivery.Latency.Produce.Status.Count));
        Assert.Equal([new("record_too_large", 1)], bench.Delivery.Counters.FailureReasons);
    }

    [Fact]
    public async Task a_record_that_came_back_counts_until_kafka_has_it()
    {
        await using var bench = new DeliveryBench(time: _time);
        bench.Publish("a", 1);
        _time.Advance(TimeSpan.FromSeconds(1));
        bench.Fail("a", DeliveryFault.TryAgain);
        await bench.UntilAsync(() => bench.AllProduced().Length == 2);
        _time.Advance(TimeSpan.FromSeconds(1));
        bench.Deliver("a");
        Assert.Equal((1, 2), (bench.Delivery.Latency.Produce.Status.Count, Math.Round(bench.Delivery.Latency.Produce.Status.SumSeconds, 3)));
        Assert.Equal([new("TryAgain", 1)], bench.Delivery.Counters.FailureReasons);
    }

    [Fact]
    public async Task a_message_that_the_sink_had_no_room_for_is_measured_when_it_comes_again()
    {
        await using var bench = new DeliveryBench(time: _time);
        bench.OnProduce = _ => ProduceStatus.QueueFull;
        Assert.Equal(PublishOutcome.NoRoom, bench.Publish("a", 1).Outcome);
        bench.OnProduce = _ => ProduceStatus.Queued;
        bench.Delivery.OnRoom();
        bench.Publish("a", 1);
        bench.Deliver("a");
        Assert.Equal(1, bench.Delivery.Latency.Ack.Status.Count);
    }

    [Fact]
    public void a_bound_belongs_to_its_bucket_and_quantiles_lie_within_theirs()
    {
        var histogram = new LatencyHistogram(_time);
        foreach (double seconds in (double[])[0, 0.001, 0.0011, 60, 61])
            histogram.Record((long)Math.Round(seconds * _time.TimestampFrequency));
        Assert.Equal([2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1], histogram.Status.Counts);
        Assert.Equal(5, histogram.Status.Count);
        Assert.InRange(histogram.Status.Quantile(0.5)!.Value, 0.001, 0.0025);
        Assert.Equal(60, histogram.Status.Quantile(0.99));
        Assert.Null(LatencyStatus.Empty.Quantile(0.5));
        Assert.Equal(0, histogram.Status.Since(histogram.Status).Count);
    }
}
