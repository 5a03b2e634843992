namespace Fastbridge.Core.Config;

/// <summary>What becomes of a record that Kafka does not take; RobustMQ's strategies and ours.</summary>
public enum FailureStrategy
{
    /// <summary>The default: passing faults for ever, permanent ones to the dead letters. Loses nothing.</summary>
    Retry,

    /// <summary>Drop at the first failure that lasts.</summary>
    Discard,

    /// <summary>Drop after so many attempts more.</summary>
    DiscardAfterRetry,

    /// <summary>To the dead letters after so many attempts more.</summary>
    DeadMessageQueue,
}

/// <summary>A connector's <c>failure_strategy</c>, with what belongs to it.</summary>
public sealed record FailureConfig
{
    public FailureStrategy Strategy { get; init; } = FailureStrategy.Retry;

    /// <summary>The strategy as the file names it.</summary>
    public string Name => Strategy switch
    {
        FailureStrategy.Discard => "discard",
        FailureStrategy.DiscardAfterRetry => "discard_after_retry",
        FailureStrategy.DeadMessageQueue => "dead_message_queue",
        _ => "retry",
    };

    /// <summary>How often a failed record is produced again before it is given up. Default 3, RobustMQ's. Not used by <c>retry</c>, which never gives up; 0 for <c>discard</c>.</summary>
    public int RetryTotalTimes { get; init; } = 3;

    /// <summary>Pause before each such attempt. Default 1 s, RobustMQ's. Not used by <c>retry</c>, which backs off from 0.1 to 10 s.</summary>
    public TimeSpan WaitTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Kafka topic of the dead letters; null (the default): the file in the state folder alone.</summary>
    public string? TopicName { get; init; }

    /// <summary>
    /// How long a Kafka topic that a template yields may be missing or denied before its records are dead letters. Default 60 s: time to create a topic, and short beside
    /// what one withheld acknowledgement costs, for it stalls all later ones. A fixed topic holds for ever.
    /// </summary>
    public TimeSpan UnknownTopicWait { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A failure that could pass is tried only so often.</summary>
    public bool GivesUp => Strategy is not FailureStrategy.Retry;

    /// <summary>What is given up is dropped and counted; else it is a dead letter.</summary>
    public bool Drops => Strategy is FailureStrategy.Discard or FailureStrategy.DiscardAfterRetry;
}

/// <summary>How fast a connector may take messages; a backlog then leaves room on a thin uplink.</summary>
public sealed record RateLimitConfig
{
    /// <summary>Null, the default: no limit.</summary>
    public long? MessagesPerSecond { get; init; }

    /// <summary>Bytes of encoded records (value, key, headers). Null, the default: no limit.</summary>
    public long? BytesPerSecond { get; init; }

    public bool IsOn => MessagesPerSecond is not null || BytesPerSecond is not null;
}
