using System.Globalization;
using Fastbridge.Core.Delivery;
using Microsoft.Win32.SafeHandles;

namespace Fastbridge.Core.Buffering;

/// <summary>A log's folder: its file names, its lock, and what is wrong with it in words that help.</summary>
internal static class LogFolder
{
    public const string LockName = "lock";
    public const string DamagedSuffix = ".damaged";
    private const string SegmentSuffix = ".log";

    /// <summary>Only the bridge's own user may read what is buffered: payloads may be private.</summary>
    private const UnixFileMode FileRights = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static string SegmentPath(string folder, int number, ulong logId) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{number:D10}-{logId:x16}{SegmentSuffix}"));

    /// <summary>Number and log of a segment by its file's name; false for any other file.</summary>
    public static bool TryParse(string path, out int number, out ulong logId)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
        number = 0;
        logId = 0;
        return name.Length == 10 + 1 + 16 + SegmentSuffix.Length && name.EndsWith(SegmentSuffix) && name[10] == '-' &&
            int.TryParse(name[..10], NumberStyles.None, CultureInfo.InvariantCulture, out number) &&
            ulong.TryParse(name.Slice(11, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out logId);
    }

    /// <summary>The segments' paths, oldest first.</summary>
    public static List<string> Segments(string folder)
    {
        List<string> paths = [];
        foreach (string path in Directory.EnumerateFiles(folder))
        {
            if (TryParse(path, out _, out _))
                paths.Add(path);
        }

        paths.Sort(StringComparer.Ordinal);
        return paths;
    }

    /// <summary>Opens a file of the log for reading and writing, without a lock on it.</summary>
    public static SafeFileHandle Create(string path, FileMode mode)
    {
        SafeFileHandle file = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        if (OperatingSystem.IsWindows())
            return file;
        try
        {
            File.SetUnixFileMode(file, FileRights);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // FAT, as gateways' cards have it, knows no rights: those of its mount hold.
        }

        return file;
    }

    /// <summary>Takes the folder for this process. The lock ends with the process, however it ends.</summary>
    /// <param name="create">Make the folder where it is missing: the bridge's own state_dir. A folder that the user named must be there, or a disk that is not mounted would fill the one below.</param>
    /// <exception cref="BufferException">It cannot be used.</exception>
    public static FileStream Lock(string folder, bool create)
    {
        try
        {
            if (create && !Directory.Exists(folder))
                MakeFolder(folder);
            if (!Directory.Exists(folder))
            {
                throw new BufferException(File.Exists(folder)
                    ? $"buffer {folder}: is a file; name a folder in buffer.path"
                    : $"buffer {folder}: there is no such folder; make it (or mount its disk), and let the bridge's user write there");
            }

            return LockFile.Open(Path.Combine(folder, LockName));
        }
        catch (IOException e) when (LockFile.IsTaken(e))
        {
            throw new BufferException($"buffer {folder}: another process uses it; stop that one, or give each bridge and connector a folder of its own") { IsTaken = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BufferException($"buffer {folder}: {Reason(e)}; let the bridge's user write there, or name another folder in buffer.path");
        }
    }

    /// <summary>A buffer was here: its lock stays for ever. A folder without is another one, or where a disk is to be mounted.</summary>
    public static bool IsUsed(string folder) => File.Exists(Path.Combine(folder, LockName));

    /// <summary>A process has the folder. Takes no lock that could keep one from starting.</summary>
    public static bool IsLocked(string folder)
    {
        try
        {
            return LockFile.IsHeld(Path.Combine(folder, LockName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The folder is the log's, and its disk works: what fails there is one file's fault. A disk that was unmounted, or is gone, is waited for.</summary>
    public static bool Works(string folder) => IsUsed(folder) && (Probe(folder, out bool full) is null || full);

    /// <summary>Whether something can be written and kept. Null, or why not.</summary>
    public static string? Probe(string folder) => Probe(folder, out _);

    private static string? Probe(string folder, out bool full)
    {
        full = false;
        string path = Path.Combine(folder, "probe");
        try
        {
            using (SafeFileHandle file = Create(path, FileMode.Create))
            {
                RandomAccess.Write(file, new byte[4096], 0);
                RandomAccess.FlushToDisk(file);
            }

            File.Delete(path);
            Folder.Flush(folder);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(path);
            full = IsFull(e);
            return Reason(e);
        }
    }

    /// <summary>A file's length; 0 where it cannot be told.</summary>
    public static long LengthOf(string path)
    {
        try
        {
            return new FileInfo(path).Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    public static bool TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The system's words in one line, without the path that they repeat.</summary>
    public static string Reason(Exception e)
    {
        string text = e.Message.ReplaceLineEndings(" ").TrimEnd('.');
        int path = text.IndexOf(" : '", StringComparison.Ordinal);
        return path > 0 ? text[..path].TrimEnd('.') : text;
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, FileRights | UnixFileMode.UserExecute);
        if (Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder)) is { Length: > 0 } parent)
            Folder.Flush(parent);
    }

    /// <summary>ENOSPC, and EDQUOT of Linux and of macOS.</summary>
    private static bool IsFull(Exception e) => e.HResult is 28 or 122 or 69 or unchecked((int)0x80070070);
}
