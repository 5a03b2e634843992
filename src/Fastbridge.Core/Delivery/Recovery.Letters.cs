namespace Fastbridge.Core.Delivery;

/// <content>What is given up: dropped, or made a dead letter.</content>
internal sealed partial class Recovery
{
    /// <summary>Dead letters that one fsync makes durable; more would hold the first ones' acks.</summary>
    private const int LettersAtATime = 256;

    /// <summary>Drops a record, or makes it a dead letter; in the file together with those behind it that go there too.</summary>
    /// <returns>How many are brought to an end, or on their way to the Kafka topic of the dead letters; 0 where they have to wait.</returns>
    private async Task<int> GiveUpAsync(List<RetainedRecord> todo, int at)
    {
        try
        {
            return await PutAwayAsync(todo, at).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            host.OnHeld($"a record could not be put away: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")} (this is a bug of fastbridge); it is tried again");
            return 0;
        }
    }

    private async Task<int> PutAwayAsync(List<RetainedRecord> todo, int at)
    {
        RetainedRecord record = todo[at];
        if (failure.Drops)
        {
            host.Discard(record);
            return 1;
        }

        switch (await TryLetterAsync(record).ConfigureAwait(false))
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

    private async Task<ProduceStatus?> TryLetterAsync(RetainedRecord record)
    {
        if (failure.TopicName is null || record.IsRefusedAsLetter)
            return null;
        Task<bool>? report = record.IsLetterAlone ? BeginAlone(record) : null;
        if (record.IsLetterAlone && report is null)
            return ProduceStatus.Rebuilding; // All is to end: the message stays with its broker.
        Note(record, letter: true);
        ProduceStatus? status = null;
        try
        {
            status = host.ProduceLetter(record);
            if (report is not null && status is ProduceStatus.Queued)
            {
                host.Hurry();
                _ = await report.ConfigureAwait(false); // What came back is in the list of returned records, and goes to the file.
            }
        }
        finally
        {
            if (status is not ProduceStatus.Queued)
                Unnote(record);
            if (report is not null)
            {
                lock (_lock)
                    _alone = null;
            }
        }

        return status;
    }
}
