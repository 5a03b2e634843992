using Fastbridge.Core.Delivery;

namespace Fastbridge.Core.Live;

/// <summary>Writes a small file of state_dir so that a crash at any instant leaves the old one or the new one. One writer a path at a time.</summary>
internal static class WholeFile
{
    /// <summary>Temporary file in the same folder, fsync, rename, fsync of the folder. Readable by its owner alone.</summary>
    /// <exception cref="IOException">The folder cannot be written, or the disk is full; the old file stands.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        string temporary = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(temporary, options))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        Folder.Flush(Path.GetDirectoryName(path)!);
    }
}
