namespace Fastbridge.Core;

/// <summary>A connector's live state, RobustMQ's names.</summary>
public enum ConnectorState
{
    /// <summary>Started, not connected yet.</summary>
    Idle,

    /// <summary>Connected and subscribed; messages flow as they come.</summary>
    Running,

    /// <summary>Not run, or ended.</summary>
    Stopped,

    /// <summary>Something is in the way; <see cref="ConnectorStatus.Why"/> names it. It is tried again by itself.</summary>
    Error,
}

/// <summary>A snapshot of one connector.</summary>
/// <param name="Why">One line, empty where nothing is wrong.</param>
/// <param name="Since">When the state was entered.</param>
/// <param name="Session">"resumed", "new", or "" before the first connection.</param>
public sealed record ConnectorStatus(string Name, ConnectorState State, string Why, DateTimeOffset Since, string Session)
{
    public long Received { get; init; }

    public long Delivered { get; init; }

    public long DeadLettered { get; init; }

    public long Adopted { get; init; }

    public long ProducedAgain { get; init; }

    public long PossiblyRepeated { get; init; }

    /// <summary>Messages whose record is not settled.</summary>
    public long InFlight { get; init; }
}
