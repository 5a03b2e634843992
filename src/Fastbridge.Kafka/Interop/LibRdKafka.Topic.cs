using System.Runtime.InteropServices;

namespace Fastbridge.Kafka.Interop;

internal static unsafe partial class LibRdKafka
{
    /// <summary>Takes over <paramref name="conf"/> (may be 0). 0 when it fails: <see cref="rd_kafka_last_error"/>.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint rd_kafka_topic_new(nint client, string name, nint conf);

    [LibraryImport(Library)]
    internal static partial void rd_kafka_topic_destroy(nint topic);

    /// <summary>Valid as long as the topic handle.</summary>
    [LibraryImport(Library)]
    internal static partial byte* rd_kafka_topic_name(nint topic);

    /// <summary>
    /// Sends what has been produced to the topic up to now without waiting for linger.ms; returns at once. Our own function, added to
    /// librdkafka by scripts/patches/librdkafka-topic-hurry.patch.
    /// </summary>
    [LibraryImport(Library)]
    internal static partial int rd_kafka_topic_hurry(nint topic);

    /// <summary>Java's murmur2 partitioner.</summary>
    [LibraryImport(Library)]
    internal static partial int rd_kafka_msg_partitioner_murmur2(
        nint topic, byte* key, nuint keyLength, int partitions, nint topicOpaque, nint messageOpaque);
}
