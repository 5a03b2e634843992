using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Fastbridge.Core.Buffering;

/// <content>What is not as it was written: kept for a look, passed over, counted.</content>
internal sealed partial class DiskLog
{
    /// <summary>Of the cap, what damaged bytes may take: they are for a look, and must not crowd out what can be saved.</summary>
    private const int DamagedShare = 8;

    private long _setAside;
    private Segment? _opening;

    /// <summary>
    /// After an error of <see cref="TryRead"/>: where the folder's disk works, one file's fault must not stop the rest. One that cannot be opened is passed over, in one
    /// that fails in the middle what can be read is delivered. Nothing of it is removed.
    /// </summary>
    /// <returns>What was done, one line; null where it is the disk, or it was done before: that is waited for.</returns>
    public string? PassOver(Exception e)
    {
        if (!LogFolder.Works(_folder))
            return null;
        Segment? segment = _opening ?? _drain;
        bool opened = _opening is null;
        if (segment is null || (opened ? _reader.Tolerant : segment.Unreadable))
            return null;
        segment.Faulty = true;
        if (opened)
        {
            _reader.Tolerant = true;
            _reader.Seek(_reader.Position);
            return $"{segment.Path} cannot be read everywhere ({LogFolder.Reason(e)}): what can be is delivered, the rest counts as damaged; check the disk";
        }

        segment.Unreadable = true;
        return $"{segment.Path} cannot be opened ({LogFolder.Reason(e)}): it is passed over, and its records count as damaged; put it back or mend its rights, and start again";
    }

    /// <summary>Under the gate: goes over to a file. One that cannot be opened has nothing to read, ever.</summary>
    private void Enter(Segment segment, long position)
    {
        if (segment.Unreadable)
        {
            _reader.Dispose();
            _reader.Seek(long.MaxValue);
            _opening = null;
            return;
        }

        _opening = segment;
        _reader.Open(segment.Path, _marker, position);
        _opening = null;
    }

    /// <summary>A file that could not be read, or not everywhere: kept, for a later start or a look, as far as the share allows.</summary>
    private void KeepFaulty(Segment segment)
    {
        if (!segment.Unreadable && _setAside + segment.Charged > _maxBytes / DamagedShare)
        {
            Delete(segment);
            return;
        }

        try
        {
            File.Move(segment.Path, segment.Path + LogFolder.DamagedSuffix, overwrite: true);
            _setAside += segment.Charged;
        }
        catch (FileNotFoundException)
        {
            Charge(-segment.Charged);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays where it is, and is met again at the next start.
        }
    }

    /// <summary>Keeps damaged bytes for a look, once: after a restart the same damage is met again. False where there is no room for it, or the disk fails.</summary>
    private bool SetAside(SegmentReader reader, string segment, long start, long end, long limit)
    {
        string path = $"{segment}.{start}{LogFolder.DamagedSuffix}";
        if (File.Exists(path))
            return true;
        if (_setAside + end - start > _maxBytes / DamagedShare || Bytes + end - start > _maxBytes)
            return false;
        try
        {
            using SafeFileHandle file = LogFolder.Create(path, FileMode.Create);
            const int Step = 64 * 1024;
            for (long at = start; at < end; at += Step)
                RandomAccess.Write(file, reader.Raw(at, (int)Math.Min(Step, end - at), limit), at - start);
            _setAside += end - start;
            Charge(end - start);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogFolder.TryDelete(path); // The bytes stay in the segment until it is done with; the count tells of them.
            return false;
        }
    }

    private void SetAsideWhole(string path, string why)
    {
        long length = LogFolder.LengthOf(path);
        Volatile.Write(ref _damagedBytes, _damagedBytes + length);
        Charge(length);
        _setAside += length;
        try
        {
            File.Move(path, path + LogFolder.DamagedSuffix, overwrite: true);
            Warn($"{path} {why}; it was set aside as {Path.GetFileName(path)}{LogFolder.DamagedSuffix}, and counts for max_bytes until you remove it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Warn($"{path} {why}, and cannot be set aside ({LogFolder.Reason(e)}); it is left there");
        }
    }

    /// <summary>
    /// The newest file's end, where it is not whole. What the cursor knows to have been flushed was acknowledged, and is damage. Behind that it may be a write that a crash
    /// cut off: it looks like one where a frame has begun and the file ends before it does, or where there are zeros.
    /// </summary>
    private void MendEnd(Segment segment, long length, long flushed)
    {
        long tail = length - segment.Length, missing = flushed - segment.Length;
        if (tail == 0 && missing <= 0)
            return;
        using var reader = new SegmentReader();
        reader.Open(segment.Path, _marker, segment.Length);
        reader.Tolerant = true;
        if (missing <= 0 && IsTorn(reader, segment.Length, length))
        {
            Warn($"{segment.Path}: cut {tail} bytes of an unfinished write, never acknowledged as far as is known");
        }
        else
        {
            Volatile.Write(ref _damagedBytes, _damagedBytes + Math.Max(tail, missing));
            bool kept = tail > 0 && SetAside(reader, segment.Path, segment.Length, length, length);
            string where = kept ? $"; kept as {Path.GetFileName(segment.Path)}.{segment.Length}{LogFolder.DamagedSuffix}" : "";
            Warn(missing > 0
                ? $"{segment.Path}: {missing} bytes at its end, which were safe on disk, are damaged or cut off{where}"
                : $"{segment.Path}: {tail} bytes at its end are no record: an unfinished write, which was never acknowledged, or damage; nothing tells which{where}");
            if (tail > 0 && !kept)
                return; // Left where they are: nobody reads them, and they go with the file.
        }

        if (tail > 0 && TryCut(segment))
            segment.Charged = segment.Length;
    }

    private bool IsTorn(SegmentReader reader, long start, long end)
    {
        ReadOnlySpan<byte> head = reader.Raw(start, (int)Math.Min(LogFormat.FrameHeaderLength, end - start), end);
        Span<byte> marker = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(marker, _marker);
        if (head.StartsWith(marker[..Math.Min(marker.Length, head.Length)]))
        {
            if (head.Length < LogFormat.FrameHeaderLength)
                return true;
            int body = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
            return body >= StoredRecord.FixedLength && start + LogFormat.FrameHeaderLength + (long)body > end;
        }

        const int Step = 64 * 1024;
        for (long at = start; at < end; at += Step)
        {
            if (reader.Raw(at, (int)Math.Min(Step, end - at), end).ContainsAnyExcept((byte)0))
                return false;
        }

        return true;
    }
}
