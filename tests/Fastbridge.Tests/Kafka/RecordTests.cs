using System.Text;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Mock;
using Fastbridge.Kafka.Reading;

namespace Fastbridge.Tests.Kafka;

/// <summary>What is handed to the sink stands in Kafka as it was.</summary>
public class RecordTests
{
    // Keys of the tests of murmur2 in Kafka itself.
    [Theory]
    [InlineData("21")]
    [InlineData("foobar")]
    [InlineData("a-little-bit-long-string")]
    [InlineData("a-little-bit-longer-string")]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")]
    [InlineData("")]
    public async Task a_keyed_record_goes_to_the_partition_that_java_chooses(string key)
    {
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 7);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new RecordingListener();
        await using IRecordSink sink = factory.Open(Sinks.Config(kafka.BootstrapServers), listener);

        Assert.Equal(ProduceStatus.Queued, sink.Produce(sink.GetTopic("t"), 3, "v", key));
        await listener.Until(l => l.Delivered.Length == 1);

        KafkaRecord record = Assert.Single(await Sinks.ReadAll(kafka.BootstrapServers, "t", 1));
        Assert.Equal(JavaMurmur2.Positive(Encoding.UTF8.GetBytes(key)) % 7, record.Partition);
        Assert.Equal(key, record.Key.Text());
        Assert.Equal([3], listener.Delivered);
    }

    [Fact]
    public async Task a_record_without_key_goes_by_its_partition_hash()
    {
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 5);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new RecordingListener();
        KafkaConfig config = Sinks.Config(kafka.BootstrapServers) with { Key = "" };
        await using IRecordSink sink = factory.Open(config, listener);

        int[] hashes = [0, 1, 7, 123_456_789, int.MaxValue];
        for (int slot = 0; slot < hashes.Length; slot++)
        {
            var record = new OutgoingRecord { Value = Encoding.UTF8.GetBytes($"{hashes[slot]}"), PartitionHash = hashes[slot] };
            Assert.Equal(ProduceStatus.Queued, sink.TryProduce(sink.GetTopic("t"), record, slot));
        }

        foreach (KafkaRecord record in await Sinks.ReadAll(kafka.BootstrapServers, "t", hashes.Length))
        {
            Assert.Null(record.Key);
            Assert.Equal(int.Parse(record.Value.Text()) % 5, record.Partition);
        }
    }

    [Fact]
    public async Task headers_and_timestamp_arrive_as_they_were()
    {
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 1);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new RecordingListener();
        await using IRecordSink sink = factory.Open(Sinks.Config(kafka.BootstrapServers), listener);

        byte[] headers = Sinks.Headers(("mqtt.topic", "a/b"), ("empty", ""), ("mqtt.topic", "ü🚀"));
        var record = new OutgoingRecord { Value = "v"u8, HasKey = true, Key = "k"u8, Headers = headers, TimestampMs = 1_640_995_200_123 };
        Assert.Equal(ProduceStatus.Queued, sink.TryProduce(sink.GetTopic("t"), record, 0));

        KafkaRecord read = Assert.Single(await Sinks.ReadAll(kafka.BootstrapServers, "t", 1));
        Assert.Equal(1_640_995_200_123, read.TimestampMs);
        Assert.Equal(["mqtt.topic=a/b", "empty=", "mqtt.topic=ü🚀"], read.Headers.Select(h => $"{h.Key}={h.Value.Text()}"));
    }

    [Fact]
    public async Task an_empty_value_and_an_empty_key_are_not_null()
    {
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 1);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using IRecordSink sink = factory.Open(Sinks.Config(kafka.BootstrapServers), new RecordingListener());

        Assert.Equal(ProduceStatus.Queued, sink.TryProduce(sink.GetTopic("t"), new OutgoingRecord { HasKey = true }, 0));
        Assert.Equal(ProduceStatus.Queued, sink.TryProduce(sink.GetTopic("t"), new OutgoingRecord { HasKey = true, TimestampMs = 5 }, 1));

        foreach (KafkaRecord read in await Sinks.ReadAll(kafka.BootstrapServers, "t", 2))
        {
            Assert.Equal([], read.Value!);
            Assert.Equal([], read.Key!);
        }
    }

    [Theory]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("snappy")]
    [InlineData("lz4")]
    [InlineData("zstd")]
    public async Task every_compression_carries_records_whole(string compression)
    {
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 1);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new RecordingListener();
        await using IRecordSink sink = factory.Open(Sinks.Config(kafka.BootstrapServers) with { CompressionType = compression }, listener);
        IRecordTopic topic = sink.GetTopic("t");
        for (int slot = 0; slot < 500; slot++)
            Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, slot, $"{slot}: {new string('x', 200)}", "k"));

        await listener.Until(l => l.Delivered.Length == 500);
        List<KafkaRecord> read = await Sinks.ReadAll(kafka.BootstrapServers, "t", 500);
        Assert.Equal(Enumerable.Range(0, 500).Select(s => $"{s}: {new string('x', 200)}"), read.Select(r => r.Value.Text()));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task a_hundred_thousand_records_arrive_once_and_in_order(int acks)
    {
        const int Count = 100_000, Window = 10_000;
        using var kafka = new MockKafka(3);
        kafka.CreateTopic("t", 4);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new RecordingListener();
        await using IRecordSink sink = factory.Open(Sinks.Config(kafka.BootstrapServers) with { Acks = acks }, listener);
        IRecordTopic topic = sink.GetTopic("t");
        for (int i = 0; i < Count; i++)
        {
            if (i % Window == 0)
                await listener.Until(l => l.Delivered.Length >= i - Window);
            Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, i, $"{i}", $"k{i % 16}"));
        }

        await listener.Until(l => l.Delivered.Length == Count);
        Assert.Empty(listener.Failures);
        Assert.Equal(Enumerable.Range(0, Count), listener.Delivered.Order());
        Assert.InRange(listener.Ends, 1, Count / 2);

        List<KafkaRecord> read = await Sinks.ReadAll(kafka.BootstrapServers, "t", Count);
        Assert.Equal(Enumerable.Range(0, Count), read.Select(r => int.Parse(r.Value.Text())).Order());
        foreach (IGrouping<string, KafkaRecord> key in read.GroupBy(r => r.Key.Text()))
            Assert.Equal(key.Select(r => int.Parse(r.Value.Text())).Order(), key.Select(r => int.Parse(r.Value.Text())));
    }
}
