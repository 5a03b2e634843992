namespace Fastbridge.Core.Buffering;

/// <summary>
/// Where the record of each slot stands that the sink has: in a page, or in a segment. Written by whoever produces (the reader, or the drain), and under the gate
/// by whoever settles or writes to disk; a slot is never both's at a time.
/// </summary>
internal sealed class SlotPlaces(Lock gate)
{
    private Place[] _places = new Place[64];

    public ref Place this[int slot] => ref _places[slot];

    public int Length => _places.Length;

    public void Set(int slot, object holder, long at, long timestampMs)
    {
        if (slot >= _places.Length)
            Grow(slot);
        _places[slot] = new Place { Holder = holder, At = at, TimestampMs = timestampMs };
    }

    /// <summary>When the oldest of them was received, milliseconds since the epoch; long.MaxValue where there is none. A look without the gate: good enough for an age.</summary>
    /// <param name="inMemory">Only of those that are not on disk.</param>
    public long Oldest(bool inMemory)
    {
        long oldest = long.MaxValue;
        foreach (Place place in _places)
        {
            if (place.Holder is not null && place.TimestampMs > 0 && place.TimestampMs < oldest && (!inMemory || place.Holder is Page))
                oldest = place.TimestampMs;
        }

        return oldest;
    }

    /// <summary>Under the gate: the numbers on disk that are not settled.</summary>
    public long[] OnDisk()
    {
        int count = 0;
        foreach (Place place in _places)
            count += place.Holder is Segment ? 1 : 0;
        long[] sequences = new long[count];
        foreach (Place place in _places)
        {
            if (place.Holder is Segment)
                sequences[--count] = place.At;
        }

        return sequences;
    }

    private void Grow(int slot)
    {
        lock (gate)
            Array.Resize(ref _places, Math.Max(_places.Length * 2, slot + 1));
    }
}

/// <summary>Where a slot's record stands.</summary>
internal struct Place
{
    /// <summary>A <see cref="Page"/> or a <see cref="Segment"/>; null: nowhere.</summary>
    public object? Holder;

    /// <summary>Offset in the page, or sequence number.</summary>
    public long At;

    /// <summary>When its message was received, milliseconds since the epoch.</summary>
    public long TimestampMs;
}
