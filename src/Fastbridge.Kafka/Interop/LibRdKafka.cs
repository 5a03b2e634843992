using System.Runtime.InteropServices;
using System.Text;

namespace Fastbridge.Kafka.Interop;

/// <summary>
/// The functions of librdkafka 2.15.1 (rdkafka.h, rdkafka_mock.h) that fastbridge calls itself, a file a topic. The executable links them
/// in (DirectPInvoke); tests and tools load librdkafka.so. Everything else goes through Confluent.Kafka.
/// </summary>
internal static unsafe partial class LibRdKafka
{
    internal const string Library = "librdkafka";

    /// <summary>"Not set" where a function takes a partition: the partitioner chooses.</summary>
    internal const int PartitionUnassigned = -1;

    [LibraryImport(Library)]
    internal static partial byte* rd_kafka_version_str();

    /// <summary>The name of an error code, such as <c>_ALL_BROKERS_DOWN</c>; static memory.</summary>
    [LibraryImport(Library)]
    internal static partial byte* rd_kafka_err2name(int error);

    /// <summary>What an error code means, in English; static memory.</summary>
    [LibraryImport(Library)]
    internal static partial byte* rd_kafka_err2str(int error);

    /// <summary>The error of the last call on this thread. It only reads a thread-local variable, hence no GC transition.</summary>
    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int rd_kafka_last_error();

    [LibraryImport(Library)]
    internal static partial int rd_kafka_error_code(nint error);

    [LibraryImport(Library)]
    internal static partial void rd_kafka_error_destroy(nint error);

    internal static string Text(byte* utf8) => Marshal.PtrToStringUTF8((nint)utf8) ?? "";

    /// <summary>Text from a buffer that librdkafka filled up to a NUL.</summary>
    internal static string Text(ReadOnlySpan<byte> buffer)
    {
        int end = buffer.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? buffer : buffer[..end]);
    }
}
