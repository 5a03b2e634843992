using System.Buffers;
using System.Runtime.CompilerServices;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec;

/// <summary>
/// Walks the packets of one read of the pipe: <see cref="ReadHeader"/>, then (the caller may look at the length first) <see cref="ReadBody"/>,
/// then <see cref="Consume"/>. Without the last the packet stands where it stood, and is read again from <see cref="Position"/> next time.
/// Spans point into the pipe's segment, or into the scratch for a packet across segments: valid until <see cref="Consume"/>.
/// </summary>
/// <param name="bytes">What the pipe holds, from a packet's beginning on.</param>
/// <param name="version">The version that was asked for in CONNECT.</param>
/// <param name="scratch">Where a packet across segments is put together.</param>
internal ref struct FrameScanner(in ReadOnlySequence<byte> bytes, MqttVersion version, FrameScratch scratch)
{
    private readonly MqttVersion _version = version;
    private readonly FrameScratch _scratch = scratch;

    // _rest begins with _span (its first segment), of which the first _offset bytes are consumed.
    private ReadOnlySequence<byte> _rest = bytes;
    private ReadOnlySpan<byte> _span = bytes.FirstSpan;
    private int _offset;

    /// <summary>Up to here everything is consumed: what goes to <c>PipeReader.AdvanceTo</c>.</summary>
    public readonly SequencePosition Position => _rest.GetPosition(_offset);

    /// <summary>Bytes that are not consumed yet.</summary>
    public readonly long Remaining => _rest.Length - _offset;

    /// <summary>The fixed header of the packet at <see cref="Position"/>; consumes nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FrameStatus ReadHeader(out FrameHeader header, out ProtocolViolation? violation)
    {
        FrameStatus status = FrameHeader.Read(_span[_offset..], _version, out header, out violation);
        return status == FrameStatus.NeedMoreData && !_rest.IsSingleSegment ? ReadHeaderAcross(out header, out violation) : status;
    }

    /// <summary>What follows the fixed header, contiguous: done, or more data needed. Nothing is copied or allocated before all of it is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FrameStatus ReadBody(FrameHeader header, out ReadOnlySpan<byte> body)
    {
        if (header.TotalLength <= _span.Length - _offset)
        {
            body = _span.Slice(_offset + header.HeaderLength, header.RemainingLength);
            return FrameStatus.Done;
        }

        return ReadBodyAcross(header, out body);
    }

    /// <summary>
    /// As much of the body as has come, but no more than <paramref name="most"/> bytes, contiguous: for the beginning of a packet that is too long to be buffered.
    /// </summary>
    public ReadOnlySpan<byte> PeekBody(FrameHeader header, int most)
    {
        long here = Math.Min(Remaining - header.HeaderLength, Math.Min(header.RemainingLength, most));
        if (here <= 0)
            return default;
        if (header.HeaderLength + here <= _span.Length - _offset)
            return _span.Slice(_offset + header.HeaderLength, (int)here);
        return _scratch.Gather(_rest.Slice(_offset + header.HeaderLength), (int)here);
    }

    /// <summary>Steps behind the packet that was read. Its spans are no longer valid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Consume(FrameHeader header) => Skip(header.TotalLength);

    /// <summary>Steps over bytes that are there, of a packet that is not buffered.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(long count)
    {
        if (count <= _span.Length - _offset)
        {
            _offset += (int)count;
            return;
        }

        _rest = _rest.Slice(_offset + count);
        _span = _rest.FirstSpan;
        _offset = 0;
        _scratch.Release();
    }

    private readonly FrameStatus ReadHeaderAcross(out FrameHeader header, out ProtocolViolation? violation)
    {
        Span<byte> start = stackalloc byte[FrameHeader.MaxLength];
        ReadOnlySequence<byte> rest = _rest.Slice(_offset);
        int length = (int)Math.Min(FrameHeader.MaxLength, rest.Length);
        rest.Slice(0, length).CopyTo(start);
        return FrameHeader.Read(start[..length], _version, out header, out violation);
    }

    private readonly FrameStatus ReadBodyAcross(FrameHeader header, out ReadOnlySpan<byte> body)
    {
        if (header.TotalLength > Remaining)
        {
            body = default;
            return FrameStatus.NeedMoreData;
        }

        body = header.RemainingLength == 0 ? default : _scratch.Gather(_rest.Slice(_offset + header.HeaderLength), header.RemainingLength);
        return FrameStatus.Done;
    }
}
