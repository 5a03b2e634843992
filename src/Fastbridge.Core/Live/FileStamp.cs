using System.Runtime.InteropServices;

namespace Fastbridge.Core.Live;

/// <summary>
/// Tells whether a file may have changed without reading it: a digest of device, inode, size and times of what the path leads to through all symlinks. So
/// an edit in place, a rename over it and the swap of a symlink on the way all show.
/// </summary>
internal static partial class FileStamp
{
    // fcntl.h, linux/stat.h. FORCE_SYNC: a network file system is asked, not its cache, which may be seconds old.
    private const int AtFdCwd = -100;
    private const int AtStatxForceSync = 0x2000;
    private const uint StatxBasicStats = 0x7FF;

    /// <summary>The present stamp; 0 where there is nothing, or nothing that may be looked at. Never throws.</summary>
    /// <param name="changedAtMs">When the file was last written or replaced, milliseconds since the epoch, by the file system's clock; 0 where there is none.</param>
    public static ulong Of(string path, out long changedAtMs)
    {
        changedAtMs = 0;
        if (OperatingSystem.IsLinux())
        {
            try
            {
                return OfLinux(path, out changedAtMs);
            }
            catch (EntryPointNotFoundException)
            {
                // An old C library: the slower way below.
            }
        }

        return OfAny(path, out changedAtMs);
    }

    /// <summary>Without inode and device, which .NET does not tell; the final target's path stands in for them.</summary>
    internal static ulong OfAny(string path, out long changedAtMs)
    {
        changedAtMs = 0;
        try
        {
            FileSystemInfo file = new FileInfo(path);
            file = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
            if (file is not FileInfo { Exists: true } there)
                return 0;
            changedAtMs = new DateTimeOffset(there.LastWriteTimeUtc).ToUnixTimeMilliseconds();
            ulong stamp = Mix(14695981039346656037, (ulong)there.LastWriteTimeUtc.Ticks);
            stamp = Mix(stamp, (ulong)there.CreationTimeUtc.Ticks);
            foreach (char c in there.FullName)
                stamp = Mix(stamp, c);
            return Mix(stamp, (ulong)there.Length) | 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return 0;
        }
    }

    private static unsafe ulong OfLinux(string path, out long changedAtMs)
    {
        changedAtMs = 0;
        // struct statx: ino at 32, size 40, ctime 96, mtime 112 (seconds 8, nanoseconds 4), device 136 (major 4, minor 4); the same on every machine.
        byte* memory = stackalloc byte[256];
        if (path.Contains('\0', StringComparison.Ordinal) || Statx(AtFdCwd, path, AtStatxForceSync, StatxBasicStats, memory) != 0)
            return 0;
        var stat = new ReadOnlySpan<byte>(memory, 256);
        changedAtMs = Math.Max(Milliseconds(stat[96..]), Milliseconds(stat[112..]));
        ulong stamp = 14695981039346656037;
        foreach (int at in (ReadOnlySpan<int>)[32, 40, 96, 112, 136])
            stamp = Mix(stamp, BitConverter.ToUInt64(stat[at..]));
        stamp = Mix(stamp, BitConverter.ToUInt32(stat[104..]));
        return Mix(stamp, BitConverter.ToUInt32(stat[120..])) | 1;
    }

    private static long Milliseconds(ReadOnlySpan<byte> time) => (BitConverter.ToInt64(time) * 1000) + (BitConverter.ToUInt32(time[8..]) / 1_000_000);

    // FNV-1a over 64-bit words, with a rotation so that high bits reach low ones.
    private static ulong Mix(ulong stamp, ulong word) => ulong.RotateLeft((stamp ^ word) * 1099511628211, 29);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(int folder, string path, int flags, uint mask, byte* stat);
}
