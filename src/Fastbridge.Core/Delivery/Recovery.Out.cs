namespace Fastbridge.Core.Delivery;

/// <content>What was produced again and has no report yet.</content>
internal sealed partial class Recovery
{
    private readonly Dictionary<int, Attempt> _out = [];
    private volatile int _outCount;

    /// <summary>Kafka has these records: perhaps the one that was waited for. Called only while <see cref="Listens"/>, before their slots are settled.</summary>
    /// <returns>How many of them are dead letters.</returns>
    public int OnDelivered(ReadOnlySpan<int> slots)
    {
        int letters = 0;
        lock (_lock)
        {
            foreach (int slot in slots)
            {
                if (_out.Remove(slot, out Attempt? attempt) && attempt.Letter is { } letter)
                {
                    letters++;
                    host.OnLetterDelivered(letter);
                }
            }

            _outCount = _out.Count;
            if (_alone is not null && slots.Contains(_alone.Slot))
                _aloneSettled!.TrySetResult(true);
        }

        return letters;
    }

    /// <summary>What came back, with its history; of a dead letter the record that it tells of. Under the lock.</summary>
    private RetainedRecord Recognize(RetainedRecord record)
    {
        if (!_out.Remove(record.Slot, out Attempt? attempt))
            return record;
        _outCount = _out.Count;
        if (attempt.Letter is { } original)
        {
            // A report condemns every letter of its batch. Kafka's word on this one is known when it was alone; what timed out does not wait for that.
            if (!original.IsLetterAlone && record.Fault is (RecordFault.Suspected or RecordFault.Passing))
                original.IsLetterAlone = true;
            else
                original.IsRefusedAsLetter = true;
            return original;
        }

        record.History = attempt.History;
        return record;
    }

    /// <summary>Noted before it is produced, for the report may come before the next statement.</summary>
    private void Note(RetainedRecord record, bool letter)
    {
        lock (_lock)
        {
            _out[record.Slot] = new Attempt(record.History, letter ? record : null);
            _outCount = _out.Count;
        }
    }

    private void Unnote(RetainedRecord record)
    {
        lock (_lock)
        {
            _out.Remove(record.Slot);
            _outCount = _out.Count;
        }
    }

    /// <summary>Waits until all that was produced again is reported.</summary>
    private async Task WhenReportedAsync()
    {
        if (_outCount > 0)
            host.Hurry();
        while (!_stop.IsCancellationRequested)
        {
            lock (_lock)
            {
                if (_out.Count == 0)
                    return;
                _awaitsOthers = true;
            }

            await SleepAsync(LongestDelay).ConfigureAwait(false);
        }
    }

    /// <param name="Letter">The record, where its dead letter was produced in its place.</param>
    private sealed record Attempt(RecordHistory History, RetainedRecord? Letter);
}
