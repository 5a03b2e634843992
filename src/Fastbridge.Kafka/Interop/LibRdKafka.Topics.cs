using System.Runtime.InteropServices;

namespace Fastbridge.Kafka.Interop;

/// <summary>Topics that are created and deleted. Results belong to their event and live until it is destroyed.</summary>
internal static unsafe partial class LibRdKafka
{
    internal const int AdminCreateTopics = 1;
    internal const int AdminDeleteTopics = 2;

    /// <summary>To be destroyed; 0 and a text where an argument is impossible. Replicas of -1: as many as is the cluster's default.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint rd_kafka_NewTopic_new(string topic, int partitions, int replicas, byte* error, nuint errorSize);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rd_kafka_NewTopic_set_config(nint topic, string name, string value);

    [LibraryImport(Library)]
    internal static partial void rd_kafka_NewTopic_destroy(nint topic);

    [LibraryImport(Library)]
    internal static partial void rd_kafka_CreateTopics(nint client, nint* topics, nuint count, nint options, nint queue);

    [LibraryImport(Library)]
    internal static partial nint rd_kafka_event_CreateTopics_result(nint @event);

    [LibraryImport(Library)]
    internal static partial nint* rd_kafka_CreateTopics_result_topics(nint result, nuint* count);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint rd_kafka_DeleteTopic_new(string topic);

    [LibraryImport(Library)]
    internal static partial void rd_kafka_DeleteTopic_destroy(nint topic);

    [LibraryImport(Library)]
    internal static partial void rd_kafka_DeleteTopics(nint client, nint* topics, nuint count, nint options, nint queue);

    [LibraryImport(Library)]
    internal static partial nint rd_kafka_event_DeleteTopics_result(nint @event);

    [LibraryImport(Library)]
    internal static partial nint* rd_kafka_DeleteTopics_result_topics(nint result, nuint* count);

    [LibraryImport(Library)]
    internal static partial int rd_kafka_topic_result_error(nint result);

    /// <summary>Kafka's own words, or null.</summary>
    [LibraryImport(Library)]
    internal static partial byte* rd_kafka_topic_result_error_string(nint result);

    /// <summary>How long the cluster may take to make it known, beyond taking the request.</summary>
    [LibraryImport(Library)]
    internal static partial int rd_kafka_AdminOptions_set_operation_timeout(nint options, int timeoutMs, byte* error, nuint errorSize);
}
