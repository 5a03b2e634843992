namespace Fastbridge.Core.Delivery;

/// <content>One look at everything that is retained.</content>
internal sealed partial class Recovery
{
    /// <param name="Arrived">How many records Kafka took, or the strategy brought to an end.</param>
    /// <param name="Pauses">Something stays, and trying again at once would not help.</param>
    private readonly record struct Round(int Arrived, bool Pauses);

    /// <summary>Tries each record in its turn; what stays is left in <paramref name="todo"/>, or came back meanwhile.</summary>
    private async Task<Round> TryAllAsync(List<RetainedRecord> todo)
    {
        int arrived = 0;
        bool pauses = false, looksBehind = true;
        List<RetainedRecord> stay = [];
        HashSet<string> blocked = [];
        int at = 0;
        for (Outcome outcome = Outcome.Gone; at < todo.Count && outcome is not Outcome.Stop && !_stop.IsCancellationRequested;)
        {
            RetainedRecord record = todo[at];
            if (IsGivenUp(record))
            {
                int settled = await GiveUpAsync(todo, at).ConfigureAwait(false);
                arrived += settled;
                at += settled;
                if (settled > 0)
                    continue;
                pauses = true;
                looksBehind = false;
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
            {
                looksBehind = false; // It is the first in order of what came back.
                break;
            }
        }

        if (looksBehind && at < todo.Count)
            at = await GiveUpBehindAsync(todo, at, stay).ConfigureAwait(false);

        if (_outCount > 0)
            host.Hurry();
        todo.RemoveRange(0, at);
        todo.AddRange(stay);
        return new Round(arrived, pauses);
    }

    /// <summary>
    /// The first may not go yet. What can never go does not wait for it: it has no place in Kafka's order, and its memory is needed where messages go by the disk. It is no
    /// sign that Kafka works, so it is not counted as arrived.
    /// </summary>
    /// <returns>The end of the list: all that is left is in <paramref name="stay"/>.</returns>
    private async Task<int> GiveUpBehindAsync(List<RetainedRecord> todo, int at, List<RetainedRecord> stay)
    {
        bool works = true;
        while (at < todo.Count)
        {
            int settled = works && todo[at].Fault is RecordFault.Permanent && !_stop.IsCancellationRequested ? await GiveUpAsync(todo, at).ConfigureAwait(false) : 0;
            works &= settled > 0 || todo[at].Fault is not RecordFault.Permanent;
            if (settled == 0)
                stay.Add(todo[at]);
            at += Math.Max(settled, 1);
        }

        return at;
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
}
