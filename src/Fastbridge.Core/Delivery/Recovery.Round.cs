namespace Fastbridge.Core.Delivery;

/// <content>One look at everything that is retained.</content>
internal sealed partial class Recovery
{
    /// <summary>Dead letters that one fsync makes durable; more would hold the first ones' acks.</summary>
    private const int LettersAtATime = 256;

    /// <param name="Arrived">How many records Kafka took, or the strategy brought to an end.</param>
    /// <param name="Pauses">Something stays, and trying again at once would not help.</param>
    private readonly record struct Round(int Arrived, bool Pauses);

    /// <summary>Tries each record in its turn; what stays is left in <paramref name="todo"/>, or came back meanwhile.</summary>
    private async Task<Round> TryAllAsync(List<RetainedRecord> todo)
    {
        int arrived = 0;
        bool pauses = false;
        List<RetainedRecord> stay = [];
        HashSet<string> blocked = [];
        int at = 0;
        for (Outcome outcome = Outcome.Gone; at < todo.Count && outcome is not Outcome.Stop && !_stop.IsCancellationRequested;)
        {
            RetainedRecord record = todo[at];
            if (IsGivenUp(record))
            {
                int settled = GiveUp(todo, at);
                arrived += settled;
                at += settled;
                if (settled > 0)
                    continue;
                pauses = true;
                break;
            }

            // Others of its topic stand behind it; those of other topics need not.
            if (blocked.Contains(record.KafkaTopic))
            {
                stay.Add(record);
                at++;
                continue;
            }

            if (record.Fault is RecordFault.Suspected && !await WhenNoOthersAsync(todo.Count - at + stay.Count).ConfigureAwait(false))
                break;

            // After the first has arrived, Kafka works: the passing ones go out without waiting for one another.
            bool waits = record.Fault is RecordFault.Suspected || (arrived == 0 && !failure.GivesUp);
            outcome = await TrySettleAsync(record, waits).ConfigureAwait(false);
            if (outcome is Outcome.Gone)
                arrived++;
            if (outcome is Outcome.Held)
                stay.Add(record);
            if (outcome is not (Outcome.Stop or Outcome.Doomed))
                at++;
            pauses |= outcome is Outcome.Held or Outcome.Returned or Outcome.Stop;
            if (outcome is Outcome.Held or Outcome.Returned)
                outcome = MayGoOn(record, blocked) ? Outcome.Gone : Outcome.Stop;
            else if (outcome is Outcome.Condemned)
                break; // It is the first in order of what came back.
        }

        if (_outCount > 0)
            host.Hurry();
        todo.RemoveRange(0, at);
        todo.AddRange(stay);
        return new Round(arrived, pauses);
    }

    /// <summary>Kafka can never take it, or the strategy has tried often enough, or its topic was waited for.</summary>
    private bool IsGivenUp(RetainedRecord record) => record.Fault switch
    {
        RecordFault.Permanent => true,
        RecordFault.Suspected => false,
        _ when failure.GivesUp && record.History.Failures > failure.RetryTotalTimes => true,
        RecordFault.Topic => missing is not null && missing.OnFault(record.KafkaTopic),
        _ => false,
    };

    /// <summary>After a record that could not go: whether the next may be tried at once.</summary>
    private bool MayGoOn(RetainedRecord record, HashSet<string> blocked)
    {
        if (failure.GivesUp)
            return true;
        if (missing is null || !IsOfTopic(record))
            return false;
        blocked.Add(record.KafkaTopic);
        return true;
    }

    /// <summary>By its last report, which is another object where it came back.</summary>
    private bool IsOfTopic(RetainedRecord record)
    {
        lock (_lock)
        {
            foreach (RetainedRecord again in _returned)
            {
                if (again.Slot == record.Slot)
                    return again.Fault is RecordFault.Topic;
            }
        }

        return record.Fault is RecordFault.Topic;
    }

    /// <summary>Drops a record, or makes it a dead letter; in the file together with those behind it that go there too.</summary>
    /// <returns>How many are brought to an end, or on their way to the Kafka topic of the dead letters; 0 where they have to wait.</returns>
    private int GiveUp(List<RetainedRecord> todo, int at)
    {
        RetainedRecord record = todo[at];
        if (failure.Drops)
        {
            host.Discard(record);
            return 1;
        }

        switch (TryLetter(record))
        {
            case ProduceStatus.Queued:
                return 1;
            case ProduceStatus.QueueFull or ProduceStatus.Rebuilding:
                return 0; // OnRoom ends the wait.
            default:
                record.IsRefusedAsLetter = true;
                break;
        }

        List<RetainedRecord> letters = [record];
        for (int next = at + 1; next < todo.Count && letters.Count < LettersAtATime; next++)
        {
            RetainedRecord follower = todo[next];
            if ((failure.TopicName is not null && !follower.IsRefusedAsLetter) || !IsGivenUp(follower))
                break;
            letters.Add(follower);
        }

        int settled = host.PutAway(letters, out string? trouble);
        if (trouble is not null)
            host.OnHeld(trouble);
        return settled;
    }

    private ProduceStatus? TryLetter(RetainedRecord record)
    {
        if (failure.TopicName is null || record.IsRefusedAsLetter)
            return null;
        Note(record, letter: true);
        ProduceStatus? status = null;
        try
        {
            status = host.ProduceLetter(record);
        }
        finally
        {
            if (status is not ProduceStatus.Queued)
                Unnote(record);
        }

        return status;
    }
}
