using System.Collections.Immutable;

namespace Fastbridge.Core.Delivery;

/// <summary>What a connector has done since it started. Each counter has one writing thread; any thread may read.</summary>
public sealed class ConnectorCounters
{
    private long _received;
    private long _receivedBytes;
    private long _delivered;
    private long _deadLettered;
    private long _adopted;
    private long _producedAgain;
    private long _possiblyRepeated;
    private long _unmatched;
    private long _discarded;
    private long _skippedRetained;
    private readonly ReasonCounts _deadLetters = new();
    private readonly ReasonCounts _discards = new();
    private readonly ReasonCounts _failures = new();

    /// <summary>Messages taken from MQTT, redeliveries that were adopted not included.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Bytes of their records' values.</summary>
    public long ReceivedBytes => Volatile.Read(ref _receivedBytes);

    /// <summary>Records that Kafka has acknowledged.</summary>
    public long Delivered => Volatile.Read(ref _delivered);

    /// <summary>Messages that are dead letters: in Kafka or in the file.</summary>
    public long DeadLettered => Volatile.Read(ref _deadLettered);

    /// <summary>Redelivered messages whose record was still pending, or delivered and unacknowledged: not produced again.</summary>
    public long Adopted => Volatile.Read(ref _adopted);

    /// <summary>Records produced again after a failure.</summary>
    public long ProducedAgain => Volatile.Read(ref _producedAgain);

    /// <summary>Records that failed with an unknown end and were produced again: Kafka may have them twice.</summary>
    public long PossiblyRepeated => Volatile.Read(ref _possiblyRepeated);

    /// <summary>Messages that came under a filter which was removed since; they are written like all others.</summary>
    public long Unmatched => Volatile.Read(ref _unmatched);

    internal void OnUnmatched() => Volatile.Write(ref _unmatched, _unmatched + 1);

    /// <summary>Messages that the failure strategy dropped.</summary>
    public long Discarded => Volatile.Read(ref _discarded);

    /// <summary>Retained messages that were acknowledged and not produced.</summary>
    public long SkippedRetained => Volatile.Read(ref _skippedRetained);

    /// <summary><see cref="DeadLettered"/> by reason: Kafka's error names, ours in small letters.</summary>
    public ImmutableArray<KeyValuePair<string, long>> DeadLetterReasons => _deadLetters.Snapshot();

    /// <summary>
    /// Records that came back or could not be handed over, by reason, a record as often as it failed. Most of them are produced again; what was given up is in
    /// <see cref="DeadLettered"/> and <see cref="Discarded"/>.
    /// </summary>
    public ImmutableArray<KeyValuePair<string, long>> FailureReasons => _failures.Snapshot();

    /// <summary><see cref="Discarded"/> by reason.</summary>
    public ImmutableArray<KeyValuePair<string, long>> DiscardReasons => _discards.Snapshot();

    internal void OnReceived(int bytes)
    {
        Volatile.Write(ref _received, _received + 1);
        Volatile.Write(ref _receivedBytes, _receivedBytes + bytes);
    }

    internal void OnDelivered(int count) => Volatile.Write(ref _delivered, _delivered + count);

    internal void OnAdopted() => Volatile.Write(ref _adopted, _adopted + 1);

    internal void OnFailed(string reason) => _failures.Add(reason);

    internal void OnDeadLettered(string reason)
    {
        Interlocked.Increment(ref _deadLettered);
        _deadLetters.Add(reason);
    }

    internal void OnDiscarded(string reason)
    {
        Interlocked.Increment(ref _discarded);
        _discards.Add(reason);
    }

    internal void OnSkippedRetained() => Volatile.Write(ref _skippedRetained, _skippedRetained + 1);

    internal void OnProducedAgain() => Interlocked.Increment(ref _producedAgain);

    internal void OnPossiblyRepeated() => Interlocked.Increment(ref _possiblyRepeated);
}
