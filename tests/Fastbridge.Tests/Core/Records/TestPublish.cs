using System.Buffers.Binary;
using System.Text;
using Fastbridge.Core.Config;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Core.Records;

/// <summary>A PUBLISH that a test can hold, with its properties in wire form as the codec gives them.</summary>
internal sealed record TestPublish
{
    public string Topic { get; init; } = "sensor/temperature";

    public byte[] Payload { get; init; } = [];

    public QoS QoS { get; init; } = QoS.AtLeastOnce;

    public bool Retain { get; init; }

    public ushort PacketId { get; init; } = 12345;

    public string? ContentType { get; init; }

    public string? ResponseTopic { get; init; }

    public byte[]? CorrelationData { get; init; }

    public int? PayloadFormatIndicator { get; init; }

    public long? MessageExpiryInterval { get; init; }

    public (string Key, string Value)[] UserProperties { get; init; } = [];

    public bool HasProperties => ContentType is not null || ResponseTopic is not null || CorrelationData is not null
        || PayloadFormatIndicator is not null || MessageExpiryInterval is not null || UserProperties.Length > 0;

    public TestRecord Encode(IRecordEncoder encoder, long receivedMs = 1_640_995_200_123)
    {
        var publish = new PublishPacket
        {
            Topic = Encoding.UTF8.GetBytes(Topic),
            Payload = Payload,
            QoS = QoS,
            Retain = Retain,
            PacketId = PacketId,
            Properties = new PublishProperties
            {
                IsEmpty = !HasProperties,
                PayloadFormatIndicator = PayloadFormatIndicator ?? -1,
                MessageExpiryInterval = MessageExpiryInterval ?? -1,
                HasContentType = ContentType is not null,
                ContentType = Encoding.UTF8.GetBytes(ContentType ?? ""),
                HasResponseTopic = ResponseTopic is not null,
                ResponseTopic = Encoding.UTF8.GetBytes(ResponseTopic ?? ""),
                HasCorrelationData = CorrelationData is not null,
                CorrelationData = CorrelationData ?? [],
                Raw = Wire(),
            },
        };
        return new TestRecord(encoder.Encode(publish, receivedMs));
    }

    /// <summary>The properties as they stand on the wire, User Properties between the others.</summary>
    public byte[] Wire()
    {
        var wire = new MemoryStream();
        if (PayloadFormatIndicator is { } format)
            wire.Write([0x01, (byte)format]);
        for (int i = 0; i < UserProperties.Length; i++)
        {
            wire.WriteByte(0x26);
            Text(Encoding.UTF8.GetBytes(UserProperties[i].Key));
            Text(Encoding.UTF8.GetBytes(UserProperties[i].Value));
            if (i == 0 && ContentType is not null)
            {
                wire.WriteByte(0x03);
                Text(Encoding.UTF8.GetBytes(ContentType));
            }
        }

        if (MessageExpiryInterval is { } expiry)
        {
            byte[] four = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(four, (uint)expiry);
            wire.Write([0x02, .. four]);
        }

        return wire.ToArray();

        void Text(byte[] bytes)
        {
            wire.Write([(byte)(bytes.Length >> 8), (byte)bytes.Length]);
            wire.Write(bytes);
        }
    }
}

/// <summary>An encoded record, copied.</summary>
internal sealed class TestRecord(in EncodedRecord record)
{
    public byte[] Value { get; } = record.Value.ToArray();

    public string Text => Encoding.UTF8.GetString(Value);

    public string? Key { get; } = record.HasKey ? Encoding.UTF8.GetString(record.Key) : null;

    public TopicTarget Target { get; } = record.Target;

    public int PartitionHash { get; } = record.PartitionHash;

    public uint PayloadCrc { get; } = record.PayloadCrc;

    public (string Name, string Value)[] Headers { get; } = Take(record.Headers);

    private static (string Name, string Value)[] Take(ReadOnlySpan<byte> list)
    {
        var headers = new List<(string, string)>();
        while (HeaderList.TryTake(ref list, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
            headers.Add((Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(value)));
        return [.. headers];
    }
}

internal static class Encoders
{
    public static KafkaConfig Kafka(string topic = "mqtt_messages", string? key = null) =>
        new() { BootstrapServers = "localhost:9092", Topic = topic, Key = key };

    public static IRecordEncoder RobustMq(string? key = null, string topic = "mqtt_messages", string? clientId = null, string? username = null) =>
        RecordEncoderFactory.Create(Kafka(topic, key), new RecordConfig { ClientId = clientId, Username = username });

    public static IRecordEncoder Raw(RecordConfig? record = null, string? key = null, string topic = "mqtt_messages") =>
        RecordEncoderFactory.Create(Kafka(topic, key), (record ?? new RecordConfig()) with { Format = "raw" });
}
