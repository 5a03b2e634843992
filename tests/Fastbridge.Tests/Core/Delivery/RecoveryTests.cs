using Fastbridge.Core.Delivery;
using Fastbridge.Mqtt;
using Fastbridge.Tests.Mqtt.Client;

namespace Fastbridge.Tests.Core.Delivery;

/// <summary>What comes back, and what must not come of it: a loop without a pause, a lost wake-up, a slot that nobody gives back.</summary>
public class RecoveryTests
{
    [Theory]
    [InlineData(DeliveryFault.NotAuthorized)]
    [InlineData(DeliveryFault.TryAgain)]
    public async Task a_record_that_comes_back_at_once_every_time_is_produced_with_pauses(DeliveryFault fault)
    {
        var time = new ManualTime();
        await using var bench = new DeliveryBench(time: time);
        bench.Publish("1", 1);
        bench.Queued = (_, payload) => bench.Later(() => bench.Fail(payload, fault));
        bench.Fail("1", fault);
        foreach (int delay in new[] { 100, 200, 400 })
        {
            await time.WaitForTimerAsync(TimeSpan.FromMilliseconds(delay));
            time.Advance(TimeSpan.FromMilliseconds(delay));
        }

        await time.WaitForTimerAsync(TimeSpan.FromMilliseconds(800));
        Assert.Equal(5, bench.AllProduced().Length);
    }

    [Fact]
    public async Task records_that_linger_are_sent_on_where_the_server_waits_and_when_a_recovery_begins()
    {
        await using var bench = new DeliveryBench { OnProduce = payload => payload == "bad" ? ProduceStatus.TooLarge : ProduceStatus.Queued };
        bench.Publish("1", 1);
        bench.Publish("2", 2);
        bench.Delivery.OnIdle(2);
        Assert.Equal(1, bench.Hurried);
        bench.Delivery.OnIdle(1);
        bench.Delivery.OnMore(2);
        Assert.Equal(1, bench.Hurried);

        // The reader does not come to say so while the recovery has the sink.
        bench.Publish("bad", 3);
        await bench.UntilAsync(() => bench.Hurried == 2);
    }

    [Fact]
    public async Task what_one_read_brings_is_a_run_of_the_readers_and_a_recovery_waits_for_its_end()
    {
        await using var bench = new DeliveryBench();
        bench.Publish("1", 1, more: true);
        bench.Publish("2", 2, more: true);
        Assert.Equal((1, 0), bench.Runs);
        bench.Fail("1", DeliveryFault.TryAgain); // A recovery begins, and wants the sink.
        Assert.Equal(PublishOutcome.NoRoom, bench.Publish("3", 3, more: true).Outcome);
        Assert.False(SpinWait.SpinUntil(() => bench.Hurried > 0, 50)); // The first thing that it does with the sink.
        bench.Delivery.OnBatchEnd();
        Assert.Equal((1, 1), bench.Runs);
        await bench.UntilAsync(() => bench.Hurried > 0);
        bench.Deliver("2");
        await bench.UntilAsync(() => bench.AllProduced().Length == 3);
        Assert.Equal((1, 1), bench.Runs);
        bench.Deliver("1");

        await bench.UntilAsync(() => bench.Publish("3", 3).Outcome is PublishOutcome.Taken);
        Assert.Equal((2, 2), bench.Runs);
        bench.Delivery.OnBatchEnd(); // A read that brought nothing.
        Assert.Equal((2, 2), bench.Runs);
    }

    [Fact]
    public async Task room_that_is_told_before_the_full_sink_has_answered_is_not_lost()
    {
        await using var bench = new DeliveryBench();
        bench.OnProduce = _ =>
        {
            bench.Delivery.OnRoom();
            return ProduceStatus.QueueFull;
        };
        Assert.Equal(PublishOutcome.NoRoom, bench.Publish("1", 1).Outcome);
        bench.OnProduce = _ => ProduceStatus.Queued;
        using var guard = new CancellationTokenSource(Support.TestTools.Guard);
        await bench.Delivery.WaitForRoomAsync(guard.Token);
        Assert.Equal(PublishOutcome.Taken, bench.Publish("1", 1).Outcome);
    }

    [Fact]
    public async Task a_sink_that_throws_leaves_no_slot_behind_and_the_redelivered_message_is_produced()
    {
        await using var bench = new DeliveryBench { OnProduce = _ => throw new InvalidOperationException("no") };
        Assert.Throws<InvalidOperationException>(() => bench.Publish("1", 1));
        Assert.Equal(0, bench.Delivery.InFlight);
        bench.OnProduce = _ => ProduceStatus.Queued;
        bench.Connect(2, sessionPresent: true);
        (_, Receipt receipt) = bench.Publish("1", 1, dup: true);
        bench.Deliver("1");
        Assert.Equal([receipt], bench.Acked);
    }

    [Fact]
    public async Task a_sink_that_throws_on_a_record_produced_again_holds_it_and_is_asked_again()
    {
        await using var bench = new DeliveryBench();
        bench.Publish("1", 1);
        int calls = 0;
        bench.OnProduce = _ => Interlocked.Increment(ref calls) == 1 ? throw new InvalidOperationException("no") : ProduceStatus.Queued;
        bench.Queued = (slot, _) => bench.Later(() => bench.DeliverSlot(slot));
        bench.Fail("1", DeliveryFault.TryAgain);
        await bench.UntilAsync(() => bench.Acked.Count == 1);
        await bench.UntilAsync(() => bench.HeldReasons is [.., null]);
        Assert.Contains(bench.HeldReasons, r => r?.Contains("InvalidOperationException", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task a_suspect_is_not_produced_alone_while_others_are_with_kafka()
    {
        // Behind others in the producer's queue it would share a batch with them, and be put away for their fault.
        var time = new ManualTime();
        await using var bench = new DeliveryBench(time: time);
        bench.Publish("suspect", 1);
        bench.Publish("other", 2);
        bench.Fail("suspect", DeliveryFault.Refused);
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(["suspect", "other"], bench.AllProduced());
        bench.Deliver("other");
        await bench.UntilAsync(() => bench.AllProduced().Length == 3);
        bench.Deliver("suspect");
        await bench.UntilAsync(() => bench.Acked.Count == 2);
        Assert.Equal(0, bench.Delivery.Counters.DeadLettered);
    }

    [Fact]
    public async Task suspects_of_two_batches_are_tried_in_order_of_receipt_when_the_last_is_back()
    {
        await using var bench = new DeliveryBench();
        bench.Publish("1", 1);
        bench.Publish("2", 2);
        bench.Publish("3", 3);
        bench.Queued = (slot, _) => bench.Later(() => bench.DeliverSlot(slot));
        bench.Fail("3", DeliveryFault.Refused);
        bench.Fail("2", DeliveryFault.Refused);
        bench.Fail("1", DeliveryFault.Refused);
        await bench.UntilAsync(() => bench.Acked.Count == 3);
        Assert.Equal(["1", "2", "3"], bench.AllProduced()[3..]);
        Assert.Equal(0, bench.Delivery.Counters.DeadLettered);
    }
}
