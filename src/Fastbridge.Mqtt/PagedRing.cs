namespace Fastbridge;

/// <summary>
/// Entries from a head to a tail by sequence number, in pages of 256 that are borrowed while something stands in them. Sequence numbers may wrap.
/// </summary>
/// <remarks>
/// Threads: one adds, by <see cref="this[uint]"/> at the tail, without a lock; all else is done under the owner's. So the page of the tail is never given back by
/// <see cref="Release"/>, and the table of pages is replaced by <see cref="Extend"/> alone, which is the adder's. Where the adder takes its last entry back, the head
/// must not have passed it: its page may be another one than the tail's.
/// </remarks>
public sealed class PagedRing<T>
    where T : struct
{
    /// <summary>256: pages are asked for once in so many messages, and what an idle connector keeps stays below some KB.</summary>
    public const int PageSize = 256;

    private const int Shift = 8;
    private const uint LastPage = uint.MaxValue >> Shift;

    // 512: twice the messages that one connection can have on their way.
    private static readonly PagePool<T> Pool = new(PageSize, mostIdle: 512);

    // By page number modulo its length, a power of two.
    private T[]?[] _table = new T[]?[1];

    /// <summary>An entry that stands between head and tail, or at the tail behind <see cref="Extend"/>.</summary>
    public ref T this[uint at]
    {
        get
        {
            T[]?[] table = _table;
            return ref table[(at >> Shift) & (uint)(table.Length - 1)]![at & (PageSize - 1)];
        }
    }

    /// <summary>Pages held now.</summary>
    public int Pages { get; private set; }

    /// <summary>The entries from <paramref name="at"/> on that lie in one piece, at most <paramref name="count"/>.</summary>
    public Span<T> Piece(uint at, int count)
    {
        int start = (int)(at & (PageSize - 1));
        return _table[(at >> Shift) & (uint)(_table.Length - 1)].AsSpan(start, Math.Min(count, PageSize - start));
    }

    /// <summary>Makes room for an entry at <paramref name="tail"/>, which is the adder's: entries that no one has set hold anything. Under the owner's lock.</summary>
    /// <returns>How many entries have room from the tail on.</returns>
    public int Extend(uint head, uint tail)
    {
        uint first = head >> Shift, last = tail >> Shift;
        if (((last - first) & LastPage) >= (uint)_table.Length)
            Grow(first, last);
        ref T[]? page = ref _table[last & (uint)(_table.Length - 1)];
        if (page is null)
        {
            page = Pool.Borrow();
            Pages++;
        }

        return PageSize - (int)(tail & (PageSize - 1));
    }

    /// <summary>The head moves from <paramref name="from"/> to <paramref name="to"/>: gives back the pages that lie before it. Under the owner's lock.</summary>
    public void Release(uint from, uint to)
    {
        for (uint page = from >> Shift; page != to >> Shift; page = (page + 1) & LastPage)
            GiveBack(page);
    }

    /// <summary>Gives all back; nobody adds meanwhile. Under the owner's lock.</summary>
    public void Clear()
    {
        for (uint page = 0; page < (uint)_table.Length; page++)
            GiveBack(page);
    }

    private void GiveBack(uint page)
    {
        ref T[]? held = ref _table[page & (uint)(_table.Length - 1)];
        if (held is null)
            return;
        Pool.GiveBack(held);
        held = null;
        Pages--;
    }

    private void Grow(uint first, uint last)
    {
        int size = _table.Length;
        while (((last - first) & LastPage) >= (uint)size)
            size *= 2;
        var larger = new T[]?[size];
        for (uint page = first; page != last; page = (page + 1) & LastPage)
            larger[page & (uint)(size - 1)] = _table[page & (uint)(_table.Length - 1)];
        _table = larger; // Behind its entries: the adder reads it without the lock, but replaces it itself.
    }
}
