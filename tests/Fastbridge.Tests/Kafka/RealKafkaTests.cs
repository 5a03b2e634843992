using System.Text;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Reading;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Kafka;

/// <summary>What the mock cluster cannot show.</summary>
public class RealKafkaTests(Lab lab)
{
    [Fact]
    public async Task records_arrive_in_order_with_headers_keys_and_timestamps()
    {
        string kafka = await lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "order", partitions: 4);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new RecordingListener();
        await using IRecordSink sink = factory.Open(Sinks.Config(kafka) with { CompressionType = "zstd" }, listener);
        const int Count = 20_000;
        for (int i = 0; i < Count; i++)
        {
            var record = new OutgoingRecord
            {
                Value = Encoding.UTF8.GetBytes($"{i}"),
                HasKey = true,
                Key = Encoding.UTF8.GetBytes($"k{i % 10}"),
                TimestampMs = 1_700_000_000_000 + i,
                Headers = Sinks.Headers(("n", $"{i}")),
            };
            Assert.Equal(ProduceStatus.Queued, sink.TryProduce(sink.GetTopic(topic), record, i));
            if (i % 1000 == 0)
                sink.Hurry();
        }

        await listener.Until(l => l.Delivered.Length == Count);
        List<KafkaRecord> read = await Sinks.ReadAll(kafka, topic, Count);
        foreach (IGrouping<string, KafkaRecord> key in read.GroupBy(r => r.Key.Text()))
            Assert.Equal(Enumerable.Range(0, Count).Where(i => $"k{i % 10}" == key.Key), key.Select(r => int.Parse(r.Value.Text())));
        Assert.All(read, r => Assert.Equal((r.Value.Text(), 1_700_000_000_000 + int.Parse(r.Value.Text())), (Assert.Single(r.Headers).Value.Text(), r.TimestampMs)));
    }

    [Fact]
    public async Task a_record_that_the_topic_refuses_comes_back_and_the_next_passes()
    {
        string kafka = await lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "small", 4, ("max.message.bytes", "2000"));
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new RecordingListener();
        await using IRecordSink sink = factory.Open(Sinks.Config(kafka), listener);
        Assert.Equal(ProduceStatus.Queued, sink.Produce(sink.GetTopic(topic), 1, new string('x', 5000), "k"));
        await listener.Until(l => l.Failures.Length == 1);
        Assert.Equal((1, DeliveryFault.Refused, false), (listener.Failures[0].Slot, listener.Failures[0].Fault, listener.Failures[0].PossiblyPersisted));

        Assert.Equal(ProduceStatus.Queued, sink.Produce(sink.GetTopic(topic), 2, "small", "k"));
        await listener.Until(l => l.Delivered.SequenceEqual([2]));
        Assert.Equal("small", Assert.Single(await Sinks.ReadAll(kafka, topic, 1)).Value.Text());
    }
}
