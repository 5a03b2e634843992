using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Delivery;

/// <summary>
/// The slots of one window by number, in pages of 64 that are borrowed while a slot of theirs is in use or in somebody's reserve. The lowest free numbers are given
/// out first, so that the pages above run empty when there is less in flight.
/// </summary>
/// <remarks>
/// Under the window's lock, but that whoever holds a slot in reserve may set it without: its page stays where it is until the slot is freed.
/// </remarks>
internal sealed class SlotTable
{
    /// <summary>64: the free slots of a page are one word.</summary>
    private const int PageSize = 1 << Shift;
    private const int Shift = 6;

    /// <summary>A reserve of so many is worth a lock, and another page is not borrowed for the rest.</summary>
    private const int Enough = 16;

    private static readonly PagePool<Slot> Pool = new(PageSize, mostIdle: 1_024);

    private Slot[]?[] _pages = [];

    // A bit for each free slot; all of them: there is no page.
    private ulong[] _free = [];

    // No page before it has a free slot.
    private int _lowest;

    /// <summary>A slot in use, or in the caller's reserve.</summary>
    public ref Slot this[int slot] => ref _pages[slot >> Shift]![slot & (PageSize - 1)];

    /// <summary>Where slot numbers end; not all before it have a page.</summary>
    public int End => _pages.Length * PageSize;

    /// <summary>Whether the slot has a page: one that was freed may have none any more.</summary>
    public bool Has(int slot) => !Unsafe.IsNullRef(ref Find(slot));

    /// <summary>The slot, or a null reference where it has no page.</summary>
    public ref Slot Find(int slot)
    {
        Slot[]?[] pages = _pages;
        uint page = (uint)slot >> Shift;
        if (page >= (uint)pages.Length || pages[page] is not { } found)
            return ref Unsafe.NullRef<Slot>();
        return ref found[slot & (PageSize - 1)];
    }

    /// <summary>Fills <paramref name="reserve"/> with free slots, and returns how many: at least one.</summary>
    public int Reserve(Span<int> reserve)
    {
        int count = 0;
        do
        {
            int page = _free.AsSpan(_lowest).IndexOfAnyExcept(0UL);
            _lowest = page < 0 ? _free.Length : _lowest + page;
            if (page < 0)
                Grow();
            count += TakeFrom(_lowest, reserve[count..]);
        }
        while (count < Math.Min(Enough, reserve.Length));
        return count;
    }

    /// <summary>The slot is free, and its page is given back when all of its are.</summary>
    public void Free(int slot)
    {
        int page = slot >> Shift;
        this[slot] = default;
        _lowest = Math.Min(_lowest, page);
        if ((_free[page] |= 1UL << slot) != ulong.MaxValue)
            return;
        Pool.GiveBack(_pages[page]!);
        _pages[page] = null;
    }

    private int TakeFrom(int page, Span<int> reserve)
    {
        _pages[page] ??= Pool.Borrow();
        ulong free = _free[page];
        int count = 0;
        for (; free != 0 && count < reserve.Length; free &= free - 1)
            reserve[count++] = page * PageSize + BitOperations.TrailingZeroCount(free);
        _free[page] = free;
        return count;
    }

    private void Grow()
    {
        int size = _pages.Length, larger = Math.Max(1, size * 2);
        var pages = new Slot[]?[larger];
        ulong[] free = new ulong[larger];
        _pages.CopyTo(pages, 0);
        _free.CopyTo(free, 0);
        free.AsSpan(size).Fill(ulong.MaxValue);
        (_pages, _free) = (pages, free); // Copies: who sets a slot of its reserve finds its page in the old table as well.
    }
}

/// <summary>A message whose record is not settled. Packed: the stamp would cost twelve bytes a slot else, of up to 131,072.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct Slot
{
    public Receipt Receipt;

    /// <summary>See <see cref="LatencyMeter.Take"/>; 0 for most.</summary>
    public long TakenAt;
    public int Bytes;
    public uint Order;
    public ushort PacketId;
    public bool Taken;
    public bool Buffered;
    public bool Aside;
}
