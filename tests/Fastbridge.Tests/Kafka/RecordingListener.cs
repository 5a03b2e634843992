using System.Collections.Immutable;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Tests.Kafka;

/// <summary>A delivery listener that keeps what it hears and lets a test wait for it.</summary>
internal sealed class RecordingListener : IDeliveryListener
{
    public static readonly TimeSpan HangGuard = Support.TestTools.Guard;

    private readonly Lock _lock = new();
    private readonly List<int> _delivered = [];
    private readonly List<Failure> _failed = [];
    private readonly List<string?> _states = [];
    private readonly List<DeliveryFault?> _topics = [];
    private TaskCompletionSource _changed = NewSignal();
    private int _rooms;
    private int _ends;

    public Action<Failure>? Failed { get; set; }

    public ImmutableArray<int> Delivered => Read(() => _delivered.ToImmutableArray());

    public ImmutableArray<Failure> Failures => Read(() => _failed.ToImmutableArray());

    public ImmutableArray<string?> States => Read(() => _states.ToImmutableArray());

    /// <summary>What Kafka answered about the topic that was asked about; null: it is there.</summary>
    public ImmutableArray<DeliveryFault?> Topics => Read(() => _topics.ToImmutableArray());

    public int Rooms => Read(() => _rooms);

    public int Ends => Read(() => _ends);

    public void OnDelivered(ReadOnlySpan<int> slots)
    {
        lock (_lock)
            _delivered.AddRange(slots);
    }

    public void OnFailed(in FailedRecord record)
    {
        var failure = new Failure(
            record.Slot, record.Fault, record.Reason, record.PossiblyPersisted, record.Topic.Name, record.Record.HasKey, record.Record.Key.ToArray(),
            record.Record.Value.ToArray(), record.Record.PartitionHash, record.Record.TimestampMs, record.Record.Headers.ToArray());
        lock (_lock)
            _failed.Add(failure);
        Failed?.Invoke(failure);
    }

    public void OnReportsEnd() => Change(() => _ends++);

    public void OnRoom() => Change(() => _rooms++);

    public void OnTopicAnswer(DeliveryFault? fault) => Change(() => _topics.Add(fault));

    public void OnSinkState(string? fault) => Change(() => _states.Add(fault));

    /// <summary>Waits until the condition holds; it is looked at after every batch of reports, state and room.</summary>
    public async Task Until(Func<RecordingListener, bool> condition)
    {
        using var guard = new CancellationTokenSource(HangGuard);
        while (true)
        {
            Task changed;
            lock (_lock)
                changed = _changed.Task;
            if (condition(this))
                return;

            try
            {
                await changed.WaitAsync(guard.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"waited in vain: {Delivered.Length} delivered, {Failures.Length} failed ({Failures.LastOrDefault()?.Reason}), "
                    + $"{Rooms} rooms, states {string.Join(" | ", States)}");
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private T Read<T>(Func<T> read)
    {
        lock (_lock)
            return read();
    }

    private void Change(Action change)
    {
        TaskCompletionSource signal;
        lock (_lock)
        {
            change();
            signal = _changed;
            _changed = NewSignal();
        }

        signal.SetResult();
    }
}

internal sealed record Failure(
    int Slot, DeliveryFault Fault, string Reason, bool PossiblyPersisted, string Topic, bool HasKey, byte[] Key, byte[] Value, int PartitionHash,
    long TimestampMs, byte[] Headers);
