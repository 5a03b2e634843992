using System.Text.Json;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Delivery;

public class ConnectorDeliveryTests
{
    [Fact]
    public async Task a_message_is_acknowledged_after_its_report_and_not_before()
    {
        await using var bench = new DeliveryBench();
        (_, Receipt receipt) = bench.Publish("one", 1);
        Assert.Empty(bench.Acked);
        bench.Deliver("one");
        Assert.Equal([receipt], bench.Acked);
        Assert.Equal(0, bench.Delivery.InFlight);
    }

    [Fact]
    public async Task what_was_acknowledged_is_not_remembered()
    {
        await using var bench = new DeliveryBench();
        bench.Publish("one", 1);
        bench.Publish("two", 2);
        bench.Publish("three", 3);
        bench.Deliver("two", "three");
        Assert.Equal(3, bench.Delivery.Remembered); // Behind one that Kafka has not: no ack has left.
        bench.Deliver("one");
        Assert.Equal(0, bench.Delivery.Remembered);
    }

    [Fact]
    public async Task a_redelivered_message_that_was_acknowledged_at_once_is_not_remembered()
    {
        await using var bench = new DeliveryBench();
        bench.Publish("m", 9);
        bench.Connect(2, sessionPresent: true);
        bench.Deliver("m");
        bench.Publish("m", 9, dup: true);
        Assert.Equal(0, bench.Delivery.Remembered);
    }

    [Fact]
    public async Task more_reports_at_once_than_a_page_of_receipts_holds_are_all_acknowledged()
    {
        await using var bench = new DeliveryBench();
        string[] all = [.. Enumerable.Range(0, 2_500).Select(n => $"m{n}")];
        for (int n = 0; n < all.Length; n++)
            bench.Publish(all[n], (ushort)(n + 1));
        bench.Deliver(all);
        Assert.Equal(Enumerable.Range(0, all.Length), bench.Acked.Select(r => r.Sequence));
        Assert.Equal(0, bench.Delivery.InFlight);
    }

    [Fact]
    public async Task a_qos_0_message_takes_a_slot_and_no_ack()
    {
        await using var bench = new DeliveryBench();
        bench.Publish("zero", 0, qos: QoS.AtMostOnce);
        Assert.Equal(1, bench.Delivery.InFlight);
        bench.Deliver("zero");
        Assert.Empty(bench.Acked);
        Assert.Equal(0, bench.Delivery.InFlight);
    }

    [Fact]
    public async Task a_full_window_takes_nothing_and_a_report_makes_room()
    {
        await using var bench = new DeliveryBench(new WindowConfig { MaxMessages = 2 });
        bench.Publish("1", 1);
        bench.Publish("2", 2);
        Assert.Equal(PublishOutcome.NoRoom, bench.Publish("3", 3).Outcome);
        ValueTask room = bench.Delivery.WaitForRoomAsync(TestContext.Current.CancellationToken);
        Assert.False(room.IsCompleted);
        bench.Deliver("1");
        await room.AsTask().Guarded();
        Assert.Equal(PublishOutcome.Taken, bench.Publish("3", 3).Outcome);
    }

    [Fact]
    public async Task the_window_is_bounded_in_bytes_too_and_lets_one_large_record_pass()
    {
        await using var bench = new DeliveryBench(new WindowConfig { MaxBytes = 10 });
        Assert.Equal(PublishOutcome.Taken, bench.Publish(new string('x', 1000), 1).Outcome);
        Assert.Equal(PublishOutcome.NoRoom, bench.Publish("y", 2).Outcome);
        bench.Deliver(new string('x', 1000));
        Assert.Equal(PublishOutcome.Taken, bench.Publish("y", 2).Outcome);
    }

    [Fact]
    public async Task a_full_producer_queue_holds_and_its_room_releases()
    {
        await using var bench = new DeliveryBench { OnProduce = _ => ProduceStatus.QueueFull };
        Assert.Equal(PublishOutcome.NoRoom, bench.Publish("1", 1).Outcome);
        Assert.Equal(0, bench.Delivery.InFlight);
        bench.OnProduce = _ => ProduceStatus.Queued;
        Assert.Equal(PublishOutcome.NoRoom, bench.Publish("1", 1).Outcome);
        bench.Delivery.OnRoom();
        Assert.Equal(PublishOutcome.Taken, bench.Publish("1", 1).Outcome);
        bench.Deliver("1");
        Assert.Single(bench.Acked);
    }

    [Fact]
    public async Task a_redelivered_message_whose_record_is_pending_adopts_it()
    {
        await using var bench = new DeliveryBench();
        bench.Publish("m", 5);
        bench.Connect(2, sessionPresent: true);
        (PublishOutcome outcome, Receipt receipt) = bench.Publish("m", 5, dup: true);
        Assert.Equal(PublishOutcome.Taken, outcome);
        Assert.Equal(["m"], bench.AllProduced());
        Assert.Equal(1, bench.Delivery.InFlight);
        bench.Deliver("m");
        Assert.Equal([receipt], bench.Acked);
        Assert.Equal(1, bench.Delivery.Counters.Adopted);
    }

    [Fact]
    public async Task a_redelivered_message_that_kafka_has_already_is_acknowledged_and_not_repeated()
    {
        await using var bench = new DeliveryBench();
        bench.Publish("stuck", 1);
        bench.Publish("through", 2);
        bench.Deliver("through"); // its ack waits behind the first one's
        bench.ForgetAcks();
        bench.Connect(2, sessionPresent: true, firstUnacknowledgedBefore: 0);
        bench.Publish("stuck", 1, dup: true);
        (_, Receipt second) = bench.Publish("through", 2, dup: true);
        Assert.Equal([second], bench.Acked);
        Assert.Equal(["stuck", "through"], bench.AllProduced());
    }

    [Fact]
    public async Task a_record_delivered_while_the_link_was_down_is_not_repeated()
    {
        await using var bench = new DeliveryBench();
        bench.Publish("m", 9);
        bench.Connect(2, sessionPresent: true);
        bench.Deliver("m");
        Assert.Empty(bench.Acked); // never on a newer connection for an older one's message
        (_, Receipt receipt) = bench.Publish("m", 9, dup: true);
        Assert.Equal([receipt], bench.Acked);
        Assert.Equal(["m"], bench.AllProduced());
    }

    [Fact]
    public async Task what_was_acknowledged_before_the_link_was_cut_is_a_new_message_under_its_old_identifier()
    {
        // [MQTT-4.3.2-5]: after PUBACK the identifier is free; whatever DUP says, the same bytes may be another message.
        await using var bench = new DeliveryBench();
        bench.Publish("same", 3);
        bench.Deliver("same");
        bench.Connect(2, sessionPresent: true, firstUnacknowledgedBefore: 1);
        bench.Publish("same", 3, dup: true);
        Assert.Equal(["same", "same"], bench.AllProduced());
    }

    [Theory]
    [InlineData("other", true)]
    [InlineData("same", false)]
    public async Task another_payload_or_a_missing_dup_is_no_redelivery(string payload, bool dup)
    {
        await using var bench = new DeliveryBench();
        bench.Publish("same", 3);
        bench.Connect(2, sessionPresent: true);
        bench.Publish(payload, 3, dup);
        Assert.Equal(["same", payload], bench.AllProduced());
        Assert.Equal(2, bench.Delivery.InFlight);
    }

    [Fact]
    public async Task without_a_session_nothing_is_adopted()
    {
        await using var bench = new DeliveryBench();
        bench.Publish("m", 5);
        bench.Connect(2, sessionPresent: false);
        bench.Publish("m", 5, dup: true);
        Assert.Equal(["m", "m"], bench.AllProduced());
    }

    [Fact]
    public async Task a_flapping_link_neither_fills_the_window_nor_repeats()
    {
        await using var bench = new DeliveryBench(new WindowConfig { MaxMessages = 100 });
        for (int connection = 1; connection <= 50; connection++)
        {
            if (connection > 1)
                bench.Connect(connection, sessionPresent: true);
            for (ushort id = 1; id <= 100; id++)
                Assert.Equal(PublishOutcome.Taken, bench.Publish($"m{id}", id, dup: connection > 1).Outcome);
        }

        Assert.Equal(100, bench.AllProduced().Length);
        Assert.Equal(100, bench.Delivery.InFlight);
        bench.Deliver([.. Enumerable.Range(1, 100).Select(i => $"m{i}")]);
        Assert.Equal(100, bench.Acked.Count);
        Assert.All(bench.Acked, r => Assert.Equal(50, r.Connection));
    }

    [Fact]
    public async Task a_link_cut_in_the_middle_of_redelivery_forgets_nothing()
    {
        await using var bench = new DeliveryBench();
        for (ushort id = 1; id <= 10; id++)
            bench.Publish($"m{id}", id);
        bench.Connect(2, sessionPresent: true);
        for (ushort id = 1; id <= 4; id++)
            bench.Publish($"m{id}", id, dup: true);
        bench.Connect(3, sessionPresent: true);
        for (ushort id = 1; id <= 10; id++)
            bench.Publish($"m{id}", id, dup: true);
        Assert.Equal(10, bench.AllProduced().Length);
        bench.Deliver([.. Enumerable.Range(1, 10).Select(i => $"m{i}")]);
        Assert.Equal(10, bench.Acked.Count);
    }

    [Fact]
    public async Task a_passing_fault_is_produced_again_in_order_and_holds_new_messages()
    {
        await using var bench = new DeliveryBench();
        bench.Publish("1", 1);
        bench.Publish("2", 2);
        bench.Queued = (slot, _) => bench.Later(() => bench.DeliverSlot(slot));
        bench.Fail("2", DeliveryFault.TryAgain);
        bench.Fail("1", DeliveryFault.TryAgain, possiblyPersisted: true);
        await bench.UntilAsync(() => bench.Acked.Count == 2);
        Assert.Equal(0, bench.Delivery.InFlight);
        Assert.Equal(1, bench.Delivery.Counters.PossiblyRepeated);
        Assert.Equal(["1", "2"], bench.AllProduced()[^2..].Order());
        await bench.UntilAsync(() => bench.Publish("3", 3).Outcome == PublishOutcome.Taken);
    }

    [Fact]
    public async Task in_a_condemned_batch_only_the_record_that_fails_alone_is_put_away()
    {
        await using var bench = new DeliveryBench();
        string[] batch = ["good1", "bad", "good2"];
        for (ushort id = 1; id <= 3; id++)
            bench.Publish(batch[id - 1], id);
        bench.Queued = (slot, payload) => bench.Later(() =>
        {
            if (payload == "bad")
                bench.Fail("bad", DeliveryFault.Refused);
            else
                bench.DeliverSlot(slot);
        });
        foreach (string payload in batch)
            bench.Fail(payload, DeliveryFault.Refused);
        await bench.UntilAsync(() => bench.Acked.Count == 3);
        Assert.Equal(1, bench.Delivery.Counters.DeadLettered);
        JsonElement letter = JsonDocument.Parse(File.ReadAllText(bench.DeadLetterPath)).RootElement;
        Assert.Equal("bad", letter.GetProperty("record_base64").GetBytesFromBase64() is var b ? System.Text.Encoding.UTF8.GetString(b) : "");
        Assert.Equal("c", letter.GetProperty("connector_name").GetString());
        Assert.Equal(1, letter.GetProperty("retry_times").GetInt32());
        Assert.Equal("a/b", letter.GetProperty("source_topic").GetString());
    }

    [Fact]
    public async Task what_was_tried_alone_is_acknowledged_also_where_the_end_of_its_batch_is_not_told()
    {
        await using var bench = new DeliveryBench();
        bench.Publish("suspect", 1);
        bench.Queued = (slot, _) => bench.Later(() => bench.Delivery.OnDelivered([slot])); // Its share is closed before OnReportsEnd comes.
        bench.Fail("suspect", DeliveryFault.Refused);
        await bench.UntilAsync(() => bench.Acked.Count == 1);
    }

    [Fact]
    public async Task an_unknown_topic_holds_until_it_is_there()
    {
        await using var bench = new DeliveryBench();
        bool there = false;
        bench.Publish("1", 1);
        bench.Queued = (slot, payload) => bench.Later(() =>
        {
            if (Volatile.Read(ref there))
                bench.DeliverSlot(slot);
            else
                bench.Fail(payload, DeliveryFault.TopicUnknown);
        });
        bench.Fail("1", DeliveryFault.TopicUnknown);
        Assert.Equal(PublishOutcome.NoRoom, bench.Publish("2", 2).Outcome);
        await bench.UntilAsync(() => bench.HeldReasons.Any(r => r?.Contains("test says TopicUnknown", StringComparison.Ordinal) == true));
        Assert.Empty(bench.Acked);
        Volatile.Write(ref there, true);
        await bench.UntilAsync(() => bench.Acked.Count == 1);
        await bench.UntilAsync(() => bench.HeldReasons[^1] is null);
    }

    [Fact]
    public async Task a_record_too_large_is_on_disk_before_its_message_is_acknowledged_and_the_stream_goes_on()
    {
        await using var bench = new DeliveryBench { OnProduce = p => p == "big" ? ProduceStatus.TooLarge : ProduceStatus.Queued };
        bench.Publish("big", 1);
        await bench.UntilAsync(() => bench.Acked.Count == 1);
        Assert.Contains("exceeds message.max.bytes", File.ReadAllText(bench.DeadLetterPath), StringComparison.Ordinal);
        await bench.UntilAsync(() => bench.Publish("small", 2).Outcome == PublishOutcome.Taken);
    }

    [Fact]
    public async Task an_illegal_kafka_topic_is_put_away_with_its_name()
    {
        await using var bench = new DeliveryBench { Target = new TopicTarget("..", "\"..\" is no topic name") };
        bench.Publish("m", 1);
        await bench.UntilAsync(() => bench.Acked.Count == 1);
        Assert.Equal("..", JsonDocument.Parse(File.ReadAllText(bench.DeadLetterPath)).RootElement.GetProperty("kafka_topic").GetString());
        Assert.Empty(bench.AllProduced());
    }

    [Fact]
    public async Task a_full_dead_letter_file_holds_and_goes_on_when_it_is_moved_away()
    {
        await using var bench = new DeliveryBench(deadLetterBytes: 400) { OnProduce = _ => ProduceStatus.TooLarge };
        bench.Publish("a", 1);
        await bench.UntilAsync(() => bench.Acked.Count == 1);
        await bench.UntilAsync(() => bench.Publish("b", 2).Outcome == PublishOutcome.Taken);
        await bench.UntilAsync(() => bench.HeldReasons.Any(r => r?.Contains("full", StringComparison.Ordinal) == true));
        Assert.Single(bench.Acked);
        File.Delete(bench.DeadLetterPath);
        await bench.UntilAsync(() => bench.Acked.Count == 2);
    }

    [Fact]
    public async Task leaving_takes_nothing_more_and_waits_for_what_is_in_flight()
    {
        await using var bench = new DeliveryBench();
        bench.Publish("m", 1);
        bench.Delivery.Leave();
        Assert.Equal(PublishOutcome.Left, bench.Publish("n", 2).Outcome);
        Task settled = bench.Delivery.WhenSettledAsync(TimeSpan.FromSeconds(60));
        Assert.False(settled.IsCompleted);
        bench.Deliver("m");
        await settled.Guarded();
        Assert.Single(bench.Acked);
    }
}
