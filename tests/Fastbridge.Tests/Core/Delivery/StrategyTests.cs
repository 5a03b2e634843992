using System.Text.Json;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Mqtt;
using Fastbridge.Tests.Mqtt.Client;

namespace Fastbridge.Tests.Core.Delivery;

/// <summary>What becomes of what Kafka does not take, strategy by strategy.</summary>
public class StrategyTests
{
    [Theory]
    [InlineData(DeliveryFault.Failed)]
    [InlineData(DeliveryFault.TopicUnknown)]
    [InlineData(DeliveryFault.NotAuthorized)]
    public async Task discard_drops_at_the_first_failure_acknowledges_and_counts_by_reason(DeliveryFault fault)
    {
        await using DeliveryBench bench = Bench(FailureStrategy.Discard, 0);
        (_, Receipt receipt) = bench.Publish("1", 1);
        bench.Fail("1", fault);
        await bench.UntilAsync(() => bench.Acked.Count == 1);
        Assert.Equal([receipt], bench.Acked);
        Assert.Equal(["1"], bench.AllProduced());
        Assert.Equal([KeyValuePair.Create(fault.ToString(), 1L)], bench.Delivery.Counters.DiscardReasons);
        Assert.Equal((1, 0, 0), (bench.Delivery.Counters.Discarded, bench.Delivery.Counters.DeadLettered, bench.Delivery.InFlight));
        Assert.False(File.Exists(bench.DeadLetterPath));
    }

    [Fact]
    public async Task discard_produces_again_what_failed_by_no_fault_of_its_own()
    {
        await using DeliveryBench bench = Bench(FailureStrategy.Discard, 0);
        bench.Publish("1", 1);
        bench.Queued = (slot, _) => bench.Later(() => bench.DeliverSlot(slot));
        bench.Fail("1", DeliveryFault.TryAgain);
        await bench.UntilAsync(() => bench.Acked.Count == 1);
        Assert.Equal((0, 1), (bench.Delivery.Counters.Discarded, bench.Delivery.Counters.Delivered));
    }

    [Fact]
    public async Task discard_tries_each_record_of_a_condemned_batch_alone_and_drops_only_the_guilty()
    {
        await using DeliveryBench bench = Bench(FailureStrategy.Discard, 0);
        bench.Publish("good", 1);
        bench.Publish("bad", 2);
        bench.Queued = (slot, payload) => bench.Later(() =>
        {
            if (payload == "bad")
                bench.Fail("bad", DeliveryFault.Refused);
            else
                bench.DeliverSlot(slot);
        });
        bench.Fail("good", DeliveryFault.Refused);
        bench.Fail("bad", DeliveryFault.Refused);
        await bench.UntilAsync(() => bench.Acked.Count == 2);
        Assert.Equal((1, 1), (bench.Delivery.Counters.Discarded, bench.Delivery.Counters.Delivered));
    }

    [Fact]
    public async Task discard_after_retry_counts_attempts_by_record_with_the_pause_between_them()
    {
        var time = new ManualTime();
        await using DeliveryBench bench = Bench(FailureStrategy.DiscardAfterRetry, 2, time: time, waitMs: 700);
        bench.Publish("1", 1);
        bench.Publish("2", 2);
        bench.Queued = (_, payload) => bench.Later(() => bench.Fail(payload, DeliveryFault.Failed));
        bench.Fail("1", DeliveryFault.Failed);
        bench.Fail("2", DeliveryFault.Failed);
        await bench.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return bench.Acked.Count == 2;
        });
        Assert.Equal(2, bench.Delivery.Counters.Discarded);
        Assert.Equal(["1", "1", "1", "2", "2", "2"], bench.AllProduced().Order());
        await bench.UntilAsync(() => bench.Publish("3", 3).Outcome == PublishOutcome.Taken);
    }

    [Fact]
    public async Task a_whole_window_that_times_out_is_given_up_in_as_many_rounds_as_there_are_attempts()
    {
        // Were each record to time out alone, an outage would take a time-out a record.
        await using DeliveryBench bench = Bench(FailureStrategy.DiscardAfterRetry, 1, waitMs: 0);
        bool published = false;
        int most = 0;
        var waiting = new List<string>();
        bench.Queued = (_, payload) =>
        {
            if (!published)
            {
                // The reader is still within its offer, which holds the recovery: it begins with all of them.
                published = payload == "50";
                if (published)
                    FailAll();
                return;
            }

            lock (waiting)
            {
                waiting.Add(payload);
                most = Math.Max(most, waiting.Count);
                if (waiting.Count < 50)
                    return;
            }

            bench.Later(FailAll);
        };
        for (ushort id = 1; id <= 50; id++)
            bench.Publish($"{id}", id);
        await bench.UntilAsync(() => bench.Acked.Count == 50);
        Assert.Equal((50, 50), (most, bench.Delivery.Counters.Discarded));
        Assert.Equal(100, bench.AllProduced().Length);

        void FailAll()
        {
            for (int id = 1; id <= 50; id++)
                bench.Fail($"{id}", DeliveryFault.Failed);
        }
    }

    [Fact]
    public async Task dead_message_queue_acknowledges_when_kafka_has_the_letter_and_not_before()
    {
        await using DeliveryBench bench = Bench(FailureStrategy.DeadMessageQueue, 1, "dlq", waitMs: 0);
        bench.Publish("1", 1);
        int letterSlot = -1;
        bench.Queued = (slot, payload) => bench.Later(() =>
        {
            if (payload == "1")
                bench.Fail("1", DeliveryFault.Failed);
            else
                Volatile.Write(ref letterSlot, slot);
        });
        bench.Fail("1", DeliveryFault.Failed);
        await bench.UntilAsync(() => Volatile.Read(ref letterSlot) >= 0);
        Assert.Empty(bench.Acked);
        bench.DeliverSlot(letterSlot);
        Assert.Single(bench.Acked);
        Assert.Equal((1, 0), (bench.Delivery.Counters.DeadLettered, bench.Delivery.Counters.Delivered));
        (string topic, string value) = bench.Produced[^1];
        Assert.Equal("dlq", topic);
        JsonElement letter = JsonDocument.Parse(value).RootElement;
        Assert.Equal(("c", "a/b", 1), (letter.GetProperty("connector_name").GetString(), letter.GetProperty("source_topic").GetString(), letter.GetProperty("retry_times").GetInt32()));
        Assert.Equal("test says Failed", letter.GetProperty("error_message").GetString());
        Assert.False(File.Exists(bench.DeadLetterPath));
    }

    [Theory]
    [InlineData(DeliveryFault.Failed)]
    [InlineData(DeliveryFault.TopicUnknown)]
    [InlineData(DeliveryFault.Refused)]
    public async Task a_letter_that_kafka_does_not_take_goes_to_the_file_and_tells_of_the_record(DeliveryFault fault)
    {
        await using DeliveryBench bench = Bench(FailureStrategy.Retry, 3, "dlq");
        bench.OnProduce = p => p == "big" ? ProduceStatus.TooLarge : ProduceStatus.Queued;
        bench.Queued = (_, payload) => bench.Later(() => bench.Fail(payload, fault));
        bench.Publish("big", 1);
        await bench.UntilAsync(() => bench.Acked.Count == 1);
        DeadLetter letter = Assert.Single(new DeadLetterBox(bench.DeadLetterPath).Read(out _));
        Assert.Equal("big", System.Text.Encoding.UTF8.GetString(letter.Value!));
        Assert.Contains("exceeds message.max.bytes", letter.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal([KeyValuePair.Create("record_too_large", 1L)], bench.Delivery.Counters.DeadLetterReasons);
    }

    [Fact]
    public async Task letters_go_to_the_file_at_once_while_kafka_is_away()
    {
        await using DeliveryBench bench = Bench(FailureStrategy.DeadMessageQueue, 0, "dlq");
        bench.Delivery.OnSinkState("no Kafka broker can be reached");
        for (ushort id = 1; id <= 300; id++)
            bench.Publish($"{id}", id);
        for (int id = 1; id <= 300; id++)
            bench.Fail($"{id}", DeliveryFault.Failed);
        await bench.UntilAsync(() => bench.Acked.Count == 300);
        Assert.Equal(Enumerable.Range(1, 300).Select(i => $"{i}"), new DeadLetterBox(bench.DeadLetterPath).Read(out _).Select(l => System.Text.Encoding.UTF8.GetString(l.Value!)));
        Assert.DoesNotContain(bench.Produced, p => p.Topic == "dlq");
    }

    [Fact]
    public async Task retry_never_gives_up_what_may_pass()
    {
        var time = new ManualTime();
        await using DeliveryBench bench = Bench(FailureStrategy.Retry, 0, time: time);
        bench.Publish("1", 1);
        bench.Queued = (_, payload) => bench.Later(() => bench.Fail(payload, DeliveryFault.Failed));
        bench.Fail("1", DeliveryFault.Failed);
        await bench.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return bench.AllProduced().Length > 20;
        });
        Assert.Empty(bench.Acked);
        Assert.Equal((0, 0), (bench.Delivery.Counters.Discarded, bench.Delivery.Counters.DeadLettered));
    }

    [Fact]
    public async Task a_pipelined_record_that_comes_back_keeps_its_count_of_attempts()
    {
        await using DeliveryBench bench = Bench(FailureStrategy.Retry, 3);
        bench.Publish("1", 1);
        bench.Publish("2", 2);
        int seconds = 0;
        bench.Queued = (slot, payload) => bench.Later(() =>
        {
            if (payload == "1")
                bench.DeliverSlot(slot);
            else
                bench.Fail("2", Interlocked.Increment(ref seconds) == 1 ? DeliveryFault.TryAgain : DeliveryFault.Refused);
        });
        bench.Fail("1", DeliveryFault.TryAgain);
        bench.Fail("2", DeliveryFault.TryAgain);
        await bench.UntilAsync(() => bench.Acked.Count == 2);
        Assert.Equal(3, Assert.Single(new DeadLetterBox(bench.DeadLetterPath).Read(out _)).RetryTimes);
    }

    [Fact]
    public async Task a_missing_topic_of_a_template_becomes_dead_letters_after_the_wait_and_then_at_once()
    {
        var time = new ManualTime();
        await using DeliveryBench bench = Bench(FailureStrategy.Retry, 3, time: time, topic: "${topic}");
        bench.Publish("1", 1);
        bench.Queued = (_, payload) => bench.Later(() => bench.Fail(payload, DeliveryFault.TopicUnknown));
        bench.Fail("1", DeliveryFault.TopicUnknown);
        await bench.UntilAsync(() => bench.AllProduced().Length == 2);
        Assert.Empty(bench.Acked);
        await bench.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return bench.Acked.Count == 1;
        });
        int produced = bench.AllProduced().Length;
        await bench.UntilAsync(() => bench.Publish("2", 2).Outcome == PublishOutcome.Taken);
        await bench.UntilAsync(() => bench.Acked.Count == 2);
        Assert.Equal(produced, bench.AllProduced().Length);
    }

    [Fact]
    public async Task a_missing_topic_that_is_fixed_holds_for_ever()
    {
        var time = new ManualTime();
        await using DeliveryBench bench = Bench(FailureStrategy.Retry, 3, time: time);
        bench.Publish("1", 1);
        bench.Queued = (_, payload) => bench.Later(() => bench.Fail(payload, DeliveryFault.TopicUnknown));
        bench.Fail("1", DeliveryFault.TopicUnknown);
        await bench.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return bench.AllProduced().Length > 30;
        });
        Assert.Empty(bench.Acked);
    }

    private static DeliveryBench Bench(FailureStrategy strategy, int retries, string? letters = null, TimeProvider? time = null, int waitMs = 1, string topic = "t") =>
        new(time: time, with: c => c with
        {
            Kafka = c.Kafka with { Topic = topic },
            Failure = new FailureConfig { Strategy = strategy, RetryTotalTimes = retries, TopicName = letters, WaitTime = TimeSpan.FromMilliseconds(waitMs) },
        });
}
