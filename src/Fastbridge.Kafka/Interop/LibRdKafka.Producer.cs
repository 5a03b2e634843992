using System.Runtime.InteropServices;

namespace Fastbridge.Kafka.Interop;

internal static unsafe partial class LibRdKafka
{
    internal const int TypeProducer = 0;
    internal const int MessageCopy = 0x2;
    internal const int PurgeQueue = 0x1;
    internal const int PurgeInFlight = 0x2;
    internal const int PurgeNonBlocking = 0x4;
    internal const int StatusNotPersisted = 0;

    /// <summary>Takes over <paramref name="conf"/> only when it succeeds.</summary>
    [LibraryImport(Library)]
    internal static partial nint rd_kafka_new(int type, nint conf, byte* error, nuint errorSize);

    /// <summary>Ends the client and joins its threads. Every topic and queue handle must have been destroyed before.</summary>
    [LibraryImport(Library)]
    internal static partial void rd_kafka_destroy(nint client);

    /// <summary>0 when queued; else -1 and <see cref="rd_kafka_last_error"/>. Takes locks, so no GC transition may be left out.</summary>
    [LibraryImport(Library)]
    internal static partial int rd_kafka_produce(
        nint topic, int partition, int flags, byte* value, nuint valueLength, byte* key, nuint keyLength, nint opaque);

    /// <summary>As <see cref="rd_kafka_produce"/>, with headers and a timestamp. Null when queued; else an error to destroy.</summary>
    [LibraryImport(Library)]
    internal static partial nint rd_kafka_produceva(nint client, NativeVu* arguments, nuint count);

    [LibraryImport(Library)]
    internal static partial int rd_kafka_purge(nint client, int flags);

    /// <summary>The code of the fatal error that the client has met, or 0.</summary>
    [LibraryImport(Library)]
    internal static partial int rd_kafka_fatal_error(nint client, byte* error, nuint errorSize);

    /// <summary>Makes the client meet a fatal error; for tests.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rd_kafka_test_fatal_error(nint client, int error, string reason);

    /// <summary>Messages and reports that are still to be told.</summary>
    [LibraryImport(Library)]
    internal static partial int rd_kafka_outq_len(nint client);

    [LibraryImport(Library)]
    internal static partial int rd_kafka_thread_cnt();
}
