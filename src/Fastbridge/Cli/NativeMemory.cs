using System.Globalization;
using System.Runtime.InteropServices;

namespace Fastbridge.Cli;

/// <summary>Memory that no collector knows of.</summary>
internal static partial class NativeMemory
{
    // sys/mman.h: MADV_DONTNEED
    private const int DontNeed = 4;

    /// <summary>
    /// Gives back the pages of this executable's code that the start alone needed: with one idle connector, 9 of 28 MB. What runs on is mapped again from the page cache at its next
    /// call, without a read. Code pages alone: none of them was ever written, so none can be lost. Any thread, any time; does nothing where there is no /proc.
    /// </summary>
    public static void ReturnStartCode()
    {
        if (!OperatingSystem.IsLinux() || Environment.ProcessPath is not { } executable)
            return;
        try
        {
            foreach (string line in File.ReadLines("/proc/self/maps"))
            {
                // address-address perms offset device inode path: proc_pid_maps(5)
                string[] fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                if (fields.Length < 6 || fields[1] != "r-xp" || fields[5] != executable)
                    continue;
                string[] ends = fields[0].Split('-');
                nint start = nint.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                nint end = nint.Parse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                _ = MAdvise(start, (nuint)(end - start), DontNeed);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            // No /proc, or another form of it: the pages stay.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MAdvise(nint address, nuint length, int advice);
}
