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
        MqttTopic = mqttTopic;
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

    public string MqttTopic { get; }

    public RecordFault Fault { get; set; }

    /// <summary>Kafka's words, or ours; one line.</summary>
    public string Reason { get; set; }

    /// <summary>How often it was produced again.</summary>
    public int Retries { get; set; }

    public ReadOnlyMemory<byte> Value => _value;

    public ReadOnlyMemory<byte>? Key => _key is null ? null : _key;

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
}

/// <summary>Why a record is retained, and so what may be done with it.</summary>
internal enum RecordFault
{
    /// <summary>Produce again, in order, as soon as Kafka answers.</summary>
    Passing,

    /// <summary>The topic is missing or access is denied: hold, ask again slowly.</summary>
    Topic,

    /// <summary>Condemned with its batch: alone it may pass.</summary>
    Suspected,

    /// <summary>Kafka can never take it.</summary>
    Permanent,
}
