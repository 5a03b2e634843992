using System.Buffers.Binary;
using System.Text;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Core.Buffering;

/// <summary>
/// A record as the buffer keeps it, in memory and on disk alike: 24 bytes of lengths and numbers (little endian), then Kafka topic, key, headers and
/// value. Spans point into the bytes that it was parsed from.
/// </summary>
internal readonly ref struct StoredRecord
{
    /// <summary>The bytes before the topic.</summary>
    public const int FixedLength = 24;

    private const byte WithKey = 1;

    /// <summary>The Kafka topic's name.</summary>
    public ReadOnlySpan<byte> Topic { get; private init; }

    /// <summary>Key, headers, value, partition hash and the time of receipt, as they were to be produced.</summary>
    public OutgoingRecord Outgoing { get; private init; }

    /// <summary>Bytes that <see cref="Write"/> needs. Topic names are ASCII (Kafka's rule), so characters are bytes.</summary>
    public static int LengthOf(string topic, in OutgoingRecord record) =>
        checked(FixedLength + topic.Length + record.Key.Length + record.Headers.Length + record.Value.Length);

    public static void Write(Span<byte> to, string topic, in OutgoingRecord record, long timestampMs)
    {
        to[0] = 0;
        to[1] = record.HasKey ? WithKey : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(to[2..], (ushort)topic.Length);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], record.PartitionHash);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], timestampMs);
        BinaryPrimitives.WriteInt32LittleEndian(to[16..], record.Key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(to[20..], record.Headers.Length);
        to = to[FixedLength..];
        Encoding.ASCII.GetBytes(topic, to);
        to = to[topic.Length..];
        record.Key.CopyTo(to);
        to = to[record.Key.Length..];
        record.Headers.CopyTo(to);
        record.Value.CopyTo(to[record.Headers.Length..]);
    }

    /// <summary>False where the lengths do not fit the bytes: the body passed its checksum, but another version wrote it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out StoredRecord record)
    {
        record = default;
        if (body.Length < FixedLength || body[0] != 0)
            return false;
        int topic = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
        int key = BinaryPrimitives.ReadInt32LittleEndian(body[16..]);
        int headers = BinaryPrimitives.ReadInt32LittleEndian(body[20..]);
        if (key < 0 || headers < 0 || (long)FixedLength + topic + key + headers > body.Length)
            return false;
        ReadOnlySpan<byte> rest = body[FixedLength..];
        record = new StoredRecord
        {
            Topic = rest[..topic],
            Outgoing = new OutgoingRecord
            {
                PartitionHash = BinaryPrimitives.ReadInt32LittleEndian(body[4..]),
                TimestampMs = TimestampOf(body),
                HasKey = (body[1] & WithKey) != 0,
                Key = rest.Slice(topic, key),
                Headers = rest.Slice(topic + key, headers),
                Value = rest[(topic + key + headers)..],
            },
        };
        return true;
    }

    /// <summary>When the message was received, milliseconds since the epoch.</summary>
    public static long TimestampOf(ReadOnlySpan<byte> body) => BinaryPrimitives.ReadInt64LittleEndian(body[8..]);
}
