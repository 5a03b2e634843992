using System.Runtime.CompilerServices;

namespace Fastbridge.Core.Records;

/// <summary>
/// Bytes that are written one behind the other and taken as one span. It grows into a new array and never touches the old one again, so a
/// span taken earlier stays right until <see cref="Clear"/>. Up to <see cref="Keep"/> bytes are kept for the next time; a larger array is
/// only remembered weakly: a run of large records reuses it, and a garbage collection takes it once they have stopped.
/// </summary>
internal sealed class ByteBuffer
{
    /// <summary>128 KB: the record of a 45 KB payload. What is larger is rare, and must not stay with each thread for ever.</summary>
    internal const int Keep = 128 * 1024;

    private byte[] _kept = [];
    private byte[] _bytes = [];
    private WeakReference<byte[]>? _large;
    private int _length;

    public int Length => _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>Bytes that are held strongly between two records.</summary>
    internal int KeptBytes => _kept.Length;

    /// <summary>Forgets what was written; spans taken before are no longer good.</summary>
    public void Clear()
    {
        _bytes = _kept;
        _length = 0;
    }

    /// <summary>Takes what was written and lets go of a large array: the span alone keeps it, until it is dropped.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        ReadOnlySpan<byte> all = Written;
        Clear();
        return all;
    }

    /// <summary>Free space behind what was written, at least <paramref name="atLeast"/> bytes; call <see cref="Advance"/> with what was used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Reserve(int atLeast)
    {
        if (_bytes.Length - _length < atLeast)
            Grow(atLeast);
        return _bytes.AsSpan(_length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int count) => _length += count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _length += bytes.Length;
    }

    public void Append(byte value)
    {
        Reserve(1)[0] = value;
        _length++;
    }

    /// <summary>Gives up all but the first <paramref name="length"/> bytes.</summary>
    public void Truncate(int length) => _length = Math.Min(length, _length);

    /// <summary>The bytes from <paramref name="start"/> on, to be changed in place.</summary>
    public Span<byte> From(int start) => _bytes.AsSpan(start, _length - start);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int atLeast)
    {
        long needed = (long)_length + atLeast;
        if (needed > Array.MaxLength)
            throw new InvalidOperationException($"A record of {needed} bytes is more than one array can hold.");

        byte[]? larger = null;
        if (needed > Keep)
        {
            if (_large is null)
                _large = new WeakReference<byte[]>([]);
            if (!_large.TryGetTarget(out larger) || larger.Length < needed || ReferenceEquals(larger, _bytes))
            {
                larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(Math.Max(needed, needed + (needed / 4)), Array.MaxLength));
                _large.SetTarget(larger);
            }
        }
        else
        {
            larger = GC.AllocateUninitializedArray<byte>((int)Math.Clamp(Math.Max(needed, _bytes.Length * 2L), 1024, Keep));
            _kept = larger;
        }

        Written.CopyTo(larger);
        _bytes = larger;
    }
}
