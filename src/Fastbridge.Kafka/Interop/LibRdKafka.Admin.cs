using System.Runtime.InteropServices;

namespace Fastbridge.Kafka.Interop;

internal static unsafe partial class LibRdKafka
{
    internal const int AdminDescribeCluster = 20;

    [LibraryImport(Library)]
    internal static partial nint rd_kafka_AdminOptions_new(nint client, int operation);

    [LibraryImport(Library)]
    internal static partial void rd_kafka_AdminOptions_destroy(nint options);

    [LibraryImport(Library)]
    internal static partial int rd_kafka_AdminOptions_set_request_timeout(nint options, int timeoutMs, byte* error, nuint errorSize);

    /// <summary>Asks any broker about the cluster; the answer comes as an event on <paramref name="queue"/>.</summary>
    [LibraryImport(Library)]
    internal static partial void rd_kafka_DescribeCluster(nint client, nint options, nint queue);
}
