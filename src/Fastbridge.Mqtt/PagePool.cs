namespace Fastbridge;

/// <summary>
/// Arrays of one size that many owners borrow and give back. What all together hold follows what they need together; an array of each owner's own would stay as
/// large as its owner once needed it, and a hundred connectors have their busiest moments one after the other.
/// </summary>
/// <remarks>
/// Any thread; one lock a page. The last page given back is lent first, for it is in the processor's caches. Who gives a page back has no reference to it any more.
/// </remarks>
/// <param name="pageSize">Entries of a page.</param>
/// <param name="mostIdle">
/// Pages that are kept while nobody needs them, the rest goes to the collector: what a full load asks for again and again, not what an outage took once.
/// </param>
public sealed class PagePool<T>(int pageSize, int mostIdle)
{
    private readonly Lock _lock = new();
    private T[]?[] _idle = new T[]?[16];
    private int _count;

    /// <summary>Pages that lie here.</summary>
    public int Idle => Volatile.Read(ref _count);

    /// <summary>A page, with whatever its last borrower left in it; empty where it is new.</summary>
    public T[] Borrow()
    {
        lock (_lock)
        {
            if (_count > 0)
            {
                T[] page = _idle[--_count]!;
                _idle[_count] = null;
                return page;
            }
        }

        return new T[pageSize];
    }

    /// <summary>Takes a page of <see cref="Borrow"/> back.</summary>
    public void GiveBack(T[] page)
    {
        lock (_lock)
        {
            if (_count == mostIdle)
                return;
            if (_count == _idle.Length)
                Array.Resize(ref _idle, _count * 2);
            _idle[_count++] = page;
        }
    }
}
