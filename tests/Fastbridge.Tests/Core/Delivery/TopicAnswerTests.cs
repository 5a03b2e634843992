using Fastbridge.Core;
using Fastbridge.Core.Delivery;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fastbridge.Tests.Core.Delivery;

/// <summary>A fixed Kafka topic is asked about at the start, so that a missing one is said before a message waits half a minute for it.</summary>
public class TopicAnswerTests
{
    [Theory]
    [InlineData("t", true)]
    [InlineData("${topic}", false)]
    public async Task a_fixed_topic_is_asked_about_at_the_start_and_a_templated_one_is_not(string topic, bool asked)
    {
        await using var bench = new DeliveryBench(with: c => c with { Kafka = c.Kafka with { Topic = topic } });
        string[] expected = asked ? ["t"] : [];
        Assert.Equal(expected, bench.Asked);
    }

    [Fact]
    public async Task a_missing_topic_is_an_error_only_when_messages_wait_for_it_from_one_answer_to_the_next()
    {
        await using var bench = new DeliveryBench();
        bench.Delivery.OnTopicAnswer(DeliveryFault.TopicUnknown);
        bench.Delivery.OnTopicAnswer(DeliveryFault.TopicUnknown);
        bench.Publish("1", 1);
        bench.Delivery.OnTopicAnswer(DeliveryFault.TopicUnknown);
        bench.Delivery.OnTopicAnswer(DeliveryFault.TopicUnknown);
        Assert.Equal([false, false, false, true], bench.TopicFaults.Select(f => f.Blocks));
        Assert.All(bench.TopicFaults, f => Assert.StartsWith("Kafka topic \"t\" does not exist; create it", f.Fault, StringComparison.Ordinal));
        bench.Delivery.OnTopicAnswer(null);
        Assert.Equal((null, false), bench.TopicFaults[^1]);
    }

    [Fact]
    public async Task a_topic_that_may_not_be_written_is_an_error_at_once()
    {
        await using var bench = new DeliveryBench();
        bench.Delivery.OnTopicAnswer(DeliveryFault.NotAuthorized);
        Assert.Equal(("Kafka topic \"t\" may not be written: access is denied; grant WRITE on it", true), bench.TopicFaults[^1]);
    }

    [Fact]
    public void status_shows_the_fault_while_it_blocks()
    {
        var events = new ConnectorEvents("c", NullLogger.Instance, TimeProvider.System);
        events.OnTopic("missing", blocks: false);
        Assert.Equal((ConnectorState.Idle, ""), (events.Snapshot().State, events.Snapshot().Why));
        events.OnTopic("missing", blocks: true);
        Assert.Equal((ConnectorState.Error, "missing"), (events.Snapshot().State, events.Snapshot().Why));
        events.OnTopic(null, blocks: false);
        Assert.Equal((ConnectorState.Idle, ""), (events.Snapshot().State, events.Snapshot().Why));
    }
}
