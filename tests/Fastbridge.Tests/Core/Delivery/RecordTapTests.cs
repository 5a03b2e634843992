using System.Text;
using Fastbridge.Core.Live;
using Fastbridge.Mqtt;
using Fastbridge.Tests.Mqtt.Client;

namespace Fastbridge.Tests.Core.Delivery;

/// <summary>Looking at a connector's last records: what is seen, how much is kept, and when it ends.</summary>
public class RecordTapTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task records_are_seen_from_the_first_look_on()
    {
        await using DeliveryBench bench = new(time: _time);
        bench.Publish("before", 1);
        RecordSample first = bench.Delivery.LookAtRecords(20);
        Assert.Equal((true, 0, 0), (first.IsFirst, first.Seen, first.Records.Length));
        bench.Publish("one", 2);
        bench.Publish("two", 3, retain: true);
        RecordSample second = bench.Delivery.LookAtRecords(20);
        Assert.Equal((false, 2, _time.GetUtcNow()), (second.IsFirst, second.Seen, second.Since));
        Assert.Equal(["one", "two"], Payloads(second));
        SampledRecord record = second.Records[1];
        Assert.Equal(("a/b", "t", "a/b", true, 3, 3), (record.MqttTopic, record.KafkaTopic, Encoding.UTF8.GetString(record.Key!), record.Retain, record.PayloadBytes, record.ValueBytes));
        Assert.Equal(bench.ReceivedAtMs, record.ReceivedAt.ToUnixTimeMilliseconds());
        Assert.Equal(["two"], Payloads(bench.Delivery.LookAtRecords(1)));
    }

    [Fact]
    public async Task what_was_not_taken_and_what_comes_again_is_not_seen()
    {
        await using DeliveryBench bench = new(window: new() { MaxMessages = 1 }, time: _time);
        bench.Delivery.LookAtRecords(20);
        bench.Publish("one", 1);
        Assert.Equal(PublishOutcome.NoRoom, bench.Publish("no room", 2).Outcome);
        bench.Connect(2, sessionPresent: true);
        Assert.Equal(PublishOutcome.Taken, bench.Publish("one", 1, dup: true).Outcome);
        RecordSample sample = bench.Delivery.LookAtRecords(20);
        Assert.Equal((1, 1), (sample.Seen, bench.Delivery.Counters.Adopted));
        Assert.Equal(["one"], Payloads(sample));
    }

    [Fact]
    public async Task of_many_the_last_twenty_are_kept_and_of_a_flood_a_part_is_copied()
    {
        await using DeliveryBench bench = new(time: _time);
        bench.Delivery.LookAtRecords(20);
        for (ushort i = 1; i <= 100; i++)
            bench.Publish($"{i}", i);
        RecordSample flood = bench.Delivery.LookAtRecords(20);
        Assert.Equal(100, flood.Seen);
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"{i}"), Payloads(flood));
        _time.Advance(TimeSpan.FromSeconds(0.5));
        for (ushort i = 101; i <= 200; i++)
            bench.Publish($"{i}", i);
        Assert.Equal([.. Enumerable.Range(11, 10).Select(i => $"{i}"), .. Enumerable.Range(101, 10).Select(i => $"{i}")], Payloads(bench.Delivery.LookAtRecords(20)));
    }

    [Fact]
    public async Task a_long_payload_is_cut()
    {
        await using DeliveryBench bench = new(time: _time);
        bench.Delivery.LookAtRecords(20);
        bench.Publish(new string('x', 10_000), 1);
        SampledRecord record = bench.Delivery.LookAtRecords(20).Records.Single();
        Assert.Equal((4096, 10_000), (record.Payload.Length, record.PayloadBytes));
    }

    [Fact]
    public async Task it_ends_half_a_minute_after_the_last_look_and_not_before()
    {
        await using DeliveryBench bench = new(time: _time);
        bench.Delivery.LookAtRecords(20);
        _time.Advance(RecordTap.Patience);
        bench.Delivery.CloseForgottenTap();
        bench.Publish("one", 1);
        Assert.Equal(["one"], Payloads(bench.Delivery.LookAtRecords(20)));
        _time.Advance(RecordTap.Patience + TimeSpan.FromSeconds(1));
        bench.Delivery.CloseForgottenTap();
        bench.Publish("two", 2);
        RecordSample anew = bench.Delivery.LookAtRecords(20);
        Assert.Equal((true, 0, 0), (anew.IsFirst, anew.Seen, anew.Records.Length));
    }

    [Fact]
    public async Task looking_and_watching_for_strays_do_not_end_each_other()
    {
        await using DeliveryBench bench = new(time: _time);
        bench.Delivery.LookAtRecords(20);
        bench.Delivery.Watch(new StrayWatch(["other/#"], _time));
        bench.Publish("stray", 1);
        Assert.Equal(["stray"], Payloads(bench.Delivery.LookAtRecords(20)));
        Assert.Equal(1, bench.Delivery.Counters.Unmatched);

        // The watch ends, the look goes on.
        bench.Deliver("stray");
        bench.Delivery.ConfirmWatch();
        for (int i = 0; i < 4; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(20));
            bench.Delivery.LookAtRecords(20);
        }

        bench.Delivery.OnIdle(0);
        bench.Publish("late", 2);
        Assert.Equal(1, bench.Delivery.Counters.Unmatched);
        Assert.Equal(["stray", "late"], Payloads(bench.Delivery.LookAtRecords(20)));

        // The look ends, another watch goes on.
        bench.Delivery.Watch(new StrayWatch(["other/#"], _time));
        _time.Advance(RecordTap.Patience * 2);
        bench.Delivery.CloseForgottenTap();
        bench.Publish("stray again", 3);
        Assert.Equal(2, bench.Delivery.Counters.Unmatched);
        Assert.True(bench.Delivery.LookAtRecords(20).IsFirst);
    }

    private static string[] Payloads(RecordSample sample) => [.. sample.Records.Select(r => Encoding.UTF8.GetString(r.Payload))];
}
