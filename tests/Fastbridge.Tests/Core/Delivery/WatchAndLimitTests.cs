using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Mqtt.Client;

namespace Fastbridge.Tests.Core.Delivery;

/// <summary>The watchdog, the rate limit, retained messages, topics that are missing.</summary>
public class WatchAndLimitTests
{
    [Fact]
    public async Task the_message_that_blocks_the_head_is_named_once_and_its_going_is_said()
    {
        var time = new ManualTime();
        await using DeliveryBench bench = Watched(time);
        bench.Publish("stuck", 7);
        for (int i = 0; i < 12; i++)
        {
            bench.Publish($"m{i}", (ushort)(100 + i));
            bench.Deliver($"m{i}");
            time.Advance(TimeSpan.FromSeconds(10));
        }

        string said = Assert.Single(bench.Stuck)!;
        Assert.Contains("message 7 ", said, StringComparison.Ordinal);
        Assert.Contains("Kafka topic \"t\"", said, StringComparison.Ordinal);
        bench.Deliver("stuck");
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([said, null], bench.Stuck);
    }

    [Fact]
    public async Task a_stuck_record_that_came_back_is_named_with_its_topic_and_reason()
    {
        var time = new ManualTime();
        await using DeliveryBench bench = Watched(time);
        bench.Publish("1", 7);
        bench.OnProduce = _ => ProduceStatus.TopicUnavailable;
        bench.Fail("1", DeliveryFault.TopicUnknown);
        await bench.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return bench.Stuck.Count == 1;
        });
        Assert.Contains("on \"a/b\", for Kafka topic \"t\": ", bench.Stuck[0], StringComparison.Ordinal);
        Assert.Contains("test says TopicUnknown", bench.Stuck[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task nothing_is_said_while_the_head_moves()
    {
        var time = new ManualTime();
        await using DeliveryBench bench = Watched(time);
        bench.Publish("0", 1);
        for (int i = 0; i < 50; i++)
        {
            bench.Publish($"{i + 1}", (ushort)(i + 2));
            time.Advance(TimeSpan.FromSeconds(10));
            bench.Deliver($"{i}");
        }

        Assert.Empty(bench.Stuck);
    }

    [Fact]
    public async Task a_rate_limit_lets_through_what_it_says_and_wakes_the_reader()
    {
        var time = new ManualTime();
        await using var bench = new DeliveryBench(time: time, with: c => c with { RateLimit = new RateLimitConfig { MessagesPerSecond = 100 } });
        int taken = 0;
        for (int step = 0; step < 100; step++)
        {
            while (bench.Publish("m", (ushort)(taken + 1)).Outcome == PublishOutcome.Taken)
                taken++;
            ValueTask room = bench.Delivery.WaitForRoomAsync(TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromMilliseconds(100));
            await room;
        }

        // Ten seconds, and the tenth of a second that stood in the bucket at the start.
        Assert.InRange(taken, 950, 1_010);
    }

    [Fact]
    public async Task a_message_larger_than_the_bucket_passes_and_is_paid_for_by_those_behind()
    {
        var time = new ManualTime();
        await using var bench = new DeliveryBench(time: time, with: c => c with { RateLimit = new RateLimitConfig { BytesPerSecond = 1_000 } });
        Assert.Equal(PublishOutcome.Taken, bench.Publish(new string('x', 5_000), 1).Outcome);
        Assert.Equal(PublishOutcome.NoRoom, bench.Publish("y", 2).Outcome);
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(PublishOutcome.NoRoom, bench.Publish("y", 2).Outcome);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(PublishOutcome.Taken, bench.Publish("y", 2).Outcome);
    }

    [Fact]
    public async Task a_redelivery_is_adopted_whatever_the_rate_limit_says()
    {
        await using var bench = new DeliveryBench(time: new ManualTime(), with: c => c with { RateLimit = new RateLimitConfig { MessagesPerSecond = 1 } });
        Assert.Equal(PublishOutcome.Taken, bench.Publish("m", 1).Outcome);
        bench.Connect(2, sessionPresent: true);
        Assert.Equal(PublishOutcome.Taken, bench.Publish("m", 1, dup: true).Outcome);
        Assert.Equal(PublishOutcome.NoRoom, bench.Publish("n", 2).Outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task skip_retained_acknowledges_and_counts_what_was_retained_and_nothing_else(bool skip)
    {
        await using var bench = new DeliveryBench(with: c => c with { SkipRetained = skip });
        bench.Publish("old", 1, retain: true);
        bench.Publish("old", 0, qos: QoS.AtMostOnce, retain: true);
        bench.Publish("new", 2);
        Assert.Equal(skip ? ["new"] : ["old", "old", "new"], bench.AllProduced());
        Assert.Equal((skip ? 1 : 0, skip ? 2 : 0), (bench.Acked.Count, bench.Delivery.Counters.SkippedRetained));
    }

    [Fact]
    public void a_missing_topic_is_tried_again_now_and_then_and_waited_for_anew_when_it_was_there_in_between()
    {
        var time = new ManualTime();
        var missing = new MissingTopics(TimeSpan.FromSeconds(60), time);
        Assert.False(missing.OnFault("t"));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(missing.OnFault("t"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(missing.OnFault("t"));
        Assert.True(missing.IsGivenUp("t"));
        Assert.False(missing.IsGivenUp("other"));
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.False(missing.IsGivenUp("t")); // one trial
        Assert.True(missing.OnFault("t"));
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.True(missing.IsGivenUp("t")); // the second pause is longer
        time.Advance(TimeSpan.FromHours(1));
        Assert.False(missing.OnFault("t"));
    }

    [Fact]
    public void reasons_beyond_a_few_are_counted_together()
    {
        var counts = new ReasonCounts();
        for (int i = 0; i < 100; i++)
            counts.Add($"reason {i:000}");
        counts.Add("reason 000");
        Assert.Equal(33, counts.Snapshot().Length);
        Assert.Equal(68, counts.Snapshot().Single(c => c.Key == "other").Value);
        Assert.Equal(2, counts.Snapshot().Single(c => c.Key == "reason 000").Value);
    }

    private static DeliveryBench Watched(ManualTime time) => new(time: time, with: c => c with { StuckAfter = TimeSpan.FromSeconds(30) });
}
