using Confluent.Kafka;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Mock;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Kafka;

/// <summary>Whether a topic is there, asked without producing to it.</summary>
public class TopicQuestionTests(Lab lab)
{
    [Theory]
    [InlineData(ErrorCode.UnknownTopicOrPart, DeliveryFault.TopicUnknown)]
    [InlineData(ErrorCode.TopicAuthorizationFailed, DeliveryFault.NotAuthorized)]
    public async Task a_fault_of_the_topic_is_told_before_any_record_and_its_end_too(ErrorCode error, DeliveryFault fault)
    {
        using var kafka = new MockKafka();
        kafka.SetTopicError("t", error);
        kafka.CreateTopic("other", 1);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        RecordingListener listener = new(), second = new();
        await using IRecordSink sink = factory.Open(Sinks.Config(kafka.BootstrapServers), listener);
        await using IRecordSink other = factory.Open(Sinks.Config(kafka.BootstrapServers), second);
        sink.AskTopic("t");
        other.AskTopic("other");
        await listener.Until(l => l.Topics.Length > 0);
        await second.Until(l => l.Topics.Length > 0);
        Assert.Equal(fault, listener.Topics[0]);
        Assert.Null(Assert.Single(second.Topics));
        kafka.SetTopicError("t", ErrorCode.NoError);
        await listener.Until(l => l.Topics[^1] is null);
    }

    [Fact]
    public async Task a_kafka_that_is_away_is_asked_when_it_is_back()
    {
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 1);
        kafka.SetBrokerDown();
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new RecordingListener();
        await using IRecordSink sink = factory.Open(Sinks.Config(kafka.BootstrapServers, ("reconnect.backoff.max.ms", "200")), listener);
        sink.AskTopic("t");
        await listener.Until(l => l.States.Length > 0);
        Assert.Empty(listener.Topics);
        kafka.SetBrokerUp();
        await listener.Until(l => l.Topics.Length > 0);
        Assert.Null(listener.Topics[0]);
    }

    [Fact]
    public async Task a_real_kafka_answers_and_creates_nothing()
    {
        if (TestTools.KafkaAddress is null)
            TestTools.RequireKafkaScript(); // The mock cluster creates what it is asked about.
        string kafka = await lab.KafkaAsync();
        string topic = $"nobody-made-{Guid.NewGuid():N}";
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new RecordingListener();
        await using IRecordSink sink = factory.Open(Sinks.Config(kafka), listener);
        sink.AskTopic(topic);
        await listener.Until(l => l.Topics.Length > 1); // The second answer would be another, had the first question created it.
        Assert.Equal([DeliveryFault.TopicUnknown, DeliveryFault.TopicUnknown], listener.Topics.Take(2));
    }
}
