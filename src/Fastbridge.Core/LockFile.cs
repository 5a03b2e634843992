using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fastbridge.Core;

/// <summary>
/// A file that one process at a time has open; the operating system lets go of it when the process ends, however it ends. The file is never removed: a second process would
/// lock another file of the same name.
/// </summary>
/// <remarks>
/// The lock is flock, taken here: .NET's FileShare.None is one only where the runtime's file locking is on, and in silence none where the file system has no locks. On
/// Windows FileShare.None is the system's own.
/// </remarks>
internal static partial class LockFile
{
    // EWOULDBLOCK of Linux and of macOS; ERROR_SHARING_VIOLATION.
    private const int Linux = 11;
    private const int MacOs = 35;
    private const int Windows = unchecked((int)0x80070020);

    private const int Interrupted = 4;
    private const int Shared = 1;
    private const int Exclusive = 2;
    private const int WithoutWaiting = 4;

    /// <summary>Opens and locks a file, which is made where it is missing, readable by its owner alone; the stream's end frees it.</summary>
    /// <param name="mode">The rights of a file that is made, where its owner's are not enough.</param>
    /// <exception cref="IOException">Taken, see <see cref="IsTaken"/>; or it cannot be opened, or its file system keeps no locks.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static FileStream Open(string path, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        var file = new FileStream(path, options);
        try
        {
            Lock(file.SafeFileHandle, path, Exclusive);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        return file;
    }

    /// <summary>Another process, or another part of this one, has the file. Holds it shared for the instant of the look.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static bool IsHeld(string path)
    {
        try
        {
            using var look = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            Lock(look.SafeFileHandle, path, Shared);
            return false;
        }
        catch (IOException e) when (IsTaken(e))
        {
            return true;
        }
    }

    public static bool IsTaken(IOException e) => e.HResult is Linux or MacOs or Windows;

    private static void Lock(SafeFileHandle file, string path, int how)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return;
        while (Flock(file, how | WithoutWaiting) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == Interrupted)
                continue;
            string why = Marshal.GetPInvokeErrorMessage(error);
            throw error is Linux or MacOs
                ? new IOException($"{path}: another process holds it", error)
                : new IOException($"{path}: its file system keeps no locks between processes ({why}); put it on one that does");
        }
    }

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle file, int operation);
}
