namespace Fastbridge.Core.Buffering;

/// <content>The cursor: what the next process must know of this one.</content>
internal sealed partial class DiskLog
{
    /// <summary>Sixteen ranges, at one a file of the log: as many as a full log has, and some that errors cut short.</summary>
    private static readonly long CursorReserve = CursorFile.LengthOf(16);

    private readonly long[] _cursorCharged = new long[2];

    /// <summary>What the two cursor files may still grow by: a log that is full of records has room for them.</summary>
    private long CursorGrowth => Math.Max(0, CursorReserve - Volatile.Read(ref _cursorCharged[0])) + Math.Max(0, CursorReserve - Volatile.Read(ref _cursorCharged[1]));

    /// <summary>Under the gate: changes with every batch that was flushed.</summary>
    public long Published => _published;

    /// <summary>Remembers how far the log has been delivered, and how far it was flushed.</summary>
    /// <param name="next"><see cref="Next"/>, asked under the same hold of the gate as <paramref name="unsettled"/>, or a record between the two would count as settled.</param>
    /// <param name="unsettled">The numbers that the sink has and Kafka has not, in any order; sorted here.</param>
    /// <exception cref="IOException">It cannot be written; only repeats are at stake.</exception>
    public void SaveCursor(long next, long[] unsettled, bool sync)
    {
        Array.Sort(unsettled);
        var ranges = new NumberSet();
        foreach (long sequence in unsettled)
            ranges.Add(sequence, sequence + 1);
        var files = new NumberSet();
        long end, flushed = 0;
        int newest = 0;
        lock (Gate)
        {
            end = Math.Max(_published, _cursor.End);
            ranges.AddFrom(_cursor.Unsettled, next); // A replay is under way: what the process before knew still holds for the rest.
            ranges.Add(Math.Max(next, _cursor.End), end);
            _gone.Remove(0, next);
            ranges.Remove(_gone);
            foreach (Segment segment in _segments)
            {
                if (ranges.Count(segment.FirstSequence, segment.EndSequence) > 0)
                    files.Add(segment.FirstSequence, segment.EndSequence);
            }

            if (_segments.Count > 0)
                (newest, flushed) = (_segments[^1].Number, _segments[^1].Length);
        }

        long generation = _cursor.Generation + 1;
        ref long charged = ref _cursorCharged[generation & 1];
        long other = Math.Max(0, CursorReserve - _cursorCharged[(generation + 1) & 1]);
        if (Bytes - charged + other + CursorFile.LengthOf(ranges.Ranges) > _maxBytes && ranges.Ranges > 1)
            ranges = files; // Whole files: it costs repeats. Numbers that are in no file must not come back, or the next start would count them as lost.
        CursorFile.Save(_folder, new Cursor(generation, _id, end, newest, flushed, ranges), sync);
        _cursor = _cursor with { Generation = generation };
        Charge(CursorFile.LengthOf(ranges.Ranges) - charged);
        Volatile.Write(ref charged, CursorFile.LengthOf(ranges.Ranges));
    }
}
