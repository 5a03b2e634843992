namespace Fastbridge.Cli.Mqtt;

/// <summary>Lines of a stream as bytes, whatever their encoding, without their line ends. One reader at a time.</summary>
internal sealed class LineReader(Stream stream)
{
    /// <summary>The longest packet that MQTT has [2.2.3 of 3.1.1, 1.5.5]: a longer line is no message.</summary>
    public const int LongestLine = 268_435_455;

    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;
    private bool _finished;

    /// <summary>The next line, its own copy; null at the end. A last line needs no line end.</summary>
    /// <exception cref="InvalidDataException">The line is longer than <see cref="LongestLine"/>.</exception>
    public async ValueTask<byte[]?> ReadAsync(CancellationToken stop)
    {
        int looked = 0;
        while (true)
        {
            int at = _buffer.AsSpan(_start + looked, _end - _start - looked).IndexOf((byte)'\n');
            if (at >= 0)
                return Take(looked + at, lineEnd: 1);
            if (_finished)
                return _end > _start ? Take(_end - _start, lineEnd: 0) : null;
            looked = _end - _start;
            MakeRoom();
            // A console's stream cannot be cancelled: the wait can, and the process ends then.
            int read = await stream.ReadAsync(_buffer.AsMemory(_end), CancellationToken.None).AsTask().WaitAsync(stop).ConfigureAwait(false);
            _end += read;
            _finished = read == 0;
        }
    }

    private byte[] Take(int length, int lineEnd)
    {
        int text = lineEnd > 0 && length > 0 && _buffer[_start + length - 1] == '\r' ? length - 1 : length;
        byte[] line = _buffer.AsSpan(_start, text).ToArray();
        _start += length + lineEnd;
        return line;
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
            return;
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            return;
        }

        if (_buffer.Length > LongestLine)
            throw new InvalidDataException($"a line is longer than the {LongestLine} bytes that MQTT can carry");
        Array.Resize(ref _buffer, (int)Math.Min(_buffer.Length * 2L, LongestLine + 1L));
    }
}
