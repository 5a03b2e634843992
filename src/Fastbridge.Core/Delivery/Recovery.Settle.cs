namespace Fastbridge.Core.Delivery;

/// <content>One record.</content>
internal sealed partial class Recovery
{
    private enum Outcome
    {
        /// <summary>With Kafka, or on its way there.</summary>
        Gone,

        /// <summary>It came back, and is in the list of returned records.</summary>
        Returned,

        /// <summary>It came back from being alone and is guilty: to be given up, without a pause.</summary>
        Condemned,

        /// <summary>Still ours, and known to be permanent now: to be given up, without a pause.</summary>
        Doomed,

        /// <summary>Still ours: nothing could be done with it now.</summary>
        Held,

        /// <summary>As <see cref="Held"/>, and nothing can be done with any other either.</summary>
        Stop,
    }

    /// <summary>A fault of the sink or of ours holds the connector and is said; it does not end the recovery, which would hold it in silence.</summary>
    private async Task<Outcome> TrySettleAsync(RetainedRecord record, bool waits)
    {
        try
        {
            return await SettleAsync(record, waits).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            lock (_lock)
                _alone = null;
            Unnote(record);
            host.OnHeld($"a record could not be produced again: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")} (this is a bug of fastbridge); it is tried again");
            return Outcome.Stop;
        }
    }

    private async Task<Outcome> SettleAsync(RetainedRecord record, bool waits)
    {
        Task<bool>? report = null;
        if (waits)
        {
            report = BeginAlone(record);
            if (report is null)
                return Outcome.Stop;
        }

        Note(record, letter: false);
        record.History.Retries++;
        ProduceStatus status = host.Produce(record, record.Fault is RecordFault.Suspected);
        if (status is ProduceStatus.Queued)
        {
            if (report is null)
                return Outcome.Gone;
            host.Hurry();
            return await ReportOfAsync(record, report).ConfigureAwait(false);
        }

        Unnote(record);
        record.History.Retries--;
        lock (_lock)
            _alone = null;
        switch (status)
        {
            case ProduceStatus.TooLarge or ProduceStatus.Refused:
                record.Fault = RecordFault.Permanent;
                return Outcome.Doomed;
            case ProduceStatus.TopicUnavailable:
                record.Fault = RecordFault.Topic;
                record.History.Failures++;
                host.OnHeld(record.Reason);
                return Outcome.Held;
            default:
                return Outcome.Stop; // The queue is full or the producer is being rebuilt: OnRoom ends the wait.
        }
    }

    /// <summary>What ends with this record's report, true where it arrived; null where all is to end.</summary>
    private Task<bool>? BeginAlone(RetainedRecord record)
    {
        lock (_lock)
        {
            // Disposing cancels first and takes the lock then: either this sees it, or it sees this one's wait and ends it.
            if (_stop.IsCancellationRequested)
                return null;
            _alone = record;
            _aloneSettled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _aloneSettled.Task;
        }
    }

    private async Task<Outcome> ReportOfAsync(RetainedRecord record, Task<bool> report)
    {
        Outcome outcome = await report.ConfigureAwait(false) ? Outcome.Gone : Outcome.Returned;
        if (outcome is Outcome.Gone && record.Fault is RecordFault.Topic)
            missing?.OnArrived(record.KafkaTopic);
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
}
