namespace Fastbridge.Core.Buffering;

/// <content>The drain's side: read in order, count what is missing, give space back, remember how far it got.</content>
internal sealed partial class DiskLog
{
    /// <summary>Of the cap, what damaged bytes may take: they are for a look, and must not crowd out what can be saved.</summary>
    private const int DamagedShare = 8;

    private readonly SegmentReader _reader = new();
    private readonly long[] _cursorCharged = new long[2];
    private Segment? _drain;
    private long _drainSequence = 1;
    private long _drainEnd;
    private long _setAside;
    private LogPlace _moveTo;
    private bool _moved;

    /// <summary>The next record that the sink has not had. False where there is none now.</summary>
    /// <exception cref="IOException">The disk cannot be read.</exception>
    public bool TryRead(out LogRecord record)
    {
        record = default;
        while (true)
        {
            if (_drain is null && !MoveOn())
                return false;
            long end = _drain!.Length;
            if (Volatile.Read(ref _moved))
            {
                Jump();
                continue;
            }

            switch (_reader.Next(end, out Frame frame))
            {
                case FrameStatus.Damaged:
                    SetAside(_drain, _reader.DamageStart, _reader.Position, end);
                    continue;
                case FrameStatus.End when !MoveOn():
                    return false;
                case FrameStatus.End:
                    continue;
            }

            if (frame.Sequence >= _drainEnd)
            {
                _reader.Seek(end); // Written, never flushed, and written again to the next file.
                continue;
            }

            CountMissing(frame.Sequence);
            Volatile.Write(ref _drainSequence, frame.Sequence + 1);
            if (_cursor.IsSettled(frame.Sequence))
                continue;
            record = new LogRecord { Segment = _drain, Sequence = frame.Sequence, Body = frame.Body };
            return true;
        }
    }

    /// <summary>Puts the record of the last <see cref="TryRead"/> back: the sink did not take it.</summary>
    public void Unread(in LogRecord record)
    {
        _reader.Seek(_reader.Position - LogFormat.FrameLength(record.Body.Length));
        Volatile.Write(ref _drainSequence, record.Sequence);
    }

    /// <summary>Removes the files that Kafka has all of. True where that made room.</summary>
    public bool Sweep()
    {
        bool any = false;
        while (Finished() is { } segment)
        {
            Delete(segment);
            any = true;
        }

        return any;
    }

    /// <summary>Remembers how far the log has been delivered.</summary>
    /// <param name="next"><see cref="Next"/>, asked under the same hold of the gate as <paramref name="unsettled"/>, or a record between the two would count as settled.</param>
    /// <param name="unsettled">The numbers that the sink has and Kafka has not, in any order; sorted here.</param>
    /// <exception cref="IOException">It cannot be written; only repeats are at stake.</exception>
    public void SaveCursor(long next, long[] unsettled, bool sync)
    {
        if (next < _cursor.Next)
        {
            // A replay is under way, and what the process before knew still holds for the rest.
            int known = unsettled.Length;
            ReadOnlySpan<long> before = _cursor.Unsettled.Span;
            int from = before.BinarySearch(next);
            before = before[(from < 0 ? ~from : from)..];
            Array.Resize(ref unsettled, known + before.Length);
            before.CopyTo(unsettled.AsSpan(known));
            next = _cursor.Next;
        }

        Array.Sort(unsettled);
        long generation = _cursor.Generation + 1;
        ref long charged = ref _cursorCharged[generation & 1];
        if (Bytes - charged + CursorFile.LengthOf(unsettled.Length) > _maxBytes && unsettled.Length > 0)
        {
            next = unsettled[0];
            unsettled = [];
        }

        CursorFile.Save(_folder, new Cursor(generation, _id, next, unsettled), sync);
        _cursor = _cursor with { Generation = generation };
        Charge(CursorFile.LengthOf(unsettled.Length) - charged);
        charged = CursorFile.LengthOf(unsettled.Length);
    }

    /// <summary>The next file, if there is one. What the one before should have held to its end and did not is lost.</summary>
    private bool MoveOn()
    {
        lock (Gate)
        {
            foreach (Segment segment in _segments)
            {
                if (_drain is not null && segment.Number <= _drain.Number)
                    continue;
                if (_drain is { } left && _reader.Position < left.Length)
                    return true; // More came since the look.
                _reader.Open(segment.Path, _marker, LogFormat.HeaderLength);
                if (_drain is not null)
                    CountMissing(_drain.EndSequence);
                _drain = segment;
                _drainEnd = segment.Closed ? segment.EndSequence : long.MaxValue;
                Volatile.Write(ref _drainSequence, Math.Max(segment.FirstSequence, 0));
                return true;
            }

            return false;
        }
    }

    /// <summary>Goes on behind records that were produced before they were written.</summary>
    private void Jump()
    {
        lock (Gate)
        {
            if (_drain != _moveTo.Segment)
                _reader.Open(_moveTo.Segment.Path, _marker, _moveTo.End);
            else
                _reader.Seek(_moveTo.End);
            _drain = _moveTo.Segment;
            _drainEnd = _drain.Closed ? _drain.EndSequence : long.MaxValue;
            Volatile.Write(ref _drainSequence, _moveTo.Sequence + 1);
            Volatile.Write(ref _moved, false);
        }
    }

    /// <summary>The record of the last <see cref="TryRead"/> cannot be understood. It counts as lost.</summary>
    public void CountUnreadable() => Volatile.Write(ref _lostRecords, _lostRecords + 1);

    private void CountMissing(long upTo)
    {
        for (long sequence = _drainSequence; sequence < upTo; sequence++)
        {
            if (!_cursor.IsSettled(sequence))
                Volatile.Write(ref _lostRecords, _lostRecords + 1);
        }
    }

    /// <summary>Keeps damaged bytes for a look, once: after a restart the same damage is met again.</summary>
    private void SetAside(Segment segment, long start, long end, long limit)
    {
        Volatile.Write(ref _damagedBytes, _damagedBytes + end - start);
        string path = $"{segment.Path}.{start}{LogFolder.DamagedSuffix}";
        if (_setAside + end - start > _maxBytes / DamagedShare || Bytes + end - start > _maxBytes || File.Exists(path))
            return;
        try
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle file = LogFolder.Create(path, FileMode.Create);
            const int Step = 64 * 1024;
            for (long at = start; at < end; at += Step)
                RandomAccess.Write(file, _reader.Raw(at, (int)Math.Min(Step, end - at), limit), at - start);
            _setAside += end - start;
            Charge(end - start);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogFolder.TryDelete(path); // The bytes stay in the segment until it is done with; the count tells of them.
        }
    }

    private Segment? Finished()
    {
        lock (Gate)
        {
            for (int i = 0; i < _segments.Count; i++)
            {
                Segment segment = _segments[i];
                bool drained = _drain is not null && (segment.Number < _drain.Number || (segment == _drain && !_moved && _reader.Position >= segment.Length));
                if (!segment.Closed || !drained || segment.IsOutstanding)
                    continue;
                if (segment == _drain)
                {
                    CountMissing(segment.EndSequence);
                    Volatile.Write(ref _drainSequence, Math.Max(_drainSequence, segment.EndSequence));
                    _reader.Dispose(); // An open file keeps its space.
                }

                _segments.RemoveAt(i);
                return segment;
            }

            return null;
        }
    }
}

/// <summary>One record read back; the body is valid until the next read.</summary>
internal readonly ref struct LogRecord
{
    public Segment Segment { get; init; }

    public long Sequence { get; init; }

    public ReadOnlySpan<byte> Body { get; init; }
}
