using System.Runtime.InteropServices;

namespace Fastbridge.Kafka.Interop;

internal static unsafe partial class LibRdKafka
{
    internal const int ConfUnknown = -2;
    internal const int ConfOk = 0;

    [LibraryImport(Library)]
    internal static partial nint rd_kafka_conf_new();

    [LibraryImport(Library)]
    internal static partial void rd_kafka_conf_destroy(nint conf);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rd_kafka_conf_set(nint conf, string name, string value, byte* error, nuint errorSize);

    /// <summary>Which of <see cref="EventDeliveryReport"/> and the others arrive as events instead of callbacks.</summary>
    [LibraryImport(Library)]
    internal static partial void rd_kafka_conf_set_events(nint conf, int events);

    /// <summary>Names and values, alternately; <paramref name="count"/> counts both. Names without a value are left out.</summary>
    [LibraryImport(Library)]
    internal static partial byte** rd_kafka_conf_dump(nint conf, nuint* count);

    [LibraryImport(Library)]
    internal static partial byte** rd_kafka_topic_conf_dump(nint conf, nuint* count);

    [LibraryImport(Library)]
    internal static partial void rd_kafka_conf_dump_free(byte** list, nuint count);

    [LibraryImport(Library)]
    internal static partial nint rd_kafka_topic_conf_new();

    [LibraryImport(Library)]
    internal static partial void rd_kafka_topic_conf_destroy(nint conf);

    /// <summary>A copy of the topic settings that the client was made with.</summary>
    [LibraryImport(Library)]
    internal static partial nint rd_kafka_default_topic_conf_dup(nint client);

    [LibraryImport(Library)]
    internal static partial void rd_kafka_topic_conf_set_partitioner_cb(
        nint conf, delegate* unmanaged[Cdecl]<nint, byte*, nuint, int, nint, nint, int> partitioner);
}
