namespace Fastbridge.Core.Buffering;

/// <summary>A connector's buffer at one moment.</summary>
public sealed record BufferStatus
{
    /// <summary>Its folder.</summary>
    public required string Path { get; init; }

    /// <summary>Messages go by the disk now; false: straight to Kafka.</summary>
    public required bool Buffering { get; init; }

    /// <summary>Records on disk that Kafka does not have.</summary>
    public required long Records { get; init; }

    /// <summary>Bytes on disk, all files of the buffer.</summary>
    public required long Bytes { get; init; }

    /// <summary>The cap on <see cref="Bytes"/>.</summary>
    public required long MaxBytes { get; init; }

    /// <summary>When the oldest record that Kafka has been given and does not have was received, UTC; null where there is none.</summary>
    public required DateTimeOffset? OldestAt { get; init; }

    /// <summary>Messages given up since the start because the buffer was full.</summary>
    public required long Dropped { get; init; }

    /// <summary>Records that could not be read back since the start: damaged, or gone with their file.</summary>
    public required long Damaged { get; init; }

    /// <summary>Bytes on disk that were found damaged since the start, also where nothing tells whether a record was in them.</summary>
    public required long DamagedBytes { get; init; }

    /// <summary>Why it cannot be written at present, one line; empty where it can.</summary>
    public required string Fault { get; init; }
}
