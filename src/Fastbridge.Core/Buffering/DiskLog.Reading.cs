namespace Fastbridge.Core.Buffering;

/// <content>The drain's side: read in order, count what is missing, give space back, remember how far it got.</content>
internal sealed partial class DiskLog
{
    private readonly SegmentReader _reader = new();
    private readonly List<Segment> _finished = [];
    private Segment? _drain;
    private long _drainSequence = 1;
    private long _drainEnd;
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
                    Volatile.Write(ref _damagedBytes, _damagedBytes + _reader.Position - _reader.DamageStart);
                    if (!_drain.Faulty) // Else the file itself is kept.
                        SetAside(_reader, _drain.Path, _reader.DamageStart, _reader.Position, end);
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

    /// <summary>Removes the files that Kafka has all of, where no cursor is kept. True where that made room.</summary>
    public bool Sweep()
    {
        bool any = TakeFinished();
        DeleteFinished();
        return any;
    }

    /// <summary>
    /// Takes the files that Kafka has all of out of the log. They are to be removed when the cursor that knows it is on disk: else the next process would find a gap
    /// that nothing explains. False where there is none.
    /// </summary>
    public bool TakeFinished()
    {
        while (Finished() is { } segment)
            _finished.Add(segment);
        return _finished.Count > 0;
    }

    /// <summary>Removes them.</summary>
    public void DeleteFinished()
    {
        foreach (Segment segment in _finished)
        {
            if (segment.Faulty)
                KeepFaulty(segment);
            else
                Delete(segment);
        }

        _finished.Clear();
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
                Enter(segment, LogFormat.HeaderLength);
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
            if (_drain != _moveTo.Segment || _drain.Unreadable)
                Enter(_moveTo.Segment, _moveTo.End);
            else
                _reader.Seek(_moveTo.End);
            _drain = _moveTo.Segment;
            _drainEnd = _drain.Closed ? _drain.EndSequence : long.MaxValue;
            Volatile.Write(ref _drainSequence, _moveTo.Sequence + 1);
            Volatile.Write(ref _moved, false);
        }
    }

    /// <summary>The record of the last <see cref="TryRead"/> cannot be understood. It counts as lost.</summary>
    public void CountUnreadable() => CountLost(1);

    private void CountMissing(long upTo)
    {
        if (upTo > _drainSequence)
            CountLost(Unsettled(_drainSequence, upTo));
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
