using System.Buffers.Binary;
using Fastbridge.Core.Records;
using Microsoft.Win32.SafeHandles;

namespace Fastbridge.Core.Buffering;

/// <summary>
/// Reads the frames of one segment after the other, in order, and finds the next whole frame behind damage. One thread; a frame is valid until the next call.
/// </summary>
internal sealed class SegmentReader : IDisposable
{
    /// <summary>What is read at a time: about two hundred records, at a system call's cost.</summary>
    private const int ReadSize = 256 * 1024;

    /// <summary>What a disk fails on at a time.</summary>
    private const int Block = 4096;

    private byte[] _buffer = [];
    private long _start;
    private int _length;
    private uint _marker;
    private SafeFileHandle? _file;
    private long _carefulUntil;
    private long _skipUntil;
    private int _skip;

    /// <summary>Bytes that the disk does not give are zeros from now on, so that they are damage like any other. Until the next file.</summary>
    public bool Tolerant { get; set; }

    /// <summary>The offset of the next frame.</summary>
    public long Position { get; private set; }

    /// <summary>Where the damage began that <see cref="Next"/> has told of; it ends at <see cref="Position"/>.</summary>
    public long DamageStart { get; private set; }

    /// <summary>Goes over to a file; the one before is closed.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public void Open(string path, uint marker, long position)
    {
        Dispose();
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        _marker = marker;
        Tolerant = false;
        _carefulUntil = _skipUntil = _skip = 0;
        Seek(position);
    }

    public void Seek(long position)
    {
        Position = position;
        _length = 0;
    }

    /// <summary>The next frame before <paramref name="end"/>, an offset that only grows.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public FrameStatus Next(long end, out Frame frame)
    {
        frame = default;
        if (Position >= end)
            return FrameStatus.End;
        if (TryFrame(Position, end, out frame))
        {
            Position += LogFormat.FrameLength(frame.Body.Length);
            return FrameStatus.Record;
        }

        DamageStart = Position;
        Position = NextWhole(Position + 1, end);
        return FrameStatus.Damaged;
    }

    /// <summary>Bytes of the file as they stand, for setting damage aside; valid until the next call.</summary>
    public ReadOnlySpan<byte> Raw(long at, int count, long end) => Peek(at, count, end);

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
        _length = 0;
    }

    private long NextWhole(long at, long end)
    {
        Span<byte> marker = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(marker, _marker);
        while (end - at >= LogFormat.FrameHeaderLength)
        {
            ReadOnlySpan<byte> block = Peek(at, (int)Math.Min(ReadSize, end - at), end);
            if (block.Length < marker.Length)
                break;
            int found = block.IndexOf(marker);
            if (found < 0)
            {
                at += block.Length - marker.Length + 1;
                continue;
            }

            at += found;
            if (TryFrame(at, end, out _))
                return at;
            at++;
        }

        return end;
    }

    private bool TryFrame(long at, long end, out Frame frame)
    {
        frame = default;
        ReadOnlySpan<byte> head = Peek(at, LogFormat.FrameHeaderLength, end);
        if (head.Length < LogFormat.FrameHeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(head) != _marker)
            return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        if (length < StoredRecord.FixedLength || length > Array.MaxLength - LogFormat.FrameHeaderLength || at + LogFormat.FrameHeaderLength + length > end)
            return false;
        ReadOnlySpan<byte> whole = Peek(at, LogFormat.FrameHeaderLength + length, end);
        if (whole.Length < LogFormat.FrameHeaderLength + length || BinaryPrimitives.ReadUInt32LittleEndian(whole[4..]) != Crc32.Compute(whole[8..]))
            return false;
        frame = new Frame { Sequence = BinaryPrimitives.ReadInt64LittleEndian(whole[12..]), Body = whole[LogFormat.FrameHeaderLength..] };
        return true;
    }

    /// <summary>As many of <paramref name="count"/> bytes as the file has before <paramref name="end"/>.</summary>
    private ReadOnlySpan<byte> Peek(long at, int count, long end)
    {
        if (at < _start || at + count > _start + _length)
        {
            long wanted = Math.Min(Math.Max(count, ReadSize), end - at);
            if (_buffer.Length < wanted || (_buffer.Length > ReadSize && wanted <= ReadSize))
                _buffer = new byte[Math.Max(wanted, Math.Min(ReadSize, end))]; // One large record does not keep its array for ever.
            _start = at;
            _length = 0;
            while (_length < wanted)
            {
                int read = Tolerant ? ReadWhatCanBe(_buffer.AsSpan(_length, (int)wanted - _length), at + _length) : RandomAccess.Read(_file!, _buffer.AsSpan(_length, (int)wanted - _length), at + _length);
                if (read == 0)
                    break;
                _length += read;
            }
        }

        int offset = (int)(at - _start);
        return _buffer.AsSpan(offset, Math.Min(count, _length - offset));
    }

    /// <summary>
    /// Block by block where a large read has failed. From one failing block to the next the distance doubles: a dying disk takes seconds for each, and a file has
    /// thousands.
    /// </summary>
    private int ReadWhatCanBe(Span<byte> to, long at)
    {
        while (true)
        {
            if (at < _skipUntil)
            {
                to = to[..(int)Math.Min(to.Length, _skipUntil - at)];
                to.Clear();
                return to.Length;
            }

            if (at < _carefulUntil && to.Length > Block)
                to = to[..Block];
            try
            {
                int read = RandomAccess.Read(_file!, to, at);
                _skip = 0;
                return read;
            }
            catch (IOException) when (to.Length > Block)
            {
                _carefulUntil = at + to.Length;
            }
            catch (IOException)
            {
                _skip = Math.Max(Block, Math.Min(_skip, int.MaxValue / 2) * 2);
                _skipUntil = at + _skip;
            }
        }
    }
}

/// <summary>One record in a segment; the body is the reader's memory.</summary>
internal readonly ref struct Frame
{
    public long Sequence { get; init; }

    public ReadOnlySpan<byte> Body { get; init; }
}

/// <summary>What <see cref="SegmentReader.Next"/> found.</summary>
internal enum FrameStatus
{
    Record,

    /// <summary>Nothing more before the end that was given.</summary>
    End,

    /// <summary>Bytes that are no whole frame, from DamageStart to Position.</summary>
    Damaged,
}
