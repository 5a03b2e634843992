using System.Runtime.InteropServices;

namespace Fastbridge.Kafka.Interop;

internal static unsafe partial class LibRdKafka
{
    internal const int TypeConsumer = 1;

    /// <summary>To be destroyed before the client.</summary>
    [LibraryImport(Library)]
    internal static partial nint rd_kafka_queue_new(nint client);

    /// <summary>Reads a partition from the offset on into the queue. 0, or -1 and <see cref="rd_kafka_last_error"/>.</summary>
    [LibraryImport(Library)]
    internal static partial int rd_kafka_consume_start_queue(nint topic, int partition, long offset, nint queue);

    /// <summary>Ends that; returns when librdkafka has let go of the partition.</summary>
    [LibraryImport(Library)]
    internal static partial int rd_kafka_consume_stop(nint topic, int partition);

    /// <summary>
    /// Waits until there are so many messages, at most the time-out; how many there are, or -1 and <see cref="rd_kafka_last_error"/>. Each is a record, or an error that says
    /// why there is none, and is to be destroyed.
    /// </summary>
    [LibraryImport(Library)]
    internal static partial nint rd_kafka_consume_batch_queue(nint queue, int timeoutMs, NativeMessage** messages, nuint count);

    [LibraryImport(Library)]
    internal static partial void rd_kafka_message_destroy(NativeMessage* message);

    /// <summary>The oldest offset, and the one that the next record will have; asks the partition's leader. 0, or an error.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rd_kafka_query_watermark_offsets(nint client, string topic, int partition, long* low, long* high, int timeoutMs);
}
