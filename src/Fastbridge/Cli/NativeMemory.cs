using System.Runtime.InteropServices;

namespace Fastbridge.Cli;

/// <summary>How the C library keeps the memory that librdkafka asks for.</summary>
internal static partial class NativeMemory
{
    // malloc.h
    private const int MArenaMax = -8;

    /// <summary>
    /// One heap instead of up to eight a processor. Records are allocated on the thread that reads and freed on the one that hears of their delivery, so
    /// with many heaps each keeps its own high-water mark: a million messages into a real Kafka peaked at 59 to 67 MB, and at 47 to 55 MB with one heap, at the same rate.
    /// To be called before threads are made; does nothing where the C library is not glibc.
    /// </summary>
    public static void UseOneHeap()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = MallOpt(MArenaMax, 1);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has one heap anyway.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);
}
