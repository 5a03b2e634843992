using System.Runtime.InteropServices;

namespace Fastbridge.Kafka.Interop;

internal static unsafe partial class LibRdKafka
{
    [LibraryImport(Library)]
    internal static partial nint rd_kafka_headers_new(nuint count);

    [LibraryImport(Library)]
    internal static partial void rd_kafka_headers_destroy(nint headers);

    /// <summary>Copies name and value. A null value pointer is Kafka's null, not an empty value.</summary>
    [LibraryImport(Library)]
    internal static partial int rd_kafka_header_add(nint headers, byte* name, nint nameLength, byte* value, nint valueLength);

    /// <summary>0 and the message's headers, which stay the message's; another code when there are none.</summary>
    [LibraryImport(Library)]
    internal static partial int rd_kafka_message_headers(NativeMessage* message, nint* headers);

    /// <summary>0 and the header at <paramref name="index"/>, or another code past the last.</summary>
    [LibraryImport(Library)]
    internal static partial int rd_kafka_header_get_all(nint headers, nuint index, byte** name, byte** value, nuint* valueLength);
}
