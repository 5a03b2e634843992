using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Mock;
using Fastbridge.Kafka.Producing;

namespace Fastbridge.Tests.Kafka;

/// <summary>Connectors with equal settings share a producer, and none notices the others.</summary>
public sealed class SharingTests : IDisposable
{
    private readonly MockKafka _kafka = new();

    public SharingTests() => _kafka.CreateTopic("t", 2);

    public void Dispose() => _kafka.Dispose();

    [Fact]
    public async Task a_thousand_connectors_share_one_producer_and_get_their_own_reports()
    {
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listeners = new RecordingListener[1000];
        var sinks = new KafkaRecordSink[1000];
        for (int i = 0; i < sinks.Length; i++)
        {
            KafkaConfig config = Sinks.Config(_kafka.BootstrapServers) with { Topic = $"topic-{i}", Key = "${topic}", Retries = i };
            sinks[i] = factory.OpenShare(config, listeners[i] = new RecordingListener());
        }

        Assert.Single(sinks.Select(s => s.Producer).Distinct());
        for (int slot = 0; slot < 5; slot++)
        {
            for (int i = 0; i < sinks.Length; i++)
                Assert.Equal(ProduceStatus.Queued, sinks[i].Produce(sinks[i].GetTopic("t"), slot * 1000 + i, $"{i}", $"{i}"));
        }

        for (int i = 0; i < sinks.Length; i++)
        {
            await listeners[i].Until(l => l.Delivered.Length == 5);
            Assert.Equal(Enumerable.Range(0, 5).Select(slot => slot * 1000 + i), listeners[i].Delivered.Order());
            await sinks[i].DisposeAsync();
        }
    }

    [Fact]
    public async Task other_settings_mean_another_producer()
    {
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        KafkaConfig config = Sinks.Config(_kafka.BootstrapServers);
        KafkaConfig[] all =
        [
            config, config with { LingerMs = 1 }, config with { CompressionType = "lz4" }, config with { Acks = 1 }, config with { Key = "" },
            config with { BatchSize = 5000 }, Sinks.Config(_kafka.BootstrapServers, ("client.id", "other")),
        ];
        KafkaRecordSink[] sinks = [.. all.Select(c => factory.OpenShare(c, new RecordingListener()))];
        Assert.Equal(all.Length, sinks.Select(s => s.Producer).Distinct().Count());
        foreach (KafkaRecordSink sink in sinks)
            await sink.DisposeAsync();
    }

    [Fact]
    public async Task the_last_share_ends_the_producer_and_the_next_gets_a_new_one()
    {
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        KafkaConfig config = Sinks.Config(_kafka.BootstrapServers);
        KafkaRecordSink first = factory.OpenShare(config, new RecordingListener()), second = factory.OpenShare(config, new RecordingListener());
        KafkaProducer producer = first.Producer;
        await first.DisposeAsync();
        Assert.False(producer.Ended.IsCompleted);
        await second.DisposeAsync();
        await second.DisposeAsync();
        await producer.Ended.WaitAsync(RecordingListener.HangGuard, TestContext.Current.CancellationToken);

        KafkaRecordSink third = factory.OpenShare(config, new RecordingListener());
        Assert.NotSame(producer, third.Producer);
        await third.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => third.Produce(third.GetTopic("t"), 0, "v"));
    }

    [Fact]
    public async Task a_share_that_closes_waits_for_nothing_and_its_id_is_free_only_after_its_reports()
    {
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        KafkaConfig config = Sinks.Config(_kafka.BootstrapServers);
        var closedListener = new RecordingListener();
        var stayingListener = new RecordingListener();
        KafkaRecordSink staying = factory.OpenShare(config, stayingListener);
        KafkaRecordSink closing = factory.OpenShare(config, closedListener);
        IRecordTopic topic = staying.GetTopic("t");
        staying.Produce(topic, 0, "warm", "k");
        await stayingListener.Until(l => l.Delivered.Length == 1);

        _kafka.SetBrokerDown();
        for (int slot = 0; slot < 100; slot++)
            Assert.Equal(ProduceStatus.Queued, closing.Produce(closing.GetTopic("t"), slot, "v", "k"));
        await closing.DisposeAsync();
        Assert.Equal(100, closing.Outstanding);
        KafkaRecordSink newcomer = factory.OpenShare(config, new RecordingListener());
        Assert.NotEqual(closing.Id, newcomer.Id);

        _kafka.SetBrokerUp();
        staying.Produce(topic, 1, "after", "k");
        await stayingListener.Until(l => l.Delivered.Length == 2);
        for (int slot = 2; closing.Outstanding > 0 || !closing.IsReleased; slot++)
        {
            staying.Produce(topic, slot, "more", "k");
            await stayingListener.Until(l => l.Delivered.Length == slot + 1);
        }

        Assert.Empty(closedListener.Delivered);
        KafkaRecordSink reuser = factory.OpenShare(config, new RecordingListener());
        Assert.Equal(closing.Id, reuser.Id);
        await using (staying)
        await using (newcomer)
            await reuser.DisposeAsync();
    }

    [Fact]
    public async Task a_producer_with_records_outstanding_and_kafka_away_ends_in_bounded_time()
    {
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new RecordingListener();
        KafkaRecordSink sink = factory.OpenShare(Sinks.Config(_kafka.BootstrapServers), listener);
        sink.Produce(sink.GetTopic("t"), 0, "v", "k");
        await listener.Until(l => l.Delivered.Length == 1);
        _kafka.SetBrokerDown();
        for (int slot = 1; slot < 1000; slot++)
            sink.Produce(sink.GetTopic("t"), slot, "v", "k");
        await sink.DisposeAsync();
        await sink.Producer.Ended.WaitAsync(RecordingListener.HangGuard, TestContext.Current.CancellationToken);
        Assert.Single(listener.Delivered);
    }

    [Fact]
    public async Task a_listener_that_throws_harms_only_itself()
    {
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        KafkaConfig config = Sinks.Config(_kafka.BootstrapServers);
        var listener = new RecordingListener();
        await using IRecordSink bad = factory.Open(config, new ThrowingListener());
        await using IRecordSink good = factory.Open(config, listener);
        for (int slot = 0; slot < 100; slot++)
        {
            bad.Produce(bad.GetTopic("t"), slot, "v", "k");
            good.Produce(good.GetTopic("t"), slot, "v", "k");
        }

        await listener.Until(l => l.Delivered.Length == 100);
    }

    [Fact]
    public async Task many_rounds_of_opening_and_closing_leave_no_threads_of_librdkafka()
    {
        int before = LibRdKafka.rd_kafka_thread_cnt();
        for (int round = 0; round < 20; round++)
        {
            using var kafka = new MockKafka(2);
            kafka.CreateTopic("t", 2);
            await using KafkaSinkFactory factory = Sinks.NewFactory();
            var listener = new RecordingListener();
            await using KafkaRecordSink sink = factory.OpenShare(Sinks.Config(kafka.BootstrapServers), listener);
            sink.Produce(sink.GetTopic("t"), 1, "v", "k");
            await listener.Until(l => l.Delivered.Length == 1);
        }

        // Other tests run meanwhile and have threads of their own, but not 20 times two brokers'.
        Assert.InRange(LibRdKafka.rd_kafka_thread_cnt(), 0, before + 40);
    }

    [Fact]
    public async Task a_topic_of_another_sink_is_refused()
    {
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using IRecordSink one = factory.Open(Sinks.Config(_kafka.BootstrapServers), new RecordingListener());
        await using IRecordSink two = factory.Open(Sinks.Config(_kafka.BootstrapServers), new RecordingListener());
        Assert.Same(one.GetTopic("t"), one.GetTopic("t"));
        Assert.Throws<ArgumentException>(() => one.Produce(two.GetTopic("t"), 0, "v"));
        Assert.Throws<ArgumentOutOfRangeException>(() => one.Produce(one.GetTopic("t"), 131_072, "v"));
        Assert.Throws<ArgumentOutOfRangeException>(() => one.Produce(one.GetTopic("t"), -1, "v"));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(65_535, 131_071, int.MaxValue)]
    [InlineData(1, 131_071, 0)]
    [InlineData(40_000, 0, 1)]
    public void an_opaque_gives_back_what_was_packed(int share, int slot, int hash)
    {
        nint opaque = RecordOpaque.Pack(share, slot, hash);
        Assert.Equal((share, slot, hash), (RecordOpaque.Share(opaque), RecordOpaque.Slot(opaque), RecordOpaque.PartitionHash(opaque)));
    }

    private sealed class ThrowingListener : IDeliveryListener
    {
        public void OnDelivered(ReadOnlySpan<int> slots) => throw new InvalidOperationException("from a test");

        public void OnFailed(in FailedRecord record) => throw new InvalidOperationException("from a test");

        public void OnReportsEnd() => throw new InvalidOperationException("from a test");

        public void OnRoom() => throw new InvalidOperationException("from a test");

        public void OnSinkState(string? fault) => throw new InvalidOperationException("from a test");
    }
}
