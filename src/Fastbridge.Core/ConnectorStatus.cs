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

/// <summary>How states are shown beyond RobustMQ's four names.</summary>
public static class ConnectorStates
{
    /// <summary>A connector that runs and has a warning: for people and our own answers. RobustMQ's calls say Running.</summary>
    public const string Warn = "Warn";

    /// <summary>Idle, Running, Warn, Stopped or Error.</summary>
    public static string Shown(this ConnectorStatus status) => status switch
    {
        { State: ConnectorState.Running, Warning.Length: > 0 } => Warn,
        { State: ConnectorState.Running } => "Running",
        { State: ConnectorState.Idle } => "Idle",
        { State: ConnectorState.Stopped } => "Stopped",
        _ => "Error",
    };
}

/// <summary>A snapshot of one connector.</summary>
/// <param name="Why">One line, empty where nothing is wrong.</param>
/// <param name="Since">When the state was entered.</param>
/// <param name="Session">"resumed", "new", or "" before the first connection.</param>
public sealed record ConnectorStatus(string Name, ConnectorState State, string Why, DateTimeOffset Since, string Session)
{
    /// <summary>Since when its counters count, UTC: an edit may start a connector anew. Null where it does not run.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The address of the MQTT server that is connected now; empty where none is.</summary>
    public string Server { get; init; } = "";

    public long Received { get; init; }

    /// <summary>Bytes of their records' values.</summary>
    public long ReceivedBytes { get; init; }

    public long Delivered { get; init; }

    public long DeadLettered { get; init; }

    /// <summary><see cref="DeadLettered"/> by reason: Kafka's error names, fastbridge's own in small letters.</summary>
    public System.Collections.Immutable.ImmutableArray<KeyValuePair<string, long>> DeadLetterReasons { get; init; } = [];

    /// <summary>Records that came back from Kafka or could not be handed over, by reason, a record as often as it failed. Most are produced again.</summary>
    public System.Collections.Immutable.ImmutableArray<KeyValuePair<string, long>> FailureReasons { get; init; } = [];

    /// <summary>Messages that the failure strategy dropped.</summary>
    public long Discarded { get; init; }

    /// <summary><see cref="Discarded"/> by reason.</summary>
    public System.Collections.Immutable.ImmutableArray<KeyValuePair<string, long>> DiscardReasons { get; init; } = [];

    /// <summary>What becomes of a record that Kafka does not take, as the file says it: retry, discard, discard_after_retry or dead_message_queue.</summary>
    public string Strategy { get; init; } = "retry";

    /// <summary>Retained messages that skip_retained kept out of Kafka.</summary>
    public long SkippedRetained { get; init; }

    /// <summary>What is not as it should be although nothing is in the way: silence for longer than expect_message_within. One line, else empty.</summary>
    public string Warning { get; init; } = "";

    /// <summary>The message that has blocked all behind it for longer than stuck_after, one line; empty where none does.</summary>
    public string Stuck { get; init; } = "";

    public long Adopted { get; init; }

    public long ProducedAgain { get; init; }

    public long PossiblyRepeated { get; init; }

    /// <summary>Messages whose record is not settled.</summary>
    public long InFlight { get; init; }

    /// <summary>Bytes of those records.</summary>
    public long InFlightBytes { get; init; }

    /// <summary>Bounds of both.</summary>
    public Config.WindowConfig Window { get; init; } = new();

    /// <summary>The disk buffer; null where the connector has none.</summary>
    public Buffering.BufferStatus? Buffer { get; init; }

    /// <summary>MQTT connections that came about.</summary>
    public long Connections { get; init; }

    /// <summary>Attempts to connect that failed.</summary>
    public long ConnectFailures { get; init; }

    /// <summary>MQTT connections that were lost, not ended by the bridge.</summary>
    public long ConnectionsLost { get; init; }

    /// <summary>From taking a PUBLISH of QoS 1 or 2 until its acknowledgement may leave, since the start; sampled.</summary>
    public Metrics.LatencyStatus AckLatency { get; init; } = Metrics.LatencyStatus.Empty;

    /// <summary>The same of the last half to whole minute.</summary>
    public Metrics.LatencyStatus RecentAckLatency { get; init; } = Metrics.LatencyStatus.Empty;

    /// <summary>From first handing a record to the producer until Kafka has it, since the start; sampled.</summary>
    public Metrics.LatencyStatus ProduceLatency { get; init; } = Metrics.LatencyStatus.Empty;

    /// <summary>cluster_name.</summary>
    public string ClusterName { get; init; } = "default";

    /// <summary>Messages a second taken and delivered, over the last five seconds or so; 0 before.</summary>
    public double ReceivedPerSecond { get; init; }

    public double DeliveredPerSecond { get; init; }

    /// <summary>Messages that matched no filter of today's; they came under an older one, and were written.</summary>
    public long Unmatched { get; init; }

    /// <summary>When the last message came, UTC; null before the first.</summary>
    public DateTimeOffset? LastMessageAt { get; init; }

    /// <summary>When Kafka last acknowledged a record, UTC; null before the first.</summary>
    public DateTimeOffset? LastDeliveredAt { get; init; }

    /// <summary>The last fault, also where it has passed; empty before the first.</summary>
    public string LastError { get; init; } = "";

    public DateTimeOffset? LastErrorAt { get; init; }

    /// <summary>What the MQTT broker granted, by filter: a QoS, or a reason code from 0x80.</summary>
    public System.Collections.Immutable.ImmutableArray<KeyValuePair<string, int>> Granted { get; init; } = [];
}
