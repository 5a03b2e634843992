using Fastbridge.Core.Buffering;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Buffering;

/// <summary>Order, acks and repeats where messages change from the straight way to the disk's and back.</summary>
public sealed class BufferedDeliveryTests
{
    private static readonly BufferConfig KafkaDown = new() { MaxBytes = 64 * 1024 * 1024 };

    [Fact]
    public async Task while_kafka_answers_nothing_touches_the_disk_and_acks_follow_reports()
    {
        await using var bench = new BufferBench(KafkaDown);
        await bench.PublishAsync(0, 100);
        Assert.Empty(bench.Acked);
        bench.Report(60);
        Assert.Equal(Enumerable.Range(0, 60), bench.Acked);
        bench.Report();
        Assert.Equal(Enumerable.Range(0, 100), bench.Acked);
        Assert.False(bench.Status.Buffering);
        Assert.Empty(LogFolder.Segments(bench.Folder));
        Assert.Equal(0, bench.Delivery.LeftToBroker);
    }

    [Fact]
    public async Task when_kafka_goes_the_window_is_written_acknowledged_and_not_produced_twice()
    {
        await using var bench = new BufferBench(KafkaDown);
        await bench.PublishAsync(0, 100);
        bench.Report(30);
        bench.Report(20, newest: true); // half of the window, from both ends
        bench.Delivery.OnSinkState("broker away");
        await BufferBench.UntilAsync(() => bench.Acked.Length == 100);
        Assert.Equal(50, bench.Status.Records);
        Assert.Equal(Enumerable.Range(0, 100), bench.Produced);

        await bench.PublishAsync(100, 100);
        await BufferBench.UntilAsync(() => bench.Acked.Length == 200);
        bench.Delivery.OnSinkState(null);
        await bench.ReportAllAsync();
        Assert.Equal(Enumerable.Range(0, 200), bench.Produced);
        Assert.Equal(Enumerable.Range(0, 200), bench.Acked.Order());
        Assert.Equal(200, bench.Acked.Length);
    }

    [Fact]
    public async Task drained_it_goes_back_to_the_straight_way_in_order_under_a_running_stream()
    {
        await using var bench = new BufferBench(KafkaDown) { Answers = true };
        int next = 0;
        for (int round = 0; round < 5; round++)
        {
            bench.Delivery.OnSinkState("broker away");
            await BufferBench.UntilAsync(() => bench.Status.Buffering);
            await bench.PublishAsync(next, 2_000);
            next += 2_000;
            bench.Delivery.OnSinkState(null);
            while (bench.Status.Buffering)
                await bench.PublishAsync(next++, 1);
            await bench.PublishAsync(next, 500);
            next += 500;
        }

        await BufferBench.UntilAsync(() => bench.Acked.Length == next && bench.Status.Records == 0);
        Assert.Equal(Enumerable.Range(0, next), bench.Produced);
        Assert.Equal([true, false, true, false, true, false, true, false, true, false], bench.Modes);
        await BufferBench.UntilAsync(() => LogFolder.Segments(bench.Folder).Count == 0); // the space is given back
    }

    [Fact]
    public async Task a_full_window_changes_over_where_that_is_asked_for_and_holds_else()
    {
        var window = new WindowConfig { MaxMessages = 10 };
        await using (var holds = new BufferBench(KafkaDown, window))
        {
            await holds.PublishAsync(0, 10);
            Assert.Equal(PublishOutcome.NoRoom, holds.Offer(10));
            await Task.Delay(600, TestContext.Current.CancellationToken);
            Assert.Equal(PublishOutcome.NoRoom, holds.Offer(10));
            Assert.Empty(holds.Acked);
        }

        await using var bench = new BufferBench(KafkaDown with { When = BufferWhen.FullWindow }, window);
        await bench.PublishAsync(0, 500);
        await BufferBench.UntilAsync(() => bench.Acked.Length == 500);
        Assert.Equal(Enumerable.Range(0, 10), bench.Produced);
        await bench.ReportAllAsync();
        Assert.Equal(Enumerable.Range(0, 500), bench.Produced);
    }

    [Fact]
    public async Task a_record_without_an_answer_for_three_seconds_is_as_good_as_kafka_away()
    {
        var clock = new StillClock();
        await using var bench = new BufferBench(KafkaDown, time: clock);
        await bench.PublishAsync(0, 20);
        clock.Advance(TimeSpan.FromSeconds(2.9));
        await Task.Delay(600, TestContext.Current.CancellationToken); // It looks four times a second.
        Assert.Empty(bench.Acked);
        clock.Advance(TimeSpan.FromSeconds(0.1));
        await BufferBench.UntilAsync(() => bench.Acked.Length == 20);
        Assert.True(bench.Status.Buffering);
        await bench.PublishAsync(20, 20);
        await bench.ReportAllAsync();
        await BufferBench.UntilAsync(() => !bench.Status.Buffering);
        Assert.Equal(Enumerable.Range(0, 40), bench.Produced);
    }

    [Fact]
    public async Task with_always_each_message_is_acknowledged_from_the_disk_whatever_kafka_does()
    {
        await using var bench = new BufferBench(KafkaDown with { When = BufferWhen.Always });
        await bench.PublishAsync(0, 1_000);
        await BufferBench.UntilAsync(() => bench.Acked.Length == 1_000);
        await BufferBench.UntilAsync(() => bench.Status.Records == 1_000); // One may be on its way through the drain at the moment of the look.
        await bench.ReportAllAsync();
        Assert.Equal(Enumerable.Range(0, 1_000), bench.Produced);
        Assert.True(bench.Status.Buffering);
    }

    [Fact]
    public async Task qos_0_goes_the_same_way_in_order()
    {
        await using var bench = new BufferBench(KafkaDown with { When = BufferWhen.Always });
        for (int i = 0; i < 100; i++)
            await bench.PublishAsync(i, qos: i % 2 == 0 ? QoS.AtMostOnce : QoS.AtLeastOnce);
        await BufferBench.UntilAsync(() => bench.Acked.Length == 50);
        await bench.ReportAllAsync();
        Assert.Equal(Enumerable.Range(0, 100), bench.Produced);
    }

    [Fact]
    public async Task what_is_on_disk_when_the_link_is_cut_is_not_repeated_by_its_redelivery()
    {
        await using var bench = new BufferBench(KafkaDown);
        await bench.PublishAsync(0, 10);
        bench.Connect(sessionPresent: true); // all ten are with Kafka, unacknowledged
        bench.Delivery.OnSinkState("broker away");
        await BufferBench.UntilAsync(() => bench.Status.Records == 10);
        Assert.Empty(bench.Acked); // never on a newer connection for an older one's message
        for (int i = 0; i < 10; i++)
            await bench.PublishAsync(i, dup: true);
        Assert.Equal(Enumerable.Range(0, 10), bench.Acked);
        Assert.Equal(10, bench.Delivery.Counters.Adopted);

        await bench.PublishAsync(10, 5);
        await BufferBench.UntilAsync(() => bench.Acked.Length == 15);
        Assert.Equal(15, bench.Cut());
        await bench.PublishAsync(15, 5);
        await BufferBench.UntilAsync(() => bench.Acked.Length == 20);
        bench.Connect(sessionPresent: true, firstUnacknowledgedBefore: 15); // the last five acks were not written
        for (int i = 15; i < 20; i++)
            await bench.PublishAsync(i, dup: true);
        Assert.Equal(5, bench.Acked.Length);
        bench.Delivery.OnSinkState(null);
        await bench.ReportAllAsync();
        Assert.Equal(Enumerable.Range(0, 20), bench.Produced);
    }

    [Fact]
    public async Task what_a_killed_bridge_had_on_disk_is_delivered_by_the_next_before_anything_new()
    {
        using var folder = new TempFolder("restart");
        await using (var first = new BufferBench(KafkaDown, folder: folder.Path))
        {
            first.Delivery.OnSinkState("broker away");
            await BufferBench.UntilAsync(() => first.Status.Buffering);
            await first.PublishAsync(0, 1_000);
            await BufferBench.UntilAsync(() => first.Acked.Length == 1_000);
        }

        await using var second = new BufferBench(KafkaDown, folder: folder.Path) { Answers = true };
        await second.PublishAsync(1_000, 1_000);
        await BufferBench.UntilAsync(() => second.Produced.Length == 2_000 && second.Acked.Length == 1_000);
        Assert.Equal(Enumerable.Range(0, 2_000), second.Produced);
    }

    [Fact]
    public async Task a_clean_end_leaves_on_disk_what_kafka_has_not_and_does_not_wait_for_kafka()
    {
        using var folder = new TempFolder("end");
        await using (var first = new BufferBench(KafkaDown, folder: folder.Path))
        {
            await first.PublishAsync(0, 100);
            first.Report(40);
            first.Delivery.OnSinkState("broker away");
            await BufferBench.UntilAsync(() => first.Status.Buffering);
            await first.PublishAsync(100, 100);
            first.Delivery.Leave();
            Assert.Equal(PublishOutcome.Left, first.Offer(200));
            await first.Delivery.WhenSettledAsync(TimeSpan.FromHours(1)).Guarded();
            Assert.Equal(200, first.Acked.Length);
            Assert.Equal(0, first.Delivery.LeftToBroker);
        }

        await using var second = new BufferBench(KafkaDown, folder: folder.Path) { Answers = true };
        await BufferBench.UntilAsync(() => second.Status.Records == 0);
        Assert.Equal(Enumerable.Range(40, 160), second.Produced);
    }

    [Fact]
    public async Task a_clean_end_on_the_straight_way_brings_what_kafka_does_not_answer_to_the_disk()
    {
        var clock = new StillClock();
        await using var bench = new BufferBench(KafkaDown, time: clock);
        await bench.PublishAsync(0, 50);
        clock.Advance(TimeSpan.FromSeconds(2)); // Too soon for a bridge that goes on, and not for one that ends.
        bench.Delivery.Leave();
        await bench.Delivery.WhenSettledAsync(TimeSpan.FromHours(1)).Guarded();
        Assert.Equal(50, bench.Acked.Length);
        Assert.Equal(50, bench.Status.Records);
    }

    [Fact]
    public async Task a_sink_without_room_makes_the_drain_wait_and_repeats_nothing()
    {
        await using var bench = new BufferBench(KafkaDown with { When = BufferWhen.Always }) { Sink = ProduceStatus.QueueFull };
        await bench.PublishAsync(0, 100);
        await BufferBench.UntilAsync(() => bench.Acked.Length == 100);
        Assert.Empty(bench.Produced);
        bench.Sink = ProduceStatus.Queued;
        bench.Delivery.OnRoom();
        await bench.ReportAllAsync();
        Assert.Equal(Enumerable.Range(0, 100), bench.Produced);
    }
}
