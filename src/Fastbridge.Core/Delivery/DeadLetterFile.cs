using System.Buffers;

namespace Fastbridge.Core.Delivery;

/// <summary>
/// The bounded file of what Kafka can never take: one JSON object a line, on disk (fsync) before the message is acknowledged. When it is full
/// nothing more goes in, and the connector holds: what is not safe is not acknowledged.
/// </summary>
/// <remarks>Used by one thread at a time. The file is opened for each entry: entries are rare, and an operator may move the file away to make room.</remarks>
internal sealed class DeadLetterFile(string path, long maxBytes = DeadLetterFile.DefaultMaxBytes)
{
    /// <summary>64 MiB: days of occasional bad messages, and small beside a gateway's disk.</summary>
    public const long DefaultMaxBytes = 64 * 1024 * 1024;

    public string Path => path;

    /// <summary>Puts a record away. Null when it is on disk, else why not: one line with the remedy.</summary>
    public string? TryAppend(string connector, RetainedRecord record, DateTimeOffset now)
    {
        TryAppend(connector, [record], now, out string? trouble);
        return trouble;
    }

    /// <summary>Puts records away in their order, with one fsync.</summary>
    /// <param name="trouble">Null when all are on disk, else why not: one line with the remedy.</param>
    /// <returns>How many, from the first, are on disk.</returns>
    public int TryAppend(string connector, List<RetainedRecord> records, DateTimeOffset now, out string? trouble)
    {
        trouble = null;
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            using FileStream held = Lock(path);
            bool created = !File.Exists(path);
            int count = 0;
            using (var file = new FileStream(path, Options(FileMode.OpenOrCreate, FileShare.Read)))
            {
                CutTornTail(file);
                file.Seek(0, SeekOrigin.End);
                long start = file.Length;
                try
                {
                    count = Append(file, connector, records, now, out trouble);
                    file.Flush(flushToDisk: true);
                }
                catch (IOException)
                {
                    file.SetLength(start); // None of them counts, so none may stay: they are appended again.
                    throw;
                }
            }

            if (created)
                Folder.Flush(System.IO.Path.GetDirectoryName(path)!);
            return count;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            trouble = $"{path}: the dead letter cannot be written: {e.Message.TrimEnd('.')}; free the disk or mend the folder's rights, and the connector goes on";
            return 0;
        }
    }

    private int Append(FileStream file, string connector, List<RetainedRecord> records, DateTimeOffset now, out string? trouble)
    {
        trouble = null;
        var line = new ArrayBufferWriter<byte>(1024);
        long size = file.Length;
        for (int count = 0; count < records.Count; count++)
        {
            line.ResetWrittenCount();
            DeadLetterFormat.Write(line, connector, records[count], now);
            line.Write("\n"u8);
            if (size + line.WrittenCount > maxBytes)
            {
                trouble = $"{path}: the dead-letter file is full ({size:N0} of {maxBytes:N0} bytes); replay it or move it away, and the connector goes on";
                return count;
            }

            file.Write(line.WrittenSpan);
            size += line.WrittenCount;
        }

        return records.Count;
    }

    /// <summary>
    /// Keeps bridge and command apart while one of them changes the file: a file beside it, for the file itself is replaced. It is never removed, or two could each hold one.
    /// </summary>
    /// <exception cref="IOException">Another process holds it, or it cannot be made.</exception>
    internal static FileStream Lock(string path) => LockFile.Open(path + ".lock");

    /// <summary>A crash, or a full disk, may have left half a line: the next entry must not be glued to it.</summary>
    private static void CutTornTail(FileStream file)
    {
        if (file.Length == 0)
            return;
        file.Seek(-1, SeekOrigin.End);
        if (file.ReadByte() == '\n')
            return;
        Span<byte> block = stackalloc byte[4096];
        long end = file.Length;
        while (end > 0)
        {
            int size = (int)Math.Min(block.Length, end);
            file.Seek(end - size, SeekOrigin.Begin);
            file.ReadExactly(block[..size]);
            int newline = block[..size].LastIndexOf((byte)'\n');
            if (newline >= 0)
            {
                end = end - size + newline + 1;
                break;
            }

            end -= size;
        }

        file.SetLength(end);
    }

    internal static FileStreamOptions Options(FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // Payloads may be private.
        return options;
    }
}
