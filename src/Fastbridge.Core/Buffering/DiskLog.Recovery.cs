using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Fastbridge.Core.Buffering;

/// <content>The start: what an earlier process left. Only the newest file is read whole; damage elsewhere is met when it is drained.</content>
internal sealed partial class DiskLog
{
    private long _covered = -1;
    private long _gap;

    private void Recover()
    {
        LogFolder.TryDelete(Path.Combine(_folder, "probe"));
        List<string> paths = LogFolder.Segments(_folder);
        Cursor? known = CursorFile.Load(_folder);
        _id = IdOf(paths, known) ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
        _marker = LogFormat.MarkerOf(_id);
        if (paths.Count == 0 && known is { } last && last.CountUnsettled(0, last.End) is > 0 and var all)
        {
            CountLost(all);
            Warn($"{_folder}: no file is left of {all} records that Kafka is not known to have: somebody removed them");
        }

        _cursor = known is { } cursor && cursor.LogId == _id ? cursor : new Cursor(0, _id, 0, 0, 0, new NumberSet());
        if (_cursor.Generation > 0)
        {
            _covered = 0;
        }
        else
        {
            // Another log's: left there, it would hide this one's behind its higher generation.
            LogFolder.TryDelete(CursorFile.PathOf(_folder, 0));
            LogFolder.TryDelete(CursorFile.PathOf(_folder, 1));
        }

        foreach (string path in Directory.EnumerateFiles(_folder))
            ChargeForeign(path);

        List<Found> found = [];
        foreach (string path in paths)
        {
            if (LogFolder.TryParse(path, out int number, out ulong id) && id == _id)
            {
                found.Add(Look(path, number));
                _number = number;
                continue;
            }

            SetAsideWhole(path, "belongs to another log");
        }

        for (int i = 0; i < found.Count; i++)
            Adopt(found[i], i + 1 < found.Count ? found[i + 1] : null);
        CoverTo(_cursor.End);
        if (_gap > 0)
            Warn($"{_folder}: {_gap} records that Kafka is not known to have are in no file any more: damaged, cut off, or removed by somebody; they count as damaged");
        _next = Math.Max(_next, _cursor.End);
        _published = _next;
        Volatile.Write(ref _drainSequence, _segments.Count > 0 ? _segments[0].FirstSequence : _next);
        if (LogFolder.Probe(_folder) is not { } trouble)
            return;
        if (_segments.Count == 0)
            throw new BufferException($"buffer {_folder}: nothing can be written there ({trouble}); free its disk or mend the folder's rights, or name another folder in buffer.path");
        Warn($"nothing can be written to {_folder} now ({trouble}); what it holds is delivered, new messages are held back");
    }

    /// <summary>
    /// The log's own number. The cursor tells; else it is that of most files: one foreign file, put there by whomever, must not evict the rest, whatever it is called.
    /// </summary>
    private static ulong? IdOf(List<string> paths, Cursor? cursor)
    {
        ulong? best = null;
        int most = 0;
        ulong counted = 0;
        foreach (string path in paths)
        {
            if (!LogFolder.TryParse(path, out _, out ulong id) || (best is not null && id == counted))
                continue;
            if (cursor is { } known && known.LogId == id)
                return id;
            counted = id;
            int files = 0;
            foreach (string other in paths)
                files += LogFolder.TryParse(other, out _, out ulong its) && its == id ? 1 : 0;
            if (files >= most)
                (best, most) = (id, files);
        }

        return best;
    }

    /// <summary>What a file says of itself. One that cannot be read is no reason not to start.</summary>
    private Found Look(string path, int number)
    {
        byte[] bytes = new byte[LogFormat.HeaderLength];
        long length = 0;
        int read;
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            length = RandomAccess.GetLength(file);
            read = RandomAccess.Read(file, bytes, 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Found(path, number, length, null, LogFolder.Reason(e));
        }

        if (LogFormat.IsNewer(bytes.AsSpan(0, read), out uint version))
        {
            throw new BufferException(
                $"buffer {_folder}: {Path.GetFileName(path)} was written by a newer version of fastbridge (format {version}, this one reads {LogFormat.Version}); run that version, or name another folder in buffer.path");
        }

        bool whole = LogFormat.TryReadHeader(bytes.AsSpan(0, read), out SegmentHeader header) && header.LogId == _id;
        return new Found(path, number, length, whole ? header : null, null);
    }

    /// <summary>Takes a file into the log, or removes it where Kafka has all of it.</summary>
    private void Adopt(Found file, Found? next)
    {
        long length = file.Length;
        long flushed = next is null && _cursor.Newest == file.Number ? _cursor.Flushed : 0;
        long? first = file.Header?.FirstSequence;
        long? end = next is { Header: { } after } && next.Number == file.Number + 1 ? after.PreviousEnd : null;
        if (first is null || end is null || end < first)
        {
            if (Scan(file) is not { } scanned)
            {
                Refuse(file, next is null, flushed);
                return;
            }

            first ??= scanned.First;
            end = Math.Max(end ?? 0, scanned.End);
            if (next is null)
                length = scanned.Length;
        }

        CoverTo(first.Value);
        var segment = new Segment(file.Path, file.Number, first.Value) { EndSequence = end!.Value, Closed = true, Charged = file.Length, Length = length };
        try
        {
            if (next is null)
                MendEnd(segment, file.Length, flushed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Warn($"{file.Path}: its end is not whole, and cannot be mended ({LogFolder.Reason(e)})"); // It is not read behind its last whole record.
        }

        _covered = Math.Max(_covered, segment.EndSequence);
        _next = Math.Max(_next, segment.EndSequence);
        Charge(segment.Charged);
        if (Unsettled(segment.FirstSequence, segment.EndSequence) == 0)
            Delete(segment);
        else
            _segments.Add(segment);
    }

    /// <summary>
    /// Numbers between two files, or before the first or behind the last where the cursor knows of some: what Kafka is not known to have of them was given up by nobody,
    /// and is lost. Counted once: the next cursor leaves them out.
    /// </summary>
    private void CoverTo(long number)
    {
        if (_covered >= 0 && number > _covered && Unsettled(_covered, number) is > 0 and var lost)
        {
            CountLost(lost);
            _gap += lost;
            _gone.Add(_covered, number);
        }

        _covered = Math.Max(_covered, number);
    }

    /// <summary>A file without one whole record.</summary>
    private void Refuse(Found file, bool newest, long flushed)
    {
        bool written = !newest || flushed > LogFormat.HeaderLength || file.Trouble is not null;
        if (!written && (file.Length <= LogFormat.HeaderLength || IsTornFirst(file)))
        {
            if (LogFolder.TryDelete(file.Path))
                Warn($"{file.Path}: removed; its first record was never finished, or, if somebody emptied the file, nothing tells");
            return;
        }

        if (!newest && _covered < 0)
            CountLost(1); // The first of all, and nothing says how many it had.
        SetAsideWhole(file.Path, file.Trouble is { } trouble ? $"cannot be read ({trouble})" : flushed > file.Length ? $"was cut from {flushed} bytes to {file.Length}" : "has no whole record");
    }

    private bool IsTornFirst(Found file)
    {
        using var reader = new SegmentReader();
        reader.Open(file.Path, _marker, LogFormat.HeaderLength);
        reader.Tolerant = true;
        return IsTorn(reader, LogFormat.HeaderLength, file.Length);
    }

    /// <summary>First number, end and the length up to the last whole record; null where there is none.</summary>
    private (long First, long End, long Length)? Scan(Found file)
    {
        if (file.Trouble is not null && file.Length == 0)
            return null;
        using var reader = new SegmentReader();
        (long First, long End, long Length)? scanned = null;
        try
        {
            reader.Open(file.Path, _marker, LogFormat.HeaderLength);
            reader.Tolerant = true;
            for (FrameStatus status = reader.Next(file.Length, out Frame frame); status is not FrameStatus.End; status = reader.Next(file.Length, out frame))
            {
                if (status is FrameStatus.Record)
                    scanned = (scanned?.First ?? frame.Sequence, frame.Sequence + 1, reader.Position);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return scanned;
    }

    /// <summary>Cursors and what was set aside count for the cap like the segments.</summary>
    private void ChargeForeign(string path)
    {
        long length = LogFolder.LengthOf(path);
        if (path.EndsWith(LogFolder.DamagedSuffix, StringComparison.Ordinal))
        {
            _setAside += length;
            Charge(length);
            return;
        }

        for (int i = 0; i < _cursorCharged.Length; i++)
        {
            if (path != CursorFile.PathOf(_folder, i))
                continue;
            _cursorCharged[i] = length;
            Charge(length);
        }
    }

    private void Warn(string text) => Warning = Warning is null ? text : $"{Warning}; {text}";

    private sealed record Found(string Path, int Number, long Length, SegmentHeader? Header, string? Trouble);
}
