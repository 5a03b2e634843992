namespace Fastbridge.Core.Config;

/// <summary>A connector's disk buffer. Off where a connector has none.</summary>
public sealed record BufferConfig
{
    /// <summary>The buffer's folder, the connector's alone; null (the default): one below state_dir, made where it is missing. A folder that is named must be there.</summary>
    public string? Path { get; init; }

    /// <summary>Most bytes on disk, all files of the buffer together. Default 1 GiB: an hour at 250 messages a second of 1 KB, and little beside a gateway's disk.</summary>
    public long MaxBytes { get; init; } = 1024 * 1024 * 1024;

    /// <summary>Default kafka_down: the disk is spared while Kafka works.</summary>
    public BufferWhen When { get; init; } = BufferWhen.KafkaDown;

    /// <summary>Default hold: nothing is given up.</summary>
    public BufferFull Full { get; init; } = BufferFull.Hold;
}

/// <summary>When messages go by the disk.</summary>
public enum BufferWhen
{
    /// <summary>Once as many messages are on their way to Kafka as may be.</summary>
    FullWindow,

    /// <summary>Once Kafka cannot be reached, or leaves a record without an answer for three seconds.</summary>
    KafkaDown,

    /// <summary>Every message: acknowledged when it is on disk, whatever Kafka does.</summary>
    Always,
}

/// <summary>What a full buffer does.</summary>
public enum BufferFull
{
    /// <summary>Takes nothing more: messages wait at the broker.</summary>
    Hold,

    /// <summary>Gives up its oldest file of records that Kafka has not been given.</summary>
    DropOldest,

    /// <summary>Acknowledges new messages and gives them up.</summary>
    DropNewest,
}
