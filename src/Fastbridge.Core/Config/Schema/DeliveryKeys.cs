using System.Collections.Immutable;

namespace Fastbridge.Core.Config.Schema;

/// <summary>The keys of <c>failure_strategy</c> (RobustMQ's) and of <c>rate_limit</c> (ours).</summary>
internal static class DeliveryKeys
{
    public static ImmutableArray<KnownKey> All { get; } =
    [
        new(KeySection.Failure, "strategy", KeyType.Choice, KnownKey.Required, "What becomes of a record that Kafka does not take; retry gives up only what can never pass.") { Choices = ["retry", "discard", "discard_after_retry", "dead_message_queue"] },
        new(KeySection.Failure, "retry_total_times", KeyType.Number, "3", "Attempts after the first, for strategies that give up; the default is config.retries.") { Max = 100 },
        new(KeySection.Failure, "wait_time_ms", KeyType.Number, "1000", "Milliseconds before each of them.") { Max = 300_000 },
        new(KeySection.Failure, "topic_name", KeyType.Text, KnownKey.None, "Kafka topic of the dead letters, for dead_message_queue and retry; none: the file in state_dir.") { Min = 1, Max = 249 },

        new(KeySection.RateLimit, "messages_per_second", KeyType.Number, KnownKey.None, "Messages a second that the connector takes at most.") { Min = 1, Max = 10_000_000 },
        new(KeySection.RateLimit, "bytes_per_second", KeyType.Number, KnownKey.None, "Bytes of records a second that it takes at most.") { Min = 1, Max = 10_000_000_000 },
    ];
}
