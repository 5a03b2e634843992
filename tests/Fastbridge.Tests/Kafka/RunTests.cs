using System.Text;
using Confluent.Kafka;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Mock;
using Fastbridge.Kafka.Producing;
using Fastbridge.Kafka.Reading;

namespace Fastbridge.Tests.Kafka;

/// <summary>Records that are handed over together: as many, in the same order, with the same errors as one by one.</summary>
public sealed class RunTests : IDisposable
{
    private readonly MockKafka _kafka = new();
    private readonly RecordingListener _listener = new();

    public void Dispose() => _kafka.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1_000)]
    public async Task all_of_a_run_arrive_in_the_order_of_their_partition(int records)
    {
        _kafka.CreateTopic("t", 3);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using KafkaRecordSink sink = factory.OpenShare(Sinks.Config(_kafka.BootstrapServers), _listener);
        IRecordTopic topic = sink.GetTopic("t");
        Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, 0, "first", "k")); // The topic is known from here on.
        await _listener.Until(l => l.Delivered.Length == 1);

        sink.BeginRun();
        for (int i = 1; i <= records; i++)
            Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, i, $"{i}", $"key {i % 10}"));
        Assert.Equal(records, sink.Outstanding);
        sink.EndRun();
        await _listener.Until(l => l.Delivered.Length == records + 1);

        List<KafkaRecord> read = await Sinks.ReadAll(_kafka.BootstrapServers, "t", records + 1);
        Assert.Equal(Enumerable.Range(1, records).Select(i => $"{i}"), read.Select(r => r.Value.Text()).Where(v => v != "first").OrderBy(int.Parse));
        foreach (IGrouping<int, KafkaRecord> partition in read.Where(r => r.Value.Text() != "first").GroupBy(r => r.Partition))
        {
            int[] values = [.. partition.OrderBy(r => r.Offset).Select(r => int.Parse(r.Value.Text()))];
            Assert.Equal(values.Order(), values);
        }

        Assert.All(read.Where(r => r.Value.Text() != "first"), r => Assert.Equal(JavaMurmur2.Positive(r.Key!) % 3, r.Partition));
        Assert.Equal(0, sink.Outstanding);
    }

    [Fact]
    public async Task topics_and_headers_in_between_do_not_change_the_order()
    {
        _kafka.CreateTopic("a", 1);
        _kafka.CreateTopic("b", 1);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using KafkaRecordSink sink = factory.OpenShare(Sinks.Config(_kafka.BootstrapServers), _listener);
        byte[] headers = Sinks.Headers(("h", "1"));
        int slot = 0;
        for (int round = 0; round < 20; round++)
        {
            sink.BeginRun();
            for (int i = 0; i < 30; i++, slot++)
            {
                bool plain = slot % 7 != 3;
                var record = new OutgoingRecord { Value = Encoding.UTF8.GetBytes($"{slot}"), HasKey = true, Key = "k"u8, Headers = plain ? default : headers };
                Assert.Equal(ProduceStatus.Queued, sink.TryProduce(sink.GetTopic(slot % 5 < 2 ? "a" : "b"), record, slot));
            }

            sink.EndRun();
            sink.Hurry();
        }

        await _listener.Until(l => l.Delivered.Length == slot);
        foreach (string topic in (string[])["a", "b"])
        {
            int[] expected = [.. Enumerable.Range(0, slot).Where(s => s % 5 < 2 == (topic == "a"))];
            Assert.Equal(expected, (await Sinks.ReadAll(_kafka.BootstrapServers, topic, expected.Length)).Select(r => int.Parse(r.Value.Text())));
        }
    }

    [Fact]
    public async Task without_a_key_a_run_goes_by_its_partition_hashes()
    {
        _kafka.CreateTopic("t", 5);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using KafkaRecordSink sink = factory.OpenShare(Sinks.Config(_kafka.BootstrapServers) with { Key = "" }, _listener);
        Assert.Equal(ProduceStatus.Queued, sink.Produce(sink.GetTopic("t"), 0, "0"));
        await _listener.Until(l => l.Delivered.Length == 1);
        sink.BeginRun();
        for (int i = 1; i <= 20; i++)
            Assert.Equal(ProduceStatus.Queued, sink.TryProduce(sink.GetTopic("t"), new OutgoingRecord { Value = Encoding.UTF8.GetBytes($"{i}"), PartitionHash = i }, i));
        sink.EndRun();
        foreach (KafkaRecord record in await Sinks.ReadAll(_kafka.BootstrapServers, "t", 21))
            Assert.Equal(int.Parse(record.Value.Text()) % 5, record.Partition);
    }

    [Fact]
    public async Task what_a_record_alone_is_refused_for_it_is_refused_for_in_a_run()
    {
        _kafka.CreateTopic("t", 1);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using KafkaRecordSink sink = factory.OpenShare(Sinks.Config(_kafka.BootstrapServers, ("queue.buffering.max.messages", "2"), ("linger.ms", "60000")), _listener);
        IRecordTopic topic = sink.GetTopic("t");
        sink.BeginRun();
        Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, 0, "0", "k"));
        Assert.Equal(ProduceStatus.TooLarge, sink.Produce(topic, 1, new string('x', 20_000_000), "k"));
        Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, 2, "2", "k"));
        Assert.Equal(ProduceStatus.QueueFull, sink.Produce(topic, 3, "3", "k"));
        sink.EndRun();
        sink.Hurry();
        await _listener.Until(l => l.Delivered.Length == 2 && l.Rooms > 0);
        Assert.Equal([0, 2], _listener.Delivered.Order());
        Assert.Equal(0, sink.Outstanding);
    }

    [Fact]
    public async Task a_topic_that_is_not_there_fails_each_record_of_a_run_by_its_report()
    {
        _kafka.SetTopicError("t", ErrorCode.UnknownTopicOrPart);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using KafkaRecordSink sink = factory.OpenShare(Sinks.Config(_kafka.BootstrapServers, ("topic.metadata.propagation.max.ms", "0")), _listener);
        IRecordTopic topic = sink.GetTopic("t");

        // Alone, a record is refused at the door as soon as librdkafka knows that there is no such topic.
        using var guard = new CancellationTokenSource(RecordingListener.HangGuard);
        while (sink.Produce(topic, 0, "0", "k") != ProduceStatus.TopicUnavailable)
            await Task.Delay(5, guard.Token);
        sink.BeginRun();
        for (int i = 1; i <= 100; i++)
            Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, i, $"{i}", "k"));
        sink.EndRun();
        await _listener.Until(l => l.Failures.Count(f => f.Slot > 0) == 100);
        Assert.All(_listener.Failures, f => Assert.Equal((DeliveryFault.TopicUnknown, false), (f.Fault, f.PossiblyPersisted)));
        Assert.Equal(Enumerable.Range(1, 100), _listener.Failures.Select(f => f.Slot).Where(s => s > 0));
    }

    [Fact]
    public async Task a_producer_that_is_rebuilt_waits_for_the_open_run()
    {
        _kafka.CreateTopic("t", 1);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using KafkaRecordSink sink = factory.OpenShare(Sinks.Config(_kafka.BootstrapServers), _listener);
        IRecordTopic topic = sink.GetTopic("t");
        Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, 0, "0", "k"));
        await _listener.Until(l => l.Delivered.Length == 1);

        sink.BeginRun();
        for (int i = 1; i <= 3; i++)
            Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, i, $"{i}", "k"));
        _ = LibRdKafka.rd_kafka_test_fatal_error(sink.Producer.Native!.Handle, (int)ErrorCode.OutOfOrderSequenceNumber, "test");
        using var guard = new CancellationTokenSource(RecordingListener.HangGuard);
        while (sink.Producer.Native is not null)
            await Task.Delay(1, guard.Token);
        Assert.Equal(ProduceStatus.Rebuilding, sink.Produce(topic, 4, "4", "k"));
        Assert.True(sink.IsBusy);
        sink.EndRun();
        await _listener.Until(l => l.Failures.Length == 3 && l.Rooms > 0);
        Assert.Equal([1, 2, 3], _listener.Failures.Select(f => f.Slot));
        Assert.All(_listener.Failures, f => Assert.Equal(DeliveryFault.TryAgain, f.Fault));

        // And the next goes into the new one.
        while (sink.Producer.Native is null)
            await Task.Delay(1, guard.Token);
        sink.BeginRun();
        Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, 4, "4", "k"));
        sink.EndRun();
        await _listener.Until(l => l.Delivered.Length == 2);
        Assert.Equal(0, sink.Outstanding);
    }
}
