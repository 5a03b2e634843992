using System.Runtime.InteropServices;

namespace Fastbridge.Kafka.Interop;

/// <summary>Questions about a cluster that change nothing. Results belong to their event and live until it is destroyed.</summary>
internal static unsafe partial class LibRdKafka
{
    internal const int AdminDescribeConfigs = 5;
    internal const int AdminDescribeTopics = 19;
    internal const int EventDescribeConfigs = 104;
    internal const int EventDescribeTopics = 0x100000;
    internal const int ResourceTopic = 2;
    internal const int ResourceBroker = 4;
    internal const int OperationWrite = 4;
    internal const int OperationCreate = 5;

    /// <summary>Whether the answer is to say what this client may do. Null, or an error to destroy.</summary>
    [LibraryImport(Library)]
    internal static partial nint rd_kafka_AdminOptions_set_include_authorized_operations(nint options, int include);

    /// <summary>What <see cref="rd_kafka_event_opaque"/> gives back of this question's answer.</summary>
    [LibraryImport(Library)]
    internal static partial void rd_kafka_AdminOptions_set_opaque(nint options, nint opaque);

    [LibraryImport(Library)]
    internal static partial nint rd_kafka_event_opaque(nint @event);

    [LibraryImport(Library)]
    internal static partial nint rd_kafka_event_DescribeCluster_result(nint @event);

    [LibraryImport(Library)]
    internal static partial nint* rd_kafka_DescribeCluster_result_nodes(nint result, nuint* count);

    [LibraryImport(Library)]
    internal static partial int* rd_kafka_DescribeCluster_result_authorized_operations(nint result, nuint* count);

    [LibraryImport(Library)]
    internal static partial int rd_kafka_Node_id(nint node);

    [LibraryImport(Library)]
    internal static partial byte* rd_kafka_Node_host(nint node);

    [LibraryImport(Library)]
    internal static partial ushort rd_kafka_Node_port(nint node);

    [LibraryImport(Library)]
    internal static partial nint rd_kafka_TopicCollection_of_topic_names(byte** topics, nuint count);

    [LibraryImport(Library)]
    internal static partial void rd_kafka_TopicCollection_destroy(nint topics);

    /// <summary>Asks for topics without creating them.</summary>
    [LibraryImport(Library)]
    internal static partial void rd_kafka_DescribeTopics(nint client, nint topics, nint options, nint queue);

    [LibraryImport(Library)]
    internal static partial nint rd_kafka_event_DescribeTopics_result(nint @event);

    [LibraryImport(Library)]
    internal static partial nint* rd_kafka_DescribeTopics_result_topics(nint result, nuint* count);

    [LibraryImport(Library)]
    internal static partial byte* rd_kafka_TopicDescription_name(nint topic);

    [LibraryImport(Library)]
    internal static partial nint rd_kafka_TopicDescription_error(nint topic);

    [LibraryImport(Library)]
    internal static partial nint* rd_kafka_TopicDescription_partitions(nint topic, nuint* count);

    [LibraryImport(Library)]
    internal static partial nint rd_kafka_TopicPartitionInfo_leader(nint partition);

    [LibraryImport(Library)]
    internal static partial int* rd_kafka_TopicDescription_authorized_operations(nint topic, nuint* count);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint rd_kafka_ConfigResource_new(int type, string name);

    [LibraryImport(Library)]
    internal static partial void rd_kafka_ConfigResource_destroy(nint resource);

    /// <summary>Asks for settings; a broker's are asked of that broker itself. At most one broker a question.</summary>
    [LibraryImport(Library)]
    internal static partial void rd_kafka_DescribeConfigs(nint client, nint* resources, nuint count, nint options, nint queue);

    [LibraryImport(Library)]
    internal static partial nint rd_kafka_event_DescribeConfigs_result(nint @event);

    [LibraryImport(Library)]
    internal static partial nint* rd_kafka_DescribeConfigs_result_resources(nint result, nuint* count);

    [LibraryImport(Library)]
    internal static partial byte* rd_kafka_ConfigResource_name(nint resource);

    [LibraryImport(Library)]
    internal static partial int rd_kafka_ConfigResource_error(nint resource);

    [LibraryImport(Library)]
    internal static partial nint* rd_kafka_ConfigResource_configs(nint resource, nuint* count);

    [LibraryImport(Library)]
    internal static partial byte* rd_kafka_ConfigEntry_name(nint entry);

    /// <summary>Null where the value is secret.</summary>
    [LibraryImport(Library)]
    internal static partial byte* rd_kafka_ConfigEntry_value(nint entry);
}
