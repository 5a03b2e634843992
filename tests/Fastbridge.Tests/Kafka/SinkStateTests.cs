using Confluent.Kafka;
using Fastbridge.Kafka.Producing;
using Fastbridge.Kafka.Security;

namespace Fastbridge.Tests.Kafka;

/// <summary>librdkafka's many errors become one state, said once.</summary>
public class SinkStateTests
{
    private readonly SinkState _state = new(new SecretScrubber([new("sasl.password", "hunter2")]), TroubleReader.Plain);

    [Fact]
    public void one_broker_of_several_that_is_away_is_no_fault()
    {
        Assert.False(_state.OnError((int)ErrorCode.Local_Transport, "b:9092: Connect failed: Connection refused (after 3ms in state CONNECT)"));
        Assert.Null(_state.Fault);
    }

    [Fact]
    public void all_brokers_away_is_said_once_with_the_reason()
    {
        _state.OnError((int)ErrorCode.Local_Transport, "b:9092: Connection refused (after 3ms in state CONNECT, 5 identical error(s) suppressed)");
        Assert.True(_state.OnError((int)ErrorCode.Local_AllBrokersDown, "1/1 brokers are down"));
        Assert.Equal("no Kafka broker can be reached: b:9092: Connection refused", _state.Fault);
        Assert.False(_state.OnError((int)ErrorCode.Local_AllBrokersDown, "1/1 brokers are down"));
        Assert.False(_state.OnError((int)ErrorCode.Local_Transport, "b:9092: Connection refused (after 9ms in state CONNECT)"));
        Assert.True(_state.OnBrokerAnswered());
        Assert.Null(_state.Fault);
        Assert.False(_state.OnDelivered());
    }

    [Fact]
    public void a_guess_gives_way_to_what_the_next_attempt_says()
    {
        Assert.False(_state.OnEnded("b:9092/bootstrap: Disconnected: connection closed by peer (after 3ms in state APIVERSION_QUERY)"));
        Assert.True(_state.OnError((int)ErrorCode.Local_AllBrokersDown, "1/1 brokers are down"));
        Assert.Contains("does that port want TLS?", _state.Fault, StringComparison.Ordinal);
        Assert.False(_state.OnEnded("b:9092/bootstrap: Disconnected: connection closed by peer (after 4ms in state APIVERSION_QUERY)"));

        Assert.True(_state.OnError((int)ErrorCode.Local_Transport, "b:9092: Connect failed: Connection refused (after 3ms in state CONNECT)"));

        Assert.Equal("no Kafka broker can be reached: b:9092: Connect failed: Connection refused", _state.Fault);
        Assert.False(_state.OnEnded("b:9092/bootstrap: Disconnected: connection closed by peer (after 4ms in state APIVERSION_QUERY)"));
    }

    [Theory]
    [InlineData(ErrorCode.Local_Ssl, "TLS failed")]
    [InlineData(ErrorCode.Local_Authentication, "authentication failed")]
    [InlineData(ErrorCode.Local_Resolve, "host name not found")]
    public void a_security_or_name_fault_is_named_with_a_remedy_and_outlasts_all_brokers_down(ErrorCode code, string start)
    {
        Assert.True(_state.OnError((int)code, "b:9092: no good, hunter2"));
        Assert.StartsWith(start, _state.Fault, StringComparison.Ordinal);
        Assert.Contains("check ", _state.Fault, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", _state.Fault, StringComparison.Ordinal);
        Assert.False(_state.OnError((int)ErrorCode.Local_AllBrokersDown, "1/1 brokers are down"));
        Assert.StartsWith(start, _state.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void a_fatal_error_is_over_only_with_a_delivery()
    {
        Assert.True(_state.OnFatal("sequence"));
        Assert.False(_state.OnBrokerAnswered());
        Assert.True(_state.OnDelivered());
    }

    [Theory]
    [InlineData(ErrorCode.MsgSizeTooLarge, "Refused")]
    [InlineData(ErrorCode.InvalidRecord, "Refused")]
    [InlineData(ErrorCode.PolicyViolation, "Refused")]
    [InlineData(ErrorCode.Local_InvalidDifferentRecord, "TryAgain")]
    [InlineData(ErrorCode.Local_MsgTimedOut, "Failed")]
    [InlineData(ErrorCode.Local_PurgeQueue, "TryAgain")]
    [InlineData(ErrorCode.Local_PurgeInflight, "TryAgain")]
    [InlineData(ErrorCode.Local_Fatal, "TryAgain")]
    [InlineData(ErrorCode.OutOfOrderSequenceNumber, "TryAgain")]
    [InlineData(ErrorCode.NotEnoughReplicasAfterAppend, "Failed")]
    [InlineData(ErrorCode.Unknown, "Failed")]
    [InlineData((ErrorCode)9999, "Failed")]
    [InlineData(ErrorCode.Local_UnknownTopic, "TopicUnknown")]
    [InlineData(ErrorCode.UnknownTopicOrPart, "TopicUnknown")]
    [InlineData(ErrorCode.TopicAuthorizationFailed, "NotAuthorized")]
    [InlineData(ErrorCode.ClusterAuthorizationFailed, "NotAuthorized")]
    public void what_is_not_surely_permanent_is_tried_again(ErrorCode code, string fault) => Assert.Equal(fault, Faults.OfReport((int)code).ToString());
}
