using Fastbridge.Core.Config;

namespace Fastbridge.Core.Delivery;

/// <summary>
/// Brings the records that Kafka did not take to an end. While it has any, its connector takes no new message, so that what is produced again
/// stands before what came later. What becomes of them is the strategy's word; nothing is acknowledged before it is safe or dropped.
/// </summary>
/// <remarks>
/// With the default strategy one record goes first, alone; when Kafka has it, the rest follows. A strategy that gives up produces all in turn and awaits their reports: were
/// each to time out alone, a full window would never end. A record that was condemned with its batch is always produced alone: a report condemns every record of a
/// batch, and only one that fails alone is permanently bad.
/// </remarks>
/// <param name="missing">Null where the Kafka topic is fixed: then it is waited for, for ever.</param>
internal sealed partial class Recovery(IRecoveryHost host, FailureConfig failure, MissingTopics? missing, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Defaults of the back-off: 100 ms is a leader election's beginning; 10 s keeps an outage's end from being overslept.</summary>
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly List<RetainedRecord> _returned = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private bool _awaitsOthers;
    private RetainedRecord? _alone;
    private RetainedRecord? _first;
    private TaskCompletionSource<bool>? _aloneSettled;
    private Task _running = Task.CompletedTask;
    private volatile bool _active;

    /// <summary>True from the first returned record until <see cref="IRecoveryHost.OnRecovered"/>.</summary>
    public bool Active => _active;

    /// <summary>Reports are to be told here: something retained was produced again and is not settled.</summary>
    public bool Listens => _active || _outCount > 0;

    /// <summary>A record came back, or cannot be produced. Any thread; never blocks.</summary>
    public void Add(RetainedRecord record)
    {
        lock (_lock)
        {
            record = Recognize(record);
            if (record.Fault is RecordFault.Failed or RecordFault.Topic)
                record.History.Failures++;
            _returned.Add(record);
            if (_alone is not null && _alone.Slot == record.Slot)
                _aloneSettled!.TrySetResult(false);

            // No wake-up: what comes back during a pause waits with the rest, or a record that comes back at once every time would know no pause.
            if (_active)
                return;
            _active = true;
            _running = Task.Run(RunAsync);
        }
    }

    /// <summary>A batch of reports is in, and the slots of what arrived are settled.</summary>
    public void OnReportsEnd()
    {
        lock (_lock)
        {
            if (_awaitsOthers)
                Wake();
            _awaitsOthers = false;
        }
    }

    /// <summary>The sink has room again.</summary>
    public void OnRoom()
    {
        lock (_lock)
            Wake();
    }

    /// <summary>The record of this slot where it is known here to be the first in the way; else null. Any thread.</summary>
    public RetainedRecord? Find(int slot)
    {
        lock (_lock)
            return _alone?.Slot == slot ? _alone : _first?.Slot == slot ? _first : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task running;
        lock (_lock)
        {
            _aloneSettled?.TrySetResult(false);
            running = _running;
        }

        // Nothing is disposed of: reports may still come until the sink is closed, and neither holds anything that needs it.
        await running.ConfigureAwait(false);
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0)
            _wake.Release();
    }

    private async Task RunAsync()
    {
        TimeSpan delay = FirstDelay;
        List<RetainedRecord> todo = [];
        host.HoldReader();
        host.Hurry(); // What the reader has produced is waited for, and it does not come to say so.
        while (!_stop.IsCancellationRequested)
        {
            if (!Collect(todo))
            {
                // Said before the end is marked: from then on a new recovery may speak, and this word must not come behind its own.
                host.EndAlone();
                host.OnHeld(null);
                if (TryEnd())
                    break;
                continue;
            }

            Round round = await TryAllAsync(todo).ConfigureAwait(false);
            if (round.Arrived > 0)
                delay = FirstDelay;
            if (failure.GivesUp)
                await WhenReportedAsync().ConfigureAwait(false);
            if (!round.Pauses && !(failure.GivesUp && HasReturned()))
                continue;
            await SleepAsync(failure.GivesUp ? failure.WaitTime : delay).ConfigureAwait(false);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }

        if (!_stop.IsCancellationRequested)
            host.OnRecovered();
    }

    /// <summary>Joins what came back to what is left, in order of receipt. False where there is nothing.</summary>
    private bool Collect(List<RetainedRecord> todo)
    {
        lock (_lock)
        {
            todo.AddRange(_returned);
            _returned.Clear();
            todo.Sort(static (a, b) => unchecked((int)(a.Order - b.Order)));
            _first = todo.Count > 0 ? todo[0] : null;
            return todo.Count > 0;
        }
    }

    private bool TryEnd()
    {
        lock (_lock)
        {
            if (_returned.Count > 0)
                return false;
            _active = false;
            return true;
        }
    }

    /// <summary>Something came back that is to be tried again; what is condemned goes without a pause.</summary>
    private bool HasReturned()
    {
        lock (_lock)
            return _returned.Exists(static r => r.Fault is not RecordFault.Permanent);
    }

    /// <summary>
    /// Waits until nothing of the connector's is with the sink but what is retained here: what is behind a suspect in order may still come back, and belongs behind it.
    /// </summary>
    /// <returns>False where more came back meanwhile that has its place in the order, or when stopped.</returns>
    private async Task<bool> WhenNoOthersAsync(int retained)
    {
        while (!_stop.IsCancellationRequested)
        {
            lock (_lock)
            {
                // What can never go has no place in the order; where messages go by the disk it may come without end.
                if (host.InFlight <= retained + _returned.Count)
                    return !_returned.Exists(static r => r.Fault is not RecordFault.Permanent);
                _awaitsOthers = true;
            }

            await SleepAsync(LongestDelay).ConfigureAwait(false);
        }

        return false;
    }

    private async Task SleepAsync(TimeSpan delay)
    {
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            using ITimer timer = time.CreateTimer(static s => ((CancellationTokenSource)s!).Cancel(), timeout, delay, Timeout.InfiniteTimeSpan);
            await _wake.WaitAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The delay is over, or we are told to stop; the loop looks.
        }
    }
}
