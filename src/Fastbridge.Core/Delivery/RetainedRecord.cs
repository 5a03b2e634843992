namespace Fastbridge.Core.Delivery;

/// <summary>A record that did not arrive, copied so that it can be produced again or put away. Only failures make one; its slot stays taken.</summary>
internal sealed class RetainedRecord
{
    private readonly byte[] _value;
    private readonly byte[]? _key;
    private readonly byte[] _headers;
    private readonly int _partitionHash;
    private readonly long _timestampMs;

    public RetainedRecord(int slot, uint order, IRecordTopic? topic, string kafkaTopic, string mqttTopic, in OutgoingRecord record, RecordFault fault, string reason)
    {
        Slot = slot;
        Order = order;
        Topic = topic;
        KafkaTopic = kafkaTopic;
        History = new RecordHistory(mqttTopic);
        _value = record.Value.ToArray();
        _key = record.HasKey ? record.Key.ToArray() : null;
        _headers = record.Headers.ToArray();
        _partitionHash = record.PartitionHash;
        _timestampMs = record.TimestampMs;
        Fault = fault;
        Reason = reason;
    }

    public int Slot { get; }

    /// <summary>Place in the order of receipt.</summary>
    public uint Order { get; }

    /// <summary>Null where the record can never be produced (its topic's name is illegal).</summary>
    public IRecordTopic? Topic { get; }

    public string KafkaTopic { get; }

    public RecordFault Fault { get; set; }

    /// <summary>Kafka's words, or ours; one line.</summary>
    public string Reason { get; set; }

    /// <summary>What it is counted under: Kafka's error name, or ours in small letters. Few values, so that they can be counted apart.</summary>
    public string Code { get; init; } = "failed";

    /// <summary>False where the payload was too large to be kept: there is nothing to produce, only something to tell.</summary>
    public bool IsKept { get; init; } = true;

    /// <summary>The Kafka topic of the dead letters did not take it: the file is next.</summary>
    public bool IsRefusedAsLetter { get; set; }

    /// <summary>Its dead letter came back with a batch that was condemned, perhaps for another letter's sake: it goes alone next.</summary>
    public bool IsLetterAlone { get; set; }

    /// <summary>What is remembered of it while the sink has it.</summary>
    public RecordHistory History { get; set; }

    public string MqttTopic => History.MqttTopic;

    public ReadOnlyMemory<byte> Value => _value;

    public ReadOnlyMemory<byte>? Key => _key is null ? (ReadOnlyMemory<byte>?)null : _key;

    public ReadOnlyMemory<byte> Headers => _headers;

    public long TimestampMs => _timestampMs;

    /// <summary>The same record as before, down to its timestamp.</summary>
    public OutgoingRecord AsOutgoing() => new()
    {
        Value = _value,
        HasKey = _key is not null,
        Key = _key,
        Headers = _headers,
        PartitionHash = _partitionHash,
        TimestampMs = _timestampMs,
    };

    /// <summary>Its dead letter, on its way to a Kafka topic: the same key, so that letters of one topic stand in order; stamped when it is produced.</summary>
    public OutgoingRecord AsLetter(ReadOnlySpan<byte> letter) => new() { Value = letter, HasKey = _key is not null, Key = _key, PartitionHash = _partitionHash };
}

/// <summary>What outlives one attempt to produce a record.</summary>
/// <param name="mqttTopic">The topic that it came under.</param>
internal sealed class RecordHistory(string mqttTopic)
{
    public string MqttTopic => mqttTopic;

    /// <summary>How often it was produced again.</summary>
    public int Retries { get; set; }

    /// <summary>How often it failed in a way that a strategy that gives up counts.</summary>
    public int Failures { get; set; }
}

/// <summary>Why a record is retained, and so what may be done with it.</summary>
internal enum RecordFault
{
    /// <summary>Produce again, in order, as soon as Kafka answers.</summary>
    Passing,

    /// <summary>As <see cref="Passing"/>; a strategy that gives up counts it.</summary>
    Failed,

    /// <summary>The topic is missing or access is denied: hold, ask again slowly.</summary>
    Topic,

    /// <summary>Condemned with its batch: alone it may pass.</summary>
    Suspected,

    /// <summary>Kafka can never take it.</summary>
    Permanent,
}
