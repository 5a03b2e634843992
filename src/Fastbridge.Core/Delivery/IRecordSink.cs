namespace Fastbridge.Core.Delivery;

/// <summary>
/// Where records go, as one connector sees it: a share in a producer. <see cref="TryProduce"/> is called by one thread at a time (the
/// connector's); reports come on the producer's delivery thread.
/// </summary>
public interface IRecordSink : IAsyncDisposable
{
    /// <summary>A handle for a Kafka topic by name, kept by the sink; ask once and keep it. Never touches the network.</summary>
    IRecordTopic GetTopic(string name);

    /// <summary>Hands one record over. Value, key and headers are copied before this returns. Never blocks.</summary>
    /// <param name="slot">Comes back in the report; 0 to 131,071.</param>
    ProduceStatus TryProduce(IRecordTopic topic, in OutgoingRecord record, int slot);

    /// <summary>
    /// Records are to come before <see cref="EndRun"/>, which follows without a wait in between: the sink may hold back what it takes until then, and hand it
    /// over together. The thread that produces calls both.
    /// </summary>
    void BeginRun()
    {
    }

    /// <summary>Hands over what was held back since <see cref="BeginRun"/>. Without one it does nothing.</summary>
    void EndRun()
    {
    }

    /// <summary>
    /// As <see cref="TryProduce"/>, in a batch of its own: whatever becomes of it is its own doing, and no other record's, of whatever connector. For records that were
    /// condemned with a batch. A sink that never batches need do nothing more.
    /// </summary>
    ProduceStatus TryProduceAlone(IRecordTopic topic, in OutgoingRecord record, int slot) => TryProduce(topic, in record, slot);

    /// <summary>No record is to be tried alone for now, and none is on its way: what was kept for that may go.</summary>
    void EndAlone()
    {
    }

    /// <summary>Sends what is queued now instead of lingering; returns at once.</summary>
    void Hurry();

    /// <summary>
    /// Asks Kafka whether a topic is there and may be seen, without creating it; <see cref="IDeliveryListener.OnTopicAnswer"/> follows when Kafka can be reached, and again
    /// every few seconds until it is there. Returns at once; any thread. One topic a sink. A sink that knows no topics need do nothing.
    /// </summary>
    void AskTopic(string name)
    {
    }
}

/// <summary>A Kafka topic's handle.</summary>
public interface IRecordTopic
{
    string Name { get; }
}

/// <summary>One record on its way to Kafka. Spans are the caller's, valid until the call returns.</summary>
public readonly ref struct OutgoingRecord
{
    public ReadOnlySpan<byte> Value { get; init; }

    /// <summary>False: a null key; the partition is then chosen by <see cref="PartitionHash"/>.</summary>
    public bool HasKey { get; init; }

    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>murmur2 of the MQTT topic, positive (31 bits); used only where there is no key.</summary>
    public int PartitionHash { get; init; }

    /// <summary>Record timestamp, milliseconds since the epoch; 0: the time of the call, which for a record just received is the same.</summary>
    public long TimestampMs { get; init; }

    /// <summary>Headers in the form of <see cref="Records.HeaderList"/>; empty for none.</summary>
    public ReadOnlySpan<byte> Headers { get; init; }
}

/// <summary>What <see cref="IRecordSink.TryProduce"/> did.</summary>
public enum ProduceStatus
{
    /// <summary>Taken; exactly one report will follow.</summary>
    Queued,

    /// <summary>The producer's queue is full; <see cref="IDeliveryListener.OnRoom"/> follows when it is worth trying again.</summary>
    QueueFull,

    /// <summary>Larger than message.max.bytes: will never be taken.</summary>
    TooLarge,

    /// <summary>The topic or partition is known not to exist, or access is denied: try again later.</summary>
    TopicUnavailable,

    /// <summary>Kafka would refuse the record whatever happens.</summary>
    Refused,

    /// <summary>The producer has met a fatal error and is being rebuilt; <see cref="IDeliveryListener.OnRoom"/> follows.</summary>
    Rebuilding,
}

/// <summary>Why a record that was queued did not arrive.</summary>
public enum DeliveryFault
{
    /// <summary>Passing, and no failure of the record's: purged by a rebuild, or condemned for another record's fault. Produce it again.</summary>
    TryAgain,

    /// <summary>Timed out, or broker trouble that librdkafka gave up on. It may pass; a strategy that gives up counts it.</summary>
    Failed,

    /// <summary>Kafka refused the batch that held it (too large, invalid, against policy). Alone it may pass; only alone is it permanent.</summary>
    Refused,

    /// <summary>The topic is unknown.</summary>
    TopicUnknown,

    /// <summary>Not allowed to write to the topic or cluster.</summary>
    NotAuthorized,
}

/// <summary>A record that came back. Spans point into the producer's memory, valid until the callback returns: copy what you keep.</summary>
public readonly ref struct FailedRecord
{
    public int Slot { get; init; }

    public DeliveryFault Fault { get; init; }

    /// <summary>Kafka's error name and text, one line, no secret.</summary>
    public string Reason { get; init; }

    /// <summary>Kafka's error name alone, such as <c>MSG_SIZE_TOO_LARGE</c>: what is counted by reason is counted under it. Null: by the fault's name.</summary>
    public string? Code { get; init; }

    /// <summary>It may be in the log all the same (an answer was lost): producing it again may repeat it.</summary>
    public bool PossiblyPersisted { get; init; }

    public IRecordTopic Topic { get; init; }

    public OutgoingRecord Record { get; init; }
}

/// <summary>
/// The connector's ear. All members are called on a producer's delivery thread, one at a time; they must not block. Reports of <see cref="IRecordSink.TryProduceAlone"/> may
/// come on another thread at the same time.
/// </summary>
public interface IDeliveryListener
{
    /// <summary>Kafka has these records. A batch at a time, in no order.</summary>
    void OnDelivered(ReadOnlySpan<int> slots);

    void OnFailed(in FailedRecord record);

    /// <summary>All of a batch of reports has been told: a good moment to flush acks, once instead of once a call.</summary>
    void OnReportsEnd();

    /// <summary>Worth trying again after <see cref="ProduceStatus.QueueFull"/> or <see cref="ProduceStatus.Rebuilding"/>.</summary>
    void OnRoom();

    /// <summary>The answer to <see cref="IRecordSink.AskTopic"/>.</summary>
    /// <param name="fault">Null: it is there. Else <see cref="DeliveryFault.TopicUnknown"/> or <see cref="DeliveryFault.NotAuthorized"/>.</param>
    void OnTopicAnswer(DeliveryFault? fault)
    {
    }

    /// <summary>The state of the way to Kafka changed: a one-line reason (broker away, authentication failed, rebuilt), or null when it works again.</summary>
    void OnSinkState(string? fault);
}

/// <summary>Opens sinks; connectors with equal settings get shares of one producer.</summary>
public interface IRecordSinkFactory
{
    /// <exception cref="SinkConfigurationException">The settings are refused; the message names the property and the remedy.</exception>
    IRecordSink Open(Config.KafkaConfig config, IDeliveryListener listener);

    /// <summary>
    /// Gives a question: would <see cref="Open"/> refuse these settings, files that they name included? Null, or why, in one line. Connects to nothing. The question keeps its answers, so
    /// that a thousand connectors with one certificate cost one trial; ask for a new one when files may have changed. One thread at a time.
    /// </summary>
    Func<Config.KafkaConfig, string?> Refusals() => static _ => null;
}

/// <summary>Settings that the producer refuses; the message is one line: property, value where it is no secret, remedy.</summary>
public sealed class SinkConfigurationException(string message) : Exception(message);
