using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Source;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Core.Config.Store;

/// <summary>
/// The file on disk: read whole, locked between processes, replaced whole. A symlink is followed and stays; mode and owner are kept. A crash at any instant
/// leaves the old file or the new one, and at most a temporary file that the next write removes.
/// </summary>
internal sealed class StoreFile
{
    /// <summary>Between two looks at a lock that another process holds; with jitter, so that many that wait do not look at once.</summary>
    private const int LeastPauseMs = 2;
    private const int MostPauseMs = 20;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly string _real;
    private readonly string _folder;
    private readonly string _name;

    /// <exception cref="StoreException">The path is none, or its symlinks run in a circle.</exception>
    public StoreFile(string path)
    {
        _path = path;
        try
        {
            _real = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            _real = Path.GetFullPath(path);
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            throw new StoreException($"{Shown.OneLine(path)}: {(path.Length == 0 ? "no file is named" : Reason(e))}; give the path of the connectors file", e);
        }

        _folder = Path.GetDirectoryName(_real) ?? "/";
        _name = Path.GetFileName(_real);
    }

    /// <summary>The bytes; null where there is no file.</summary>
    /// <exception cref="StoreException">It is there and cannot be read.</exception>
    public byte[]? Read()
    {
        if (!Path.Exists(_real) && (!Directory.Exists(_folder) || IsSeen()))
            return null;

        // A pipe would be waited on for ever, and neither it nor a device can be replaced.
        if (!Directory.Exists(_real) && FileOwner.Of(_real) is { IsRegular: false })
            throw new StoreException($"{Shown.OneLine(_path)}: is a pipe or a device; name the regular file that holds the connectors");
        return FileBytes.Read(_real, ConnectorsFile.MaxBytes, out string? fault) ?? throw new StoreException($"{Shown.OneLine(_path)}: {fault}");
    }

    /// <summary>Holds off other processes until disposed. The lock file stands beside the file and stays: to remove it would let two hold a lock at once.</summary>
    /// <exception cref="StoreException">Another process holds it for longer than <paramref name="wait"/>, or it cannot be made.</exception>
    public async Task<FileStream> LockAsync(TimeSpan wait, CancellationToken cancellation)
    {
        if (!Directory.Exists(_folder))
            throw new StoreException($"{Shown.OneLine(_path)}: there is no folder {Shown.Quote(_folder)}; make it first");
        string path = Path.Combine(_folder, $".{_name}.lock");
        FileOwner? owner = FileOwner.Of(_real);
        bool isNew = !File.Exists(path);
        UnixFileMode mode = !OperatingSystem.IsWindows() && File.Exists(_real) ? File.GetUnixFileMode(_real) | Private : Private;
        for (long begin = Environment.TickCount64; ;)
        {
            try
            {
                FileStream stream = LockFile.Open(path, mode);
                if (isNew)
                    LikeTheFile(stream, mode, owner);
                return stream;
            }
            catch (IOException e) when (LockFile.IsTaken(e))
            {
                if (Environment.TickCount64 - begin > wait.TotalMilliseconds)
                    throw new StoreException($"{Shown.OneLine(_path)}: another process has been changing it for {wait.TotalSeconds:0} s; look who holds {path}", e);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Unwritable(e);
            }

            await Task.Delay(Random.Shared.Next(LeastPauseMs, MostPauseMs), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Puts the bytes in place of the file, durably. To be called under the lock.</summary>
    /// <exception cref="StoreException">It could not be written; the file is as it was.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        string temporary = Path.Combine(_folder, $".{_name}.{Environment.ProcessId}-{Random.Shared.Next():x8}.tmp");
        try
        {
            RemoveLeftovers();
            bool exists = File.Exists(_real);
            if (exists)
                File.OpenHandle(_real, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose(); // a file that is read-only is meant to stay as it is
            FileOwner? owner = FileOwner.Of(_real);
            UnixFileMode mode = exists && !OperatingSystem.IsWindows() ? File.GetUnixFileMode(_real) : Private;
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = Private;
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(bytes);
                if (owner is not null && owner != FileOwner.Of(temporary) && !owner.TryApply(temporary))
                    throw new StoreException($"{Shown.OneLine(_path)}: belongs to {owner}, which this user could not keep; run the command as that user. Nothing was changed");
                if (!OperatingSystem.IsWindows())
                    File.SetUnixFileMode(stream.SafeFileHandle, mode);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, _real, overwrite: true);
        }
        catch (StoreException)
        {
            TryDelete(temporary);
            throw;
        }
        // ArgumentOutOfRangeException is what .NET makes of EFBIG, a limit on the size of files.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            TryDelete(temporary);
            throw Unwritable(e);
        }

        try
        {
            Folder.Flush(_folder);
        }
        catch (IOException e)
        {
            throw new StoreException($"{Shown.OneLine(_path)}: was written, but the disk did not confirm it ({Reason(e)}); look at the disk", e);
        }
    }

    /// <summary>Who may write the file may also take its lock: the file's owner, and its mode whatever the umask is.</summary>
    private static void LikeTheFile(FileStream locked, UnixFileMode mode, FileOwner? owner)
    {
        owner?.TryApply(locked.Name);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(locked.SafeFileHandle, mode);
    }

    /// <summary>The folder may be looked into, so that a file which is not seen is not there.</summary>
    private bool IsSeen()
    {
        try
        {
            using IEnumerator<string> entries = Directory.EnumerateFileSystemEntries(_folder).GetEnumerator();
            entries.MoveNext();
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private StoreException Unwritable(Exception e) => e is UnauthorizedAccessException
        ? new StoreException($"{Shown.OneLine(_path)}: it or its folder may not be written by this user; change owner or mode. Nothing was changed", e)
        : new StoreException($"{Shown.OneLine(_path)}: cannot be written: {Reason(e)}; a change needs room and a folder that can be written, and a file that is mounted by itself cannot be replaced. Nothing was changed", e);

    private static string Reason(Exception e) => Shown.OneLine(e.Message).TrimEnd('.');

    /// <summary>Temporary files of processes that died: under the lock nobody else has one.</summary>
    private void RemoveLeftovers()
    {
        foreach (string path in Directory.EnumerateFiles(_folder, ".*"))
        {
            string name = Path.GetFileName(path);
            if (name.StartsWith($".{_name}.", StringComparison.Ordinal) && name.EndsWith(".tmp", StringComparison.Ordinal))
                TryDelete(path);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It holds nothing that counts, and the next write tries again.
        }
    }
}
