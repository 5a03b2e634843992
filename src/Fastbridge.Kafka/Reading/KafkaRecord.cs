using System.Collections.Immutable;

namespace Fastbridge.Kafka.Reading;

/// <summary>A record as it stands in Kafka. The bytes are the record's own.</summary>
public sealed record KafkaRecord
{
    public required string Topic { get; init; }

    public required int Partition { get; init; }

    public required long Offset { get; init; }

    /// <summary>Null: the record has no key.</summary>
    public byte[]? Key { get; init; }

    /// <summary>Null: a tombstone.</summary>
    public byte[]? Value { get; init; }

    /// <summary>In their order in the record; a value may be null.</summary>
    public ImmutableArray<KeyValuePair<string, byte[]?>> Headers { get; init; } = [];

    /// <summary>Milliseconds since the epoch.</summary>
    public long TimestampMs { get; init; }
}
