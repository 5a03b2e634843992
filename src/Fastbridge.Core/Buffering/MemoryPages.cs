using System.Buffers.Binary;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Core.Buffering;

/// <summary>
/// The records that are not safe on disk, in the order of receipt, in pages of 256 KiB that are used again. A copy of each record in flight has to stand here
/// while Kafka does not have it: librdkafka's own cannot be had back without a purge that would hit every connector of the producer.
/// </summary>
/// <remarks>The reader appends without a lock; everything else happens under the gate, where pages also change hands.</remarks>
internal sealed class MemoryPages(Lock gate)
{
    public const int PageSize = 256 * 1024;

    /// <summary>Pages kept in calm times: 2 MiB. While messages flow all are kept, which is never more than were in use at once.</summary>
    private const int MostSpare = 8;

    private readonly Stack<Page> _spare = new(MostSpare);
    private Page? _first;
    private Page? _last;
    private long _bytes;
    private long _gone;
    private long _appended;

    /// <summary>Bytes of the pages in use. Any thread.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Entries that are neither settled nor on disk. Any thread.</summary>
    public long Live => Volatile.Read(ref _appended) - Volatile.Read(ref _gone);

    /// <summary>The reader: copies a record in.</summary>
    /// <param name="produced">The sink gets it next; false: only the disk does.</param>
    /// <param name="places">Told where it stands, if the sink gets it next: the report may come at any time from then on.</param>
    public void Append(int slot, bool produced, string topic, in OutgoingRecord record, long timestampMs, SlotPlaces places)
    {
        int body = StoredRecord.LengthOf(topic, in record);
        int length = Page.LengthOf(body);
        Page? page = _last;
        if (page is null || page.Bytes.Length - page.Tail < length)
            page = NextPage(length);
        int at = page.Tail;
        Span<byte> to = page.Bytes.AsSpan(at, length);
        BinaryPrimitives.WriteInt32LittleEndian(to, body);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], slot);
        to[8] = (byte)EntryState.Pending;
        to[9] = produced ? Page.Produced : (byte)0;
        StoredRecord.Write(to[Page.EntryHeader..], topic, in record, timestampMs);
        if (produced)
            places.Set(slot, page, at, timestampMs);
        page.Count++;
        Volatile.Write(ref _appended, _appended + 1);
        page.Tail = at + length;
    }

    /// <summary>The reader takes the last entry back: the sink had no room for it.</summary>
    public void RemoveLast(int slot, SlotPlaces places)
    {
        lock (gate)
        {
            Page page = (Page)places[slot].Holder!;
            page.Tail = (int)places[slot].At;
            page.Count--;
            Volatile.Write(ref _appended, _appended - 1);
            places[slot] = default;
        }
    }

    /// <summary>Under the gate: the oldest page.</summary>
    public Page? First => _first;

    /// <summary>Under the gate: Kafka has the record, or it was put away.</summary>
    public void Settle(Page page, int at)
    {
        if (page.StateOf(at) == EntryState.Picked)
            page.Bytes[at + 9] |= Page.Settled; // The writer has it in hand and looks when it is done.
        else
            Remove(page, at);
    }

    /// <summary>Under the gate: the record needs its memory no more.</summary>
    public void Remove(Page page, int at)
    {
        page.SetState(at, EntryState.Gone);
        page.Gone++;
        Volatile.Write(ref _gone, _gone + 1);
        if (page.Sealed && page.Gone == page.Count)
            Free(page);
    }

    /// <summary>Under the gate: gives back what a burst has left.</summary>
    public void Trim()
    {
        while (_spare.Count > MostSpare)
            _spare.Pop();
    }

    /// <summary>Under the gate: every entry may be looked at again from the start.</summary>
    public void Rescan()
    {
        for (Page? page = _first; page is not null; page = page.Next)
            page.Scanned = 0;
    }

    private Page NextPage(int length)
    {
        lock (gate)
        {
            Page page = length <= PageSize && _spare.Count > 0 ? _spare.Pop() : new Page(Math.Max(length, PageSize));
            page.Previous = _last;
            if (_last is { } before)
            {
                before.Next = page;
                before.Sealed = true;
            }
            else
            {
                _first = page;
            }

            Page? full = _last;
            _last = page;
            Volatile.Write(ref _bytes, _bytes + page.Bytes.Length);
            if (full is not null && full.Gone == full.Count)
                Free(full);
            return page;
        }
    }

    private void Free(Page page)
    {
        if (page.Previous is null)
            _first = page.Next;
        else
            page.Previous.Next = page.Next;
        page.Next?.Previous = page.Previous;
        Volatile.Write(ref _bytes, _bytes - page.Bytes.Length);
        page.Clear();
        if (page.Bytes.Length == PageSize)
            _spare.Push(page);
    }
}

/// <summary>What is to be done with an entry.</summary>
internal enum EntryState : byte
{
    Pending,

    /// <summary>The writer has it in its batch.</summary>
    Picked,

    /// <summary>Settled, or on disk.</summary>
    Gone,
}

/// <summary>A run of entries: body length (4), slot (4), state (1), flags (1), 6 unused, then the body as <see cref="StoredRecord"/> has it, up to a multiple of 8.</summary>
internal sealed class Page(int size)
{
    public const int EntryHeader = 16;

    /// <summary>Flag: the sink has it.</summary>
    public const byte Produced = 1;

    /// <summary>Flag: settled while the writer had it.</summary>
    public const byte Settled = 2;

    private int _tail;

    public byte[] Bytes { get; } = new byte[size];

    /// <summary>Behind the last entry. The reader writes it after the entry's bytes.</summary>
    public int Tail
    {
        get => Volatile.Read(ref _tail);
        set => Volatile.Write(ref _tail, value);
    }

    /// <summary>Entries; the reader's, and final once sealed.</summary>
    public int Count { get; set; }

    public int Gone { get; set; }

    /// <summary>No more entries come.</summary>
    public bool Sealed { get; set; }

    /// <summary>How far the writer has looked.</summary>
    public int Scanned { get; set; }

    public Page? Next { get; set; }

    public Page? Previous { get; set; }

    public static int LengthOf(int body) => (EntryHeader + body + 7) & ~7;

    public int BodyLength(int at) => BinaryPrimitives.ReadInt32LittleEndian(Bytes.AsSpan(at));

    public int SlotOf(int at) => BinaryPrimitives.ReadInt32LittleEndian(Bytes.AsSpan(at + 4));

    public EntryState StateOf(int at) => (EntryState)Bytes[at + 8];

    public void SetState(int at, EntryState state) => Bytes[at + 8] = (byte)state;

    public bool Has(int at, byte flag) => (Bytes[at + 9] & flag) != 0;

    public void Set(int at, byte flag) => Bytes[at + 9] |= flag;

    public void Unset(int at, byte flag) => Bytes[at + 9] &= (byte)~flag;

    public ReadOnlySpan<byte> BodyOf(int at) => Bytes.AsSpan(at + EntryHeader, BodyLength(at));

    public void Clear()
    {
        _tail = 0;
        Count = Gone = Scanned = 0;
        Sealed = false;
        Next = Previous = null;
    }
}
