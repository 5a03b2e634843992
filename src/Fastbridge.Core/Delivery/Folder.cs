using System.Runtime.InteropServices;

namespace Fastbridge.Core.Delivery;

/// <summary>Makes a new or renamed file's entry in its folder durable: fsync of the file alone does not.</summary>
internal static partial class Folder
{
    private const int ReadOnly = 0;
    private const int WriteAndSearch = 2 | 1;

    /// <summary>fsync of the folder. Does nothing on Windows, whose file systems keep their folders in a journal.</summary>
    /// <exception cref="IOException">The folder cannot be opened or flushed.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        int descriptor = Open(folder, ReadOnly); // .NET opens no folder as a file.
        if (descriptor < 0)
            throw new IOException($"{folder}: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            if (Sync(descriptor) != 0)
                throw new IOException($"{folder}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Whether this process may make files there, by rights and mount. Asked, not tried; on Windows taken for granted.</summary>
    public static bool MayWrite(string folder) => OperatingSystem.IsWindows() || Access(folder, WriteAndSearch) == 0;

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
