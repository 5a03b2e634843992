using Microsoft.Win32.SafeHandles;

namespace Fastbridge.Core.Buffering;

/// <content>The writer's side: stage many, sync once, publish.</content>
internal sealed partial class DiskLog
{
    /// <summary>What one system call writes. Larger records get an array of their own for the while.</summary>
    private const int StagingSize = 256 * 1024;

    private readonly List<Segment> _unpublished = [];
    private byte[] _staging = [];
    private int _staged;
    private long _fileOffset;
    private SafeFileHandle? _file;
    private Segment? _current;
    private int _number;
    private long _next = 1;
    private long _published = 1;
    private bool _folderChanged;

    /// <summary>Takes a record into the batch. False where the cap leaves no room for it: nothing has changed then.</summary>
    /// <exception cref="IOException">The disk failed or is full: <see cref="Abandon"/> and begin the batch again.</exception>
    public bool TryStage(ReadOnlySpan<byte> body, out LogPlace place)
    {
        place = default;
        int length = LogFormat.FrameLength(body.Length);
        bool rotate = _current is null || (_current.WrittenLength > LogFormat.HeaderLength && _current.WrittenLength + length > _segmentBytes);
        long cursors = CursorGrowth; // Before the bytes: by how much a cursor grows in between counts twice then, not never.
        if (cursors + Bytes + length + (rotate ? LogFormat.HeaderLength : 0) > _maxBytes)
            return false;
        if (rotate)
            Rotate();
        if (length > _staging.Length - _staged)
            Flush();
        if (length > _staging.Length)
            _staging = new byte[Math.Max(length, StagingSize)];
        LogFormat.WriteFrame(_staging.AsSpan(_staged), _marker, _next, body);
        _staged += length;
        _current!.WrittenLength += length;
        _current.WrittenEnd = ++_next;
        _current.Charged += length;
        Charge(length);
        place = new LogPlace(_current, _next - 1, _current.WrittenLength);
        return true;
    }

    /// <summary>Writes what is staged and waits until the disk itself has it.</summary>
    /// <exception cref="IOException">As with <see cref="TryStage"/>.</exception>
    public void Sync()
    {
        Flush();
        if (_file is not null)
            RandomAccess.FlushToDisk(_file);
        if (_folderChanged)
            Delivery.Folder.Flush(_folder);
        _folderChanged = false;
        if (_staging.Length > StagingSize)
            _staging = [];
    }

    /// <summary>Under the gate, after <see cref="Sync"/>: the batch may be read.</summary>
    /// <param name="produced">The last of its records that the sink has already, if any; the drain goes on behind it.</param>
    public void Publish(in LogPlace produced)
    {
        if (produced.Segment is not null)
        {
            _moveTo = produced;
            Volatile.Write(ref _moved, true); // Before the lengths: the drain looks at it after them.
        }

        foreach (Segment segment in _unpublished)
        {
            if (segment.Length == 0)
                _segments.Add(segment);
            segment.EndSequence = segment.WrittenEnd;
            segment.Length = segment.WrittenLength;
            segment.Closed = segment != _current;
        }

        _unpublished.Clear();
        if (_current is not null)
            _unpublished.Add(_current);
        _published = _next;
    }

    /// <summary>
    /// Forgets the batch after an error. The file is not appended to again: after a failed flush nobody knows which of its pages are on disk, and a
    /// second flush would say that all is well.
    /// </summary>
    public void Abandon()
    {
        _file?.Dispose();
        _file = null;
        _current = null;
        _staged = 0;
        _next = _published;
        lock (Gate)
        {
            foreach (Segment segment in _unpublished)
            {
                long uncharged = segment.Charged - segment.Length;
                if (segment.Length == 0 ? LogFolder.TryDelete(segment.Path) : TryCut(segment))
                {
                    segment.Charged -= uncharged;
                    Charge(-uncharged);
                }

                segment.WrittenLength = segment.Length;
                segment.WrittenEnd = segment.EndSequence;
                segment.Closed = true;
            }
        }

        _unpublished.Clear();
    }

    /// <summary>Ends the file being written, so that it can be given up when Kafka has all of it. The writer's, or while it rests; between two batches.</summary>
    /// <returns>False where there was none.</returns>
    public bool CloseCurrent()
    {
        if (_current is null)
            return false;
        lock (Gate)
            _current.Closed = true;
        _file!.Dispose();
        _file = null;
        _current = null;
        _unpublished.Clear();
        _staging = [];
        return true;
    }

    /// <summary>Goes over to another file where the drain cannot read the one being written. The writer's, between two batches.</summary>
    public void LeaveFaulty()
    {
        if (_current is { Faulty: true })
            CloseCurrent();
    }

    /// <summary>
    /// Gives up the oldest file of which nothing has been handed to the sink, to make room.
    /// </summary>
    /// <returns>How many records that cost; 0 where there is no such file.</returns>
    public long DropOldest()
    {
        Segment? oldest = null;
        long records = 0;
        lock (Gate)
        {
            for (int i = 0; i < _segments.Count && oldest is null; i++)
            {
                Segment segment = _segments[i];
                if (segment.Closed && segment.Produced == 0 && (_drain is null || segment.Number > _drain.Number))
                    oldest = segment;
            }

            if (oldest is null)
                return 0;
            records = Unsettled(oldest.FirstSequence, oldest.EndSequence);
            _gone.Add(oldest.FirstSequence, oldest.EndSequence);
            _segments.Remove(oldest);
        }

        Delete(oldest);
        return Math.Max(records, 1); // A file without an unsettled record would have been swept; what was damaged in it is not known.
    }

    private void Flush()
    {
        if (_staged == 0)
            return;
        RandomAccess.Write(_file!, _staging.AsSpan(0, _staged), _fileOffset);
        _fileOffset += _staged;
        _staged = 0;
    }

    private void Rotate()
    {
        if (_current is not null)
        {
            Flush();
            RandomAccess.FlushToDisk(_file!);
            _file!.Dispose();
            _file = null;
        }

        string path = LogFolder.SegmentPath(_folder, ++_number, _id);
        _current = new Segment(path, _number, _next) { Charged = LogFormat.HeaderLength };
        _file = LogFolder.Create(path, FileMode.CreateNew);
        _unpublished.Add(_current);
        Charge(LogFormat.HeaderLength);
        _folderChanged = true;
        Span<byte> header = stackalloc byte[LogFormat.HeaderLength];
        LogFormat.WriteHeader(header, new SegmentHeader(_id, _next, _next, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()));
        RandomAccess.Write(_file, header, 0);
        _fileOffset = LogFormat.HeaderLength;
    }

    private static bool TryCut(Segment segment)
    {
        try
        {
            using SafeFileHandle file = LogFolder.Create(segment.Path, FileMode.Open);
            RandomAccess.SetLength(file, segment.Length);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Its tail is known to be superseded: the next file says where this one ended.
        }
    }
}

/// <summary>Where a record stands on disk.</summary>
/// <param name="End">The offset behind it.</param>
internal readonly record struct LogPlace(Segment Segment, long Sequence, long End);
