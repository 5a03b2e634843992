using System.Runtime.InteropServices;

namespace Fastbridge.Kafka.Interop;

internal static unsafe partial class LibRdKafka
{
    internal const int EventDeliveryReport = 0x1;
    internal const int EventLog = 0x4;
    internal const int EventError = 0x8;
    internal const int EventDescribeCluster = 0x200000;

    /// <summary>The queue of delivery reports and errors; a reference to destroy.</summary>
    [LibraryImport(Library)]
    internal static partial nint rd_kafka_queue_get_main(nint client);

    [LibraryImport(Library)]
    internal static partial void rd_kafka_queue_destroy(nint queue);

    /// <summary>The next event, to be destroyed, or 0 after the time-out or a <see cref="rd_kafka_queue_yield"/>.</summary>
    [LibraryImport(Library)]
    internal static partial nint rd_kafka_queue_poll(nint queue, int timeoutMs);

    /// <summary>Makes a present or the next <see cref="rd_kafka_queue_poll"/> return.</summary>
    [LibraryImport(Library)]
    internal static partial void rd_kafka_queue_yield(nint queue);

    [LibraryImport(Library)]
    internal static partial int rd_kafka_set_log_queue(nint client, nint queue);

    [LibraryImport(Library)]
    internal static partial int rd_kafka_event_type(nint @event);

    /// <summary>Frees the event and the messages in it.</summary>
    [LibraryImport(Library)]
    internal static partial void rd_kafka_event_destroy(nint @event);

    /// <summary>Takes up to <paramref name="size"/> messages off the event; they live until the event is destroyed.</summary>
    [LibraryImport(Library)]
    internal static partial nuint rd_kafka_event_message_array(nint @event, NativeMessage** messages, nuint size);

    [LibraryImport(Library)]
    internal static partial int rd_kafka_event_error(nint @event);

    [LibraryImport(Library)]
    internal static partial byte* rd_kafka_event_error_string(nint @event);

    [LibraryImport(Library)]
    internal static partial int rd_kafka_event_log(nint @event, byte** facility, byte** text, int* level);

    /// <summary>Whether the message is surely not in the log, perhaps, or surely.</summary>
    [LibraryImport(Library)]
    internal static partial int rd_kafka_message_status(NativeMessage* message);

    [LibraryImport(Library)]
    internal static partial long rd_kafka_message_timestamp(NativeMessage* message, int* type);

    /// <summary>What the broker said of this record, or null.</summary>
    [LibraryImport(Library)]
    internal static partial byte* rd_kafka_message_produce_errstr(NativeMessage* message);
}
