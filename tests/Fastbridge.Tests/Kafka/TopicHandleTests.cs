using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Producing;

namespace Fastbridge.Tests.Kafka;

/// <summary>A template may yield topics without end; handles are bounded, shared, and given back.</summary>
public class TopicHandleTests
{
    [Fact]
    public async Task handles_of_a_share_are_bounded_and_one_that_gave_way_is_acquired_again()
    {
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using KafkaRecordSink other = factory.OpenShare(Sinks.Config("127.0.0.1:1"), new RecordingListener());
        IRecordTopic shared = other.GetTopic("t0");
        Assert.Equal(ProduceStatus.Queued, other.Produce(shared, 0, "x"));
        KafkaRecordSink share = factory.OpenShare(Sinks.Config("127.0.0.1:1"), new RecordingListener());
        Assert.Same(other.Producer, share.Producer);
        var topics = new IRecordTopic[KafkaRecordSink.MostTopics + 100];
        for (int i = 0; i < topics.Length; i++)
        {
            topics[i] = share.GetTopic($"t{i}");
            Assert.Equal(ProduceStatus.Queued, share.Produce(topics[i], i, "x"));
        }

        // The other share's topic is one that this share gave back.
        NativeProducer native = share.Producer.Native!;
        Assert.Equal(KafkaRecordSink.MostTopics + 1, native.TopicCount);
        for (int i = 0; i < 10; i++)
            Assert.Equal(ProduceStatus.Queued, share.Produce(topics[i], i, "y"));
        share.Hurry();
        Assert.Equal(KafkaRecordSink.MostTopics, native.TopicCount);
        await share.DisposeAsync();
        Assert.Equal(1, native.TopicCount);
        Assert.Equal(ProduceStatus.Queued, other.Produce(shared, 1, "z"));
    }
}
