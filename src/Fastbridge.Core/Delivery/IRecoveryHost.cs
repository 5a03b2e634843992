namespace Fastbridge.Core.Delivery;

/// <summary>What a <see cref="Recovery"/> needs of its connector. All of it may be called from a pool thread.</summary>
internal interface IRecoveryHost
{
    /// <summary>Waits until the reader is out of the sink. <see cref="Recovery.Active"/> is set, so it does not come back.</summary>
    void HoldReader();

    /// <summary>Messages that are not settled: with the sink, or retained.</summary>
    long InFlight { get; }

    /// <param name="alone">In a batch of its own.</param>
    ProduceStatus Produce(RetainedRecord record, bool alone);

    /// <summary>Nothing is tried alone any more.</summary>
    void EndAlone();

    /// <summary>What was produced is waited for: it must not linger.</summary>
    void Hurry();

    /// <summary>
    /// Produces the dead letter of a record to the Kafka topic of the dead letters, under the record's slot; its report settles the message. Null where there is no
    /// such topic, or Kafka is away: the file is next. One that came back with its batch (<see cref="RetainedRecord.IsLetterAlone"/>) goes in a batch of its own.
    /// </summary>
    ProduceStatus? ProduceLetter(RetainedRecord record);

    /// <summary>Kafka has the dead letter. Its message is settled by the report.</summary>
    void OnLetterDelivered(RetainedRecord record);

    /// <summary>Puts dead letters into the file, one fsync for all, and settles and acknowledges their messages.</summary>
    /// <param name="trouble">Null when all are on disk, else why not: one line with the remedy.</param>
    /// <returns>How many, from the first, are safe.</returns>
    int PutAway(List<RetainedRecord> records, out string? trouble);

    /// <summary>Settles, acknowledges and counts a message that is given up.</summary>
    void Discard(RetainedRecord record);

    /// <summary>What holds the connector, one line; null when nothing does.</summary>
    void OnHeld(string? reason);

    /// <summary>All is produced again, put away or dropped: new messages may come.</summary>
    void OnRecovered();
}
