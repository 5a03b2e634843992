using Fastbridge.Core.Config;

namespace Fastbridge.Tests.Core.Config;

/// <summary><c>failure_strategy</c> in RobustMQ's shape and as a name alone.</summary>
public sealed class FailureTests
{
    [Theory]
    [InlineData("\"retry\"", FailureStrategy.Retry, 3, 0)]
    [InlineData("\"Discard\"", FailureStrategy.Discard, 0, 30_000)]
    [InlineData("{\"strategy\": \"discard\"}", FailureStrategy.Discard, 0, 30_000)]
    [InlineData("{\"strategy\": \"discard_after_retry\", \"retry_total_times\": 5, \"wait_time_ms\": 10}", FailureStrategy.DiscardAfterRetry, 5, 30_000)]
    [InlineData("{\"strategy\": \"dead_message_queue\", \"topic_name\": \"dlq\"}", FailureStrategy.DeadMessageQueue, 3, 30_000)]
    public void Reads_each_strategy_and_only_those_that_give_up_have_a_time_out(string json, FailureStrategy strategy, int retries, int timeoutMs)
    {
        ConnectorConfig connector = Files.Connector(Files.One($"\"failure_strategy\": {json},"));
        Assert.Equal((strategy, retries, timeoutMs), (connector.Failure.Strategy, connector.Failure.RetryTotalTimes, connector.Kafka.DeliveryTimeoutMs));
    }

    [Fact]
    public void The_options_retries_and_message_timeout_ms_serve_the_strategies_that_give_up()
    {
        ConnectorConfig connector = Files.Connector(Files.One("\"failure_strategy\": \"dead_message_queue\",", kafka: "\"retries\": 9, \"message_timeout_ms\": 1500"));
        Assert.Equal((9, 1_500), (connector.Failure.RetryTotalTimes, connector.Kafka.DeliveryTimeoutMs));
    }

    [Theory]
    [InlineData("\"discrad\"", "connectors[0].failure_strategy: \"discrad\": expected one of retry, discard, discard_after_retry, dead_message_queue, or an object; did you mean \"discard\"?")]
    [InlineData("5", "connectors[0].failure_strategy: expected a strategy's name, or an object with \"strategy\", found ")]
    [InlineData("{}", "connectors[0].failure_strategy: \"strategy\" is missing; ")]
    [InlineData("{\"strategy\": \"retry\", \"topic_name\": \"a/b\"}", "connectors[0].failure_strategy.topic_name: \"a/b\" cannot be a Kafka topic")]
    [InlineData("{\"strategy\": \"retry\", \"topic\": \"a\"}", "connectors[0].failure_strategy.topic: unknown key; did you mean \"topic_name\"?")]
    public void Rejects_what_is_no_strategy(string json, string fault) =>
        Assert.StartsWith(fault, Assert.Single(Files.Faults(Files.One($"\"failure_strategy\": {json},"))), StringComparison.Ordinal);

    [Fact]
    public void Says_which_fields_are_of_no_effect_and_takes_them()
    {
        LoadResult result = Files.Parse(Files.One("\"failure_strategy\": {\"strategy\": \"discard\", \"retry_total_times\": 3, \"wait_time_ms\": 5, \"topic_name\": \"d\"},"));
        Assert.Empty(result.Faults);
        Assert.Equal(3, result.Warnings.Count(w => w.Contains("of no effect", StringComparison.Ordinal)));
    }
}
