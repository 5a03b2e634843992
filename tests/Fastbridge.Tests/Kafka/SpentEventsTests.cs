using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Mock;
using Fastbridge.Kafka.Producing;

namespace Fastbridge.Tests.Kafka;

/// <summary>What has been reported is destroyed: by whoever produces next, and where nobody does, all the same. librdkafka counts a message until then.</summary>
public class SpentEventsTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(5_000)]
    public async Task of_a_connector_that_falls_silent_nothing_is_left_lying(int records)
    {
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 4);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new RecordingListener();
        await using KafkaRecordSink sink = factory.OpenShare(Sinks.Config(kafka.BootstrapServers), listener);
        IRecordTopic topic = sink.GetTopic("t");
        for (int i = 0; i < records; i++)
            Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, i, $"{i}", $"k{i}"));
        await listener.Until(l => l.Delivered.Length == records);

        NativeProducer native = sink.Producer.Native!;
        using var guard = new CancellationTokenSource(RecordingListener.HangGuard);
        while (LibRdKafka.rd_kafka_outq_len(native.Handle) > 0)
            await Task.Delay(5, guard.Token);
        Assert.False(sink.Producer.Spent.Any);
    }

    [Fact]
    public async Task many_threads_that_free_and_a_producer_that_ends_destroy_each_event_once()
    {
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 4);
        for (int round = 0; round < 5; round++)
        {
            await using KafkaSinkFactory factory = Sinks.NewFactory();
            var shares = new List<KafkaRecordSink>();
            for (int i = 0; i < 4; i++)
                shares.Add(factory.OpenShare(Sinks.Config(kafka.BootstrapServers), new RecordingListener()));
            await Task.WhenAll(shares.Select(share => Task.Run(() =>
            {
                IRecordTopic topic = share.GetTopic("t");
                for (int i = 0; i < 20_000; i++)
                    Assert.Equal(ProduceStatus.Queued, share.Produce(topic, i, "value", "k"));
            })));

            // The last round ends in the middle of it.
            if (round < 4)
                await Task.WhenAll(shares.Select(s => ((RecordingListener)s.Listener).Until(l => l.Delivered.Length == 20_000)));
            foreach (KafkaRecordSink share in shares)
                await share.DisposeAsync();
        }
    }
}
