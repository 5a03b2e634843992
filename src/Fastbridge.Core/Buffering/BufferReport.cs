using Microsoft.Win32.SafeHandles;

namespace Fastbridge.Core.Buffering;

/// <summary>What a buffer's folder holds, as its files tell it. A bridge may be at work there: files that go meanwhile are left out.</summary>
public sealed record BufferReport
{
    private long _covered;

    /// <summary>The folder.</summary>
    public required string Path { get; init; }

    /// <summary>Records that Kafka does not have, as far as the cursor knows: it is up to a second old while a bridge runs.</summary>
    public long Records { get; private set; }

    /// <summary>Bytes of all files of the buffer.</summary>
    public long Bytes { get; private set; }

    /// <summary>Files with records.</summary>
    public int Segments { get; private set; }

    /// <summary>When the oldest record in a file with any that Kafka does not have was received, UTC; null where there is none.</summary>
    public DateTimeOffset? OldestAt { get; private set; }

    /// <summary>Damaged pieces that were set aside, and their bytes.</summary>
    public int Damaged { get; private set; }

    /// <summary>Bytes of those pieces.</summary>
    public long DamagedBytes { get; private set; }

    /// <summary>Records that Kafka is not known to have and that are in no file: cut off or removed. Not told while a bridge runs, whose files come and go.</summary>
    public long Missing { get; private set; }

    /// <summary>The format of a file that a newer version wrote; 0 where there is none. Its records are not counted.</summary>
    public uint NewerVersion { get; private set; }

    /// <summary>A bridge has the folder now.</summary>
    public bool InUse { get; private set; }

    /// <summary>Looks at a folder; changes nothing there.</summary>
    /// <exception cref="BufferException">It is missing or cannot be read.</exception>
    public static BufferReport Read(string folder)
    {
        var report = new BufferReport { Path = folder };
        try
        {
            report.Fill(folder);
            return report;
        }
        catch (DirectoryNotFoundException)
        {
            throw new BufferException($"buffer {folder}: there is no such folder; nothing has been buffered there yet, or it is another one");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BufferException($"buffer {folder}: {LogFolder.Reason(e)}; run this as the bridge's user");
        }
    }

    private void Fill(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder))
        {
            long length = LogFolder.LengthOf(path);
            bool damaged = path.EndsWith(LogFolder.DamagedSuffix, StringComparison.Ordinal);
            if (damaged)
            {
                Damaged++;
                DamagedBytes += length;
            }

            if (damaged || LogFolder.TryParse(path, out _, out _) || path == CursorFile.PathOf(folder, 0) || path == CursorFile.PathOf(folder, 1))
                Bytes += length;
        }

        InUse = LogFolder.IsLocked(folder);
        Cursor? cursor = CursorFile.Load(folder);
        List<string> paths = LogFolder.Segments(folder);
        _covered = cursor is null ? -1 : 0;
        for (int i = 0; i < paths.Count; i++)
        {
            try
            {
                Add(paths[i], i + 1 < paths.Count ? paths[i + 1] : null, cursor);
            }
            catch (FileNotFoundException)
            {
                // Delivered while we looked.
            }
            catch (IOException)
            {
                Segments++;
                Damaged++; // The disk does not give it: the others are told all the same.
                DamagedBytes += LogFolder.LengthOf(paths[i]);
            }
        }

        if (cursor is { } known)
            Cover(cursor, known.LogId, known.End, known.End);
    }

    /// <summary>Numbers that the cursor knows, and that lie between the files.</summary>
    private void Cover(Cursor? cursor, ulong id, long first, long end)
    {
        if (!InUse && _covered >= 0 && first > _covered && cursor is { } known && known.LogId == id)
            Missing += known.CountUnsettled(_covered, first);
        _covered = Math.Max(_covered, end);
    }

    private void Add(string path, string? next, Cursor? cursor)
    {
        if (!LogFolder.TryParse(path, out int number, out ulong id))
            return;
        SegmentHeader? header = Header(path);
        long? end = next is not null && LogFolder.TryParse(next, out int after, out _) && after == number + 1 && Header(next) is { } following ? following.PreviousEnd : null;
        Segments++;
        using var reader = new SegmentReader();
        reader.Open(path, LogFormat.MarkerOf(id), LogFormat.HeaderLength);
        long length = LogFolder.LengthOf(path);
        long first = header?.FirstSequence ?? 0;
        bool any = false, told = end is not null && header is not null;
        for (FrameStatus status = reader.Next(length, out Frame frame); status is not FrameStatus.End; status = reader.Next(length, out frame))
        {
            if (status is FrameStatus.Damaged)
                continue;
            if (!any)
            {
                first = header?.FirstSequence ?? frame.Sequence;
                DateTimeOffset received = DateTimeOffset.FromUnixTimeMilliseconds(StoredRecord.TimestampOf(frame.Body));
                if (Unsettled(cursor, id, first, end ?? long.MaxValue) > 0 && (OldestAt is null || received < OldestAt))
                    OldestAt = received;
            }

            any = true;
            if (told)
                break; // The headers tell the rest.
            end = frame.Sequence + 1;
        }

        if (!any)
            return;
        Records += Unsettled(cursor, id, first, end ?? first);
        Cover(cursor, id, first, end ?? first);
    }

    private static long Unsettled(Cursor? cursor, ulong id, long first, long end) =>
        cursor is { } known && known.LogId == id ? known.CountUnsettled(first, end) : Math.Max(0, end - first);

    private SegmentHeader? Header(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> bytes = stackalloc byte[LogFormat.HeaderLength];
        int read = RandomAccess.Read(file, bytes, 0);
        if (LogFormat.IsNewer(bytes[..read], out uint version))
            NewerVersion = version;
        return LogFormat.TryReadHeader(bytes[..read], out SegmentHeader header) ? header : null;
    }
}
