using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;
using Fastbridge.Core.Records;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads <c>failure_strategy</c>, an object or a strategy's name, and <c>rate_limit</c>.</summary>
internal static class FailureReader
{
    /// <param name="retries">config.retries: the default of retry_total_times.</param>
    public static FailureConfig Read(ObjectReader connector, int retries, LoadContext context)
    {
        var failure = new FailureConfig();
        failure = failure with
        {
            RetryTotalTimes = retries,
            UnknownTopicWait = connector.Number("unknown_topic_wait_ms") is { } wait ? TimeSpan.FromMilliseconds(wait) : failure.UnknownTopicWait,
        };
        switch (connector.Find("failure_strategy"))
        {
            case null:
                return failure;
            case { Kind: NodeKind.Text } name:
                KnownKey key = KnownKeys.Find(KeySection.Failure, "strategy")!;
                foreach (string choice in key.Choices)
                {
                    if (string.Equals(choice, name.Value.Trim(), StringComparison.OrdinalIgnoreCase))
                        return Of(failure, choice);
                }

                context.Fault(name, $"expected {key.Expects}, or an object", Nearest.Of(name.Value, key.Choices) is { } near ? $"did you mean \"{near}\"?" : null);
                return failure;
            case { Kind: NodeKind.Object } node:
                return ReadObject(new ObjectReader(node, KeySection.Failure, context), failure, context);
            case { } wrong:
                context.WrongType(wrong, "a strategy's name, or an object with \"strategy\"");
                return failure;
        }
    }

    public static RateLimitConfig ReadRateLimit(ObjectReader connector, LoadContext context)
    {
        if (connector.Object("rate_limit") is not { } node)
            return new RateLimitConfig();
        KeyCheck.Known(node, KeySection.RateLimit, context);
        var reader = new ObjectReader(node, KeySection.RateLimit, context);
        return new RateLimitConfig { MessagesPerSecond = reader.Number("messages_per_second"), BytesPerSecond = reader.Number("bytes_per_second") };
    }

    private static FailureConfig ReadObject(ObjectReader reader, FailureConfig failure, LoadContext context)
    {
        KeyCheck.Known(reader.Node, KeySection.Failure, context);
        reader.Require("strategy");
        failure = Of(
            failure with
            {
                RetryTotalTimes = (int)(reader.Number("retry_total_times") ?? failure.RetryTotalTimes),
                WaitTime = reader.Number("wait_time_ms") is { } wait ? TimeSpan.FromMilliseconds(wait) : failure.WaitTime,
                TopicName = TopicName(reader, context),
            },
            reader.Choice("strategy"));

        // RobustMQ's API fills every field in, so one without effect is said and not refused.
        bool retries = failure.Strategy is FailureStrategy.DiscardAfterRetry or FailureStrategy.DeadMessageQueue;
        foreach (string name in (ReadOnlySpan<string>)["retry_total_times", "wait_time_ms"])
        {
            if (!retries && reader.Find(name) is { } idle)
                context.Warn(idle, "of no effect with this strategy");
        }

        if (failure.Drops && reader.Find("topic_name") is { } unused)
            context.Warn(unused, "of no effect with this strategy, which drops");
        return failure;
    }

    private static string? TopicName(ObjectReader reader, LoadContext context)
    {
        if (reader.Text("topic_name") is not { } text)
            return null;
        if (KafkaTopicName.Check(text.Value) is { } fault)
            context.FaultWithoutValue(reader.Find("topic_name")!, text.IsSecret ? "with its references resolved this is no Kafka topic's name" : fault);
        return text.Value;
    }

    private static FailureConfig Of(FailureConfig failure, string? strategy) => strategy switch
    {
        "discard" => failure with { Strategy = FailureStrategy.Discard, RetryTotalTimes = 0 },
        "discard_after_retry" => failure with { Strategy = FailureStrategy.DiscardAfterRetry },
        "dead_message_queue" => failure with { Strategy = FailureStrategy.DeadMessageQueue },
        _ => failure,
    };
}
