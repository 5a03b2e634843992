using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Fastbridge.Core.Buffering;

/// <content>The start: what an earlier process left. Only the newest file is read whole; damage elsewhere is met when it is drained.</content>
internal sealed partial class DiskLog
{
    private void Recover()
    {
        LogFolder.TryDelete(Path.Combine(_folder, "probe"));
        List<string> paths = LogFolder.Segments(_folder);
        if (paths.Count == 0 || !LogFolder.TryParse(paths[^1], out _number, out _id))
            _id = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
        _marker = LogFormat.MarkerOf(_id);
        _cursor = CursorFile.Load(_folder) is { } cursor && cursor.LogId == _id && paths.Count > 0 ? cursor : new Cursor(0, _id, 0, default);
        if (_cursor.Generation == 0)
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
                found.Add(Look(path, number));
            else
                SetAsideWhole(path, "belongs to another log");
        }

        for (int i = 0; i < found.Count; i++)
            Adopt(found[i], i + 1 < found.Count ? found[i + 1] : null);
        _next = Math.Max(_next, _cursor.Next);
        _published = _next;
        Volatile.Write(ref _drainSequence, _segments.Count > 0 ? _segments[0].FirstSequence : _next);
        if (LogFolder.Probe(_folder) is not { } trouble)
            return;
        if (_segments.Count == 0)
            throw new BufferException($"buffer {_folder}: nothing can be written there ({trouble}); free its disk or mend the folder's rights, or name another folder in buffer.path");
        Warn($"nothing can be written to {_folder} now ({trouble}); what it holds is delivered, new messages are held back");
    }

    private Found Look(string path, int number)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[LogFormat.HeaderLength];
        int read = RandomAccess.Read(file, bytes, 0);
        if (LogFormat.IsNewer(bytes.AsSpan(0, read), out uint version))
        {
            throw new BufferException(
                $"buffer {_folder}: {Path.GetFileName(path)} was written by a newer version of fastbridge (format {version}, this one reads {LogFormat.Version}); run that version, or name another folder in buffer.path");
        }

        bool whole = LogFormat.TryReadHeader(bytes.AsSpan(0, read), out SegmentHeader header) && header.LogId == _id;
        return new Found(path, number, RandomAccess.GetLength(file), whole ? header : null);
    }

    /// <summary>Takes a file into the log, or removes it where Kafka has all of it.</summary>
    private void Adopt(Found file, Found? next)
    {
        long length = file.Length;
        long? first = file.Header?.FirstSequence;
        long? end = next is { Header: { } after } && next.Number == file.Number + 1 ? after.PreviousEnd : null;
        if (first is null || end is null || end < first)
        {
            (long First, long End, long Length)? scanned = Scan(file);
            if (scanned is null && next is null)
            {
                if (file.Length > LogFormat.HeaderLength)
                    SetAsideWhole(file.Path, "has no whole record");
                else
                    LogFolder.TryDelete(file.Path); // Made, and nothing written to it.
                return;
            }

            if (scanned is null)
            {
                SetAsideWhole(file.Path, "has no whole record");
                Volatile.Write(ref _lostRecords, _lostRecords + Math.Max(1, (end ?? 0) - (first ?? end ?? 0)));
                return;
            }

            first ??= scanned.Value.First;
            end = Math.Max(end ?? 0, scanned.Value.End);
            if (next is null)
                length = scanned.Value.Length;
        }

        var segment = new Segment(file.Path, file.Number, first.Value) { EndSequence = end!.Value, Closed = true, Charged = file.Length, Length = length };
        if (length < file.Length && TryCut(segment))
        {
            Warn($"{file.Path}: cut {file.Length - length} bytes of an unfinished write, never acknowledged");
            segment.Charged = length;
        }

        _next = Math.Max(_next, segment.EndSequence);
        Charge(segment.Charged);
        if (Unsettled(segment.FirstSequence, segment.EndSequence) == 0)
            Delete(segment);
        else
            _segments.Add(segment);
    }

    /// <summary>First number, end and the length up to the last whole record; null where there is none.</summary>
    private (long First, long End, long Length)? Scan(Found file)
    {
        using var reader = new SegmentReader();
        reader.Open(file.Path, _marker, LogFormat.HeaderLength);
        (long First, long End, long Length)? scanned = null;
        for (FrameStatus status = reader.Next(file.Length, out Frame frame); status is not FrameStatus.End; status = reader.Next(file.Length, out frame))
        {
            if (status is FrameStatus.Record)
                scanned = (scanned?.First ?? frame.Sequence, frame.Sequence + 1, reader.Position);
        }

        return scanned;
    }

    private void SetAsideWhole(string path, string why)
    {
        long length = new FileInfo(path).Length;
        File.Move(path, path + LogFolder.DamagedSuffix, overwrite: true);
        Volatile.Write(ref _damagedBytes, _damagedBytes + length);
        Charge(length);
        _setAside += length;
        Warn($"{path} {why}; it was set aside as {Path.GetFileName(path)}{LogFolder.DamagedSuffix}");
    }

    /// <summary>Cursors and what was set aside count for the cap like the segments.</summary>
    private void ChargeForeign(string path)
    {
        long length = new FileInfo(path).Length;
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

    private sealed record Found(string Path, int Number, long Length, SegmentHeader? Header);
}
