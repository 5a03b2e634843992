using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Core.Records;

/// <summary>
/// Turns a PUBLISH into a Kafka record. One instance a connector, used by one thread at a time. Its result points into buffers that the
/// instance (or its thread) reuses: valid until the next call.
/// </summary>
public interface IRecordEncoder
{
    /// <param name="receivedMs">Time of receipt, milliseconds since the epoch.</param>
    EncodedRecord Encode(in PublishPacket publish, long receivedMs);
}

/// <summary>A record ready to be produced; every span is valid until the encoder's next call.</summary>
public readonly ref struct EncodedRecord
{
    public ReadOnlySpan<byte> Value { get; init; }

    public bool HasKey { get; init; }

    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>What belongs to the Kafka topic, found without allocation; see <see cref="TopicTarget"/>.</summary>
    public TopicTarget Target { get; init; }

    /// <summary>murmur2 of the MQTT topic, positive.</summary>
    public int PartitionHash { get; init; }

    /// <summary>CRC-32 of the payload, as in <c>crc_num</c>.</summary>
    public uint PayloadCrc { get; init; }

    /// <summary>Kafka headers in the form of <see cref="HeaderList"/>; empty for none.</summary>
    public ReadOnlySpan<byte> Headers { get; init; }
}

/// <summary>
/// A Kafka topic that records of a connector go to: one instance for a fixed topic, one for each name that a template yields (bounded, kept).
/// <see cref="Handle"/> is the delivery core's: it hangs the producer's topic handle here.
/// </summary>
public sealed class TopicTarget(string name, string? fault)
{
    public string Name { get; } = name;

    /// <summary>Null, or why the name is illegal even after replacement (empty, longer than 249, "." or ".."): such a record goes to the dead letters.</summary>
    public string? Fault { get; } = fault;

    public Delivery.IRecordTopic? Handle { get; set; }
}
