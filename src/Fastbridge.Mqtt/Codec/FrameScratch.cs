using System.Buffers;

namespace Fastbridge.Mqtt.Codec;

/// <summary>
/// The pooled buffer into which a packet is copied that lies across segments of the pipe: the one copy on the way in, and only for such packets.
/// One instance a connection, used by its read loop only. What <see cref="Gather"/> returns is valid until the next call or <see cref="Dispose"/>.
/// </summary>
internal sealed class FrameScratch : IDisposable
{
    // 64 KB: kept between packets; what is larger goes back to the pool at once, so that one large message does not stay in memory.
    private const int Kept = 65_536;
    private byte[] _buffer = [];

    /// <summary>Copies <paramref name="length"/> bytes from the beginning of <paramref name="bytes"/>, which has at least as many.</summary>
    public ReadOnlySpan<byte> Gather(scoped in ReadOnlySequence<byte> bytes, int length)
    {
        if (_buffer.Length < length)
        {
            Dispose();
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(length, 4_096));
        }

        Span<byte> copy = _buffer.AsSpan(0, length);
        bytes.Slice(0, length).CopyTo(copy);
        return copy;
    }

    /// <summary>The packet last gathered is done with.</summary>
    public void Release()
    {
        if (_buffer.Length > Kept)
            Dispose();
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        if (buffer.Length != 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
