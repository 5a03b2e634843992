namespace Fastbridge.Core.Delivery;

/// <summary>What a <see cref="Recovery"/> needs of its connector. All of it may be called from a pool thread.</summary>
internal interface IRecoveryHost
{
    /// <summary>Waits until the reader is out of the sink. <see cref="Recovery.Active"/> is set, so it does not come back.</summary>
    void HoldReader();

    /// <summary>Messages that are not settled: with the sink, or retained.</summary>
    long InFlight { get; }

    ProduceStatus Produce(RetainedRecord record);

    /// <summary>What was produced is waited for: it must not linger.</summary>
    void Hurry();

    /// <summary>Settles and acknowledges the message of a record that was put away. Null when put away, else why not.</summary>
    string? PutAway(RetainedRecord record);

    /// <summary>What holds the connector, one line; null when nothing does.</summary>
    void OnHeld(string? reason);

    /// <summary>All is produced again or put away: new messages may come.</summary>
    void OnRecovered();
}

/// <summary>
/// Brings the records that Kafka did not take to an end. While it has any, its connector takes no new message, so that what is produced again
/// stands before what came later. Passing faults are tried for ever; nothing is acknowledged before it is safe.
/// </summary>
/// <remarks>
/// One record goes first, alone; when Kafka has it, the rest follows. A record that was condemned with its batch is always produced alone: a
/// report condemns every record of a batch, and only one that fails alone is permanently bad.
/// </remarks>
internal sealed class Recovery(IRecoveryHost host, TimeProvider time) : IAsyncDisposable
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
    private TaskCompletionSource<bool>? _aloneSettled;
    private Task _running = Task.CompletedTask;
    private volatile bool _active;

    /// <summary>True from the first returned record until <see cref="IRecoveryHost.OnRecovered"/>.</summary>
    public bool Active => _active;

    /// <summary>A record came back, or cannot be produced. Any thread; never blocks.</summary>
    public void Add(RetainedRecord record)
    {
        lock (_lock)
        {
            _returned.Add(record);
            if (_alone is not null && _alone.Slot == record.Slot)
            {
                record.Retries = _alone.Retries;
                _aloneSettled!.TrySetResult(false);
            }

            // No wake-up: what comes back during a pause waits with the rest, or a record that comes back at once every time would know no pause.
            if (_active)
                return;
            _active = true;
            _running = Task.Run(RunAsync);
        }
    }

    /// <summary>Kafka has these records: perhaps the one that was waited for. Called only while <see cref="Active"/>.</summary>
    public void OnDelivered(ReadOnlySpan<int> slots)
    {
        lock (_lock)
        {
            if (_alone is not null && slots.Contains(_alone.Slot))
                _aloneSettled!.TrySetResult(true);
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
        while (!_stop.IsCancellationRequested)
        {
            lock (_lock)
            {
                todo.AddRange(_returned);
                _returned.Clear();
                if (todo.Count == 0)
                {
                    _active = false;
                    break;
                }
            }

            todo.Sort(static (a, b) => unchecked((int)(a.Order - b.Order)));
            int gone = 0, arrived = 0;
            Outcome outcome = Outcome.Gone;
            while (gone < todo.Count && outcome is Outcome.Gone && !_stop.IsCancellationRequested)
            {
                if (todo[gone].Fault is RecordFault.Suspected && !await WhenNoOthersAsync(todo.Count - gone).ConfigureAwait(false))
                    break;

                // After the first has arrived, Kafka works: the passing ones go out without waiting for one another.
                bool alone = arrived == 0 || todo[gone].Fault is RecordFault.Suspected;
                outcome = await TrySettleAsync(todo[gone], alone).ConfigureAwait(false);
                if (outcome is Outcome.Gone)
                    arrived++;
                if (outcome is not Outcome.Held)
                    gone++;
            }

            todo.RemoveRange(0, gone);
            if (arrived > 0)
                delay = FirstDelay;
            if (outcome is Outcome.Gone or Outcome.Condemned)
                continue;
            await SleepAsync(delay).ConfigureAwait(false);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }

        if (_stop.IsCancellationRequested)
            return;
        host.OnHeld(null);
        host.OnRecovered();
    }

    /// <summary>
    /// Waits until nothing of the connector's is with the sink but what is retained here. Behind others in librdkafka's queue a suspect would travel in a batch with
    /// them, and be condemned for theirs.
    /// </summary>
    /// <returns>False where more came back meanwhile, which has its place in the order, or when stopped.</returns>
    private async Task<bool> WhenNoOthersAsync(int retained)
    {
        while (!_stop.IsCancellationRequested)
        {
            lock (_lock)
            {
                if (host.InFlight <= retained + _returned.Count)
                    return _returned.Count == 0;
                _awaitsOthers = true;
            }

            await SleepAsync(LongestDelay).ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>A fault of the sink or of ours holds the connector and is said; it does not end the recovery, which would hold it in silence.</summary>
    private async Task<Outcome> TrySettleAsync(RetainedRecord record, bool alone)
    {
        try
        {
            return await SettleAsync(record, alone).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            lock (_lock)
                _alone = null;
            host.OnHeld($"a record could not be produced again: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")} (this is a bug of fastbridge); it is tried again");
            return Outcome.Held;
        }
    }

    private async Task<Outcome> SettleAsync(RetainedRecord record, bool alone)
    {
        if (record.Fault is RecordFault.Permanent)
        {
            string? trouble = host.PutAway(record);
            if (trouble is null)
                return Outcome.Gone;
            host.OnHeld(trouble);
            return Outcome.Held;
        }

        Task<bool>? report = null;
        if (alone)
        {
            lock (_lock)
            {
                // Disposing cancels first and takes the lock then: either this sees it, or it sees this one's wait and ends it.
                if (_stop.IsCancellationRequested)
                    return Outcome.Held;
                _alone = record;
                _aloneSettled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
                report = _aloneSettled.Task;
            }
        }

        record.Retries++;
        ProduceStatus status = host.Produce(record);
        if (status is ProduceStatus.Queued && report is not null)
            host.Hurry();
        if (status is ProduceStatus.Queued)
            return report is null ? Outcome.Gone : await ReportOfAsync(record, report).ConfigureAwait(false);
        lock (_lock)
            _alone = null;
        if (status is ProduceStatus.TooLarge or ProduceStatus.Refused)
            record.Fault = RecordFault.Permanent;
        else if (status is ProduceStatus.TopicUnavailable)
            host.OnHeld(record.Reason);
        return Outcome.Held; // Where the queue is full or the producer is being rebuilt, OnRoom ends the wait.
    }

    private async Task<Outcome> ReportOfAsync(RetainedRecord record, Task<bool> report)
    {
        Outcome outcome = await report.ConfigureAwait(false) ? Outcome.Gone : Outcome.Returned;
        lock (_lock)
        {
            _alone = null;
            foreach (RetainedRecord again in _returned)
            {
                if (again.Slot != record.Slot)
                    continue;

                // It came back under its new fault; failing alone makes a suspect guilty.
                if (again.Fault is RecordFault.Suspected && record.Fault is RecordFault.Suspected)
                {
                    again.Fault = RecordFault.Permanent;
                    outcome = Outcome.Condemned;
                }

                host.OnHeld(again.Reason);
            }
        }

        return outcome;
    }

    private enum Outcome
    {
        /// <summary>With Kafka, on its way there, or put away.</summary>
        Gone,

        /// <summary>It came back, and is in the list of returned records.</summary>
        Returned,

        /// <summary>It came back from being alone and is guilty: to be put away, without a pause.</summary>
        Condemned,

        /// <summary>Still ours: nothing could be done with it now.</summary>
        Held,
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
