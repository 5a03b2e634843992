namespace Fastbridge.Tests.Support;

/// <summary>
/// A server made of bytes: gives a beginning once and a block again and again, always at once, then, or when it is disposed, the end of the stream. Counts what is written and drops it.
/// </summary>
internal sealed class FeedStream(byte[] beginning, byte[] block, int times) : Stream
{
    private byte[] _now = beginning;
    private int _at;
    private int _left = times;
    private volatile bool _disposed;

    public long Written { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override int Read(Span<byte> buffer)
    {
        if (_at == _now.Length || _disposed)
        {
            if (_left-- <= 0 || _disposed)
                return 0;
            _now = block;
            _at = 0;
        }

        int count = Math.Min(buffer.Length, _now.Length - _at);
        _now.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Written += buffer.Length;
        return default;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Written += count;

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        base.Dispose(disposing);
    }
}
