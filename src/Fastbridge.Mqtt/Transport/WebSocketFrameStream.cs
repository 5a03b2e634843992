using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;
using System.Runtime.CompilerServices;

namespace Fastbridge.Mqtt.Transport;

/// <summary>
/// A WebSocket's binary frames as a stream of bytes: packets may lie across frames, and several in one [MQTT-6.0.0-2]. Pings are answered and a close is returned in here.
/// One reader and one writer at a time, which may be different threads; the reader's pongs go between the writer's frames. Owns the inner stream.
/// </summary>
/// <remarks>Not .NET's own WebSocket: this needs no extension, no messages and no keep alive, reads without a copy where frames are long, and allocates nothing a frame.</remarks>
internal sealed partial class WebSocketFrameStream(Stream inner) : Stream
{
    /// <summary>64 KB a frame: an ack waits for no more than that to be written.</summary>
    private const int MostFrame = 65_536;

    /// <summary>16 KB: a hundred small frames at a system call. Held only while there are bytes in it.</summary>
    private const int BufferSize = 16_384;

    private readonly SemaphoreSlim _writing = new(1);
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private long _left;
    private bool _inMessage;
    private bool _ended;
    private string? _closed;
    private byte[]? _pong;
    private bool _closeSent;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Payload as it comes; 0 at the end. Without room for a byte it waits until there is something to read.</summary>
    /// <exception cref="IOException">The server broke the protocol, closed for a reason, or is gone.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            if (_start == _end && !_ended)
            {
                Release();
                await inner.ReadAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            }

            return 0;
        }

        int copied = 0;
        while (copied < buffer.Length && !_ended)
        {
            if (_left > 0 && _start < _end)
            {
                int count = (int)Math.Min(Math.Min(_left, _end - _start), buffer.Length - copied);
                _buffer.AsSpan(_start, count).CopyTo(buffer.Span[copied..]);
                (_start, _left, copied) = (_start + count, _left - count, copied + count);
                continue;
            }

            if (_left == 0 && TryBegin())
                continue;
            if (copied > 0)
                return copied;
            if (_left >= BufferSize && buffer.Length >= BufferSize)
            {
                // A long frame goes straight to where it is wanted.
                int count = await inner.ReadAsync(buffer[..(int)Math.Min(_left, buffer.Length)], cancellationToken).ConfigureAwait(false);
                _left -= count;
                _ended = count == 0;
                return count;
            }

            await FillAsync(cancellationToken).ConfigureAwait(false);
        }

        if (copied == 0 && _closed is not null)
            throw new IOException(_closed);
        return copied;
    }

    /// <summary>Sends the bytes, in frames of at most 64 KB. They are left alone: masking copies.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        byte[] frame = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length, MostFrame) + WebSocketFrame.MostOverhead);
        try
        {
            while (!buffer.IsEmpty)
            {
                int count = Math.Min(buffer.Length, MostFrame);
                int length = WebSocketFrame.Write(frame, WebSocketOpcode.Binary, buffer.Span[..count]);
                await inner.WriteAsync(frame.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
                buffer = buffer[count..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
            _writing.Release();
        }

        if (Volatile.Read(ref _pong) is not null)
            _ = SendPongAsync();
    }

    /// <summary>Says that nothing more will be sent: a close frame, and TLS's own goodbye. Errors mean that the peer is gone, and are none here.</summary>
    public async Task ShutdownAsync()
    {
        byte[] normal = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(normal, 1000);
        await SendCloseAsync(normal).ConfigureAwait(false);
        if (inner is SslStream tls)
            await tls.ShutdownAsync().ConfigureAwait(false);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Begins the next frame, if its head (of a control frame all of it) is in the buffer.</summary>
    private bool TryBegin()
    {
        if (!WebSocketFrame.TryRead(_buffer.AsSpan(_start, _end - _start), out WebSocketFrame frame))
            return false;
        if (!frame.IsControl)
        {
            if (frame.Opcode == WebSocketOpcode.Continuation != _inMessage)
                throw WebSocketFrame.Broken(_inMessage ? "a new message inside another" : "a continuation of nothing");
            _inMessage = !frame.IsFinal;
            _start += frame.HeaderLength;
            _left = frame.Length;
            return true;
        }

        int whole = frame.HeaderLength + (int)frame.Length;
        if (_end - _start < whole)
            return false;
        ReadOnlySpan<byte> payload = _buffer.AsSpan(_start + frame.HeaderLength, (int)frame.Length);
        _start += whole;
        if (frame.Opcode == WebSocketOpcode.Ping)
        {
            // Only the latest need be answered (5.5.3), so a flood of them costs one.
            Volatile.Write(ref _pong, payload.ToArray());
            _ = SendPongAsync();
        }
        else if (frame.Opcode == WebSocketOpcode.Close)
        {
            _ended = true;
            _closed = Reason(payload);
            _ = SendCloseAsync(payload.ToArray());
        }

        return true;
    }

    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(BufferSize);
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        int count = await inner.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
        _end += count;
        _ended = count == 0;
    }

    private void Release()
    {
        if (_buffer is null)
            return;
        ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end) = (null, 0, 0);
    }
}
