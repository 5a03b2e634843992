namespace Fastbridge.Core.Buffering;

/// <summary>
/// The log on disk: records numbered in order, appended to segment files, read back in order, and given up segment by segment once Kafka has them. What is
/// published was flushed to the disk itself before.
/// </summary>
/// <remarks>
/// Two threads: the writer stages, syncs, publishes (DiskLog.Writing.cs); the drain reads, sweeps, saves the cursor (DiskLog.Reading.cs). What both
/// touch is under <see cref="Gate"/>. No file of an earlier process, and none that a write or flush failed on, is appended to again.
/// </remarks>
internal sealed partial class DiskLog : IDisposable
{
    /// <summary>An eighth of the cap, so that space comes back in small steps; 64 MiB keeps thousands of files away, 64 KiB keeps headers small beside content.</summary>
    private const long SmallestSegment = 64 * 1024;
    private const long LargestSegment = 64 * 1024 * 1024;

    private readonly string _folder;
    private readonly long _maxBytes;
    private readonly long _segmentBytes;
    private readonly FileStream _lockFile;
    private readonly List<Segment> _segments = [];
    private long _bytes;
    private long _lostRecords;
    private long _damagedBytes;
    private readonly NumberSet _gone = new();
    private ulong _id;
    private uint _marker;
    private Cursor _cursor;

    private DiskLog(string folder, long maxBytes, FileStream lockFile)
    {
        _folder = folder;
        _maxBytes = maxBytes;
        _segmentBytes = Math.Clamp(maxBytes / 8, SmallestSegment, LargestSegment);
        _lockFile = lockFile;
    }

    /// <summary>Guards the list of segments and what their fields say it guards.</summary>
    public Lock Gate { get; } = new();

    public string Folder => _folder;

    /// <summary>Bytes on disk: segments, cursor, damaged bytes that were set aside. Any thread.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Records that cannot be read back: damaged, or gone with their file. Since this process began. Any thread.</summary>
    public long LostRecords => Volatile.Read(ref _lostRecords);

    /// <summary>Bytes that were damaged, since this process began. Any thread.</summary>
    public long DamagedBytes => Volatile.Read(ref _damagedBytes);

    /// <summary>What was found at the start and should be said, one line; null where nothing was.</summary>
    public string? Warning { get; private set; }

    /// <summary>Under the gate: the first number that the sink has not had.</summary>
    public long Next => _moved ? Math.Max(_drainSequence, _moveTo.Sequence + 1) : _drainSequence;

    /// <summary>Opens, or makes, the log in a folder and takes the folder for this process.</summary>
    /// <param name="maxBytes">Most bytes that it may take on disk, all of its files together.</param>
    /// <param name="create">Make the folder where it is missing.</param>
    /// <exception cref="BufferException">The folder cannot be used.</exception>
    public static DiskLog Open(string folder, long maxBytes, bool create)
    {
        var log = new DiskLog(folder, maxBytes, LogFolder.Lock(folder, create));
        try
        {
            log.Recover();
            return log;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Dispose();
            throw new BufferException($"buffer {folder}: {LogFolder.Reason(e)}; mend the folder or its disk, or name another folder in buffer.path");
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Records on disk that Kafka does not have, and how many files hold them. Any thread.</summary>
    public (long Records, int Segments) Count()
    {
        lock (Gate)
        {
            long records = 0;
            long next = Next;
            foreach (Segment segment in _segments)
            {
                if (segment.EndSequence > next)
                    records += Unsettled(Math.Max(segment.FirstSequence, next), segment.EndSequence);
                records += segment.Produced - segment.Settled;
            }

            return (records, _segments.Count);
        }
    }

    /// <summary>No file holds anything.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (Gate)
                return _segments.Count == 0;
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _file?.Dispose();
        _lockFile.Dispose();
    }

    /// <summary>Of a range that has not been drained, what the last process had not settled.</summary>
    private long Unsettled(long first, long end) => first >= _cursor.End ? end - first : _cursor.CountUnsettled(first, end);

    private void CountLost(long records) => Volatile.Write(ref _lostRecords, _lostRecords + records);

    private void Charge(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Removes a file of the log. Where that fails its bytes stay charged, so the cap holds all the same.</summary>
    private void Delete(Segment segment)
    {
        if (LogFolder.TryDelete(segment.Path))
            Charge(-segment.Charged);
    }
}
