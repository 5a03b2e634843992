using System.Runtime.InteropServices;

namespace Fastbridge.Kafka.Interop;

/// <summary>
/// Messages for one topic, handed over together. Our own functions, added to librdkafka by scripts/patches/librdkafka-topic-run.patch.
/// </summary>
internal static unsafe partial class LibRdKafka
{
    /// <summary>An empty run, for one thread at a time.</summary>
    [LibraryImport(Library)]
    internal static partial nint rd_kafka_run_new();

    /// <summary>Frees a run, which must be empty.</summary>
    [LibraryImport(Library)]
    internal static partial void rd_kafka_run_destroy(nint run);

    /// <summary>
    /// Adds a message with copies of value and key. The number of messages in the run; 0 when it was full with this one, and sent; -1 and <see cref="rd_kafka_last_error"/>
    /// where it takes none. A fault of the topic comes as the message's report. While the run holds messages, all are for one topic, whose client lives.
    /// </summary>
    [LibraryImport(Library)]
    internal static partial int rd_kafka_run_add(nint run, nint topic, byte* value, nuint valueLength, byte* key, nuint keyLength, nint opaque);

    /// <summary>Hands over what is in the run, in order. It is empty then.</summary>
    [LibraryImport(Library)]
    internal static partial void rd_kafka_run_send(nint run);
}
