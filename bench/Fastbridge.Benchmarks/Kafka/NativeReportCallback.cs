using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fastbridge.Kafka.Interop;

namespace Fastbridge.Benchmarks.Kafka;

/// <summary>The other way to get delivery reports, a callback a message; only here, to be measured against events.</summary>
internal static unsafe partial class NativeReportCallback
{
    public static long Count;

    public static delegate* unmanaged[Cdecl]<nint, NativeMessage*, nint, void> Pointer => &OnReport;

    [LibraryImport("librdkafka")]
    public static partial void rd_kafka_conf_set_dr_msg_cb(nint conf, delegate* unmanaged[Cdecl]<nint, NativeMessage*, nint, void> callback);

    [LibraryImport("librdkafka")]
    public static partial int rd_kafka_poll(nint client, int timeoutMs);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnReport(nint client, NativeMessage* message, nint opaque) => Count += message->Error == 0 ? 1 : 0;
}
