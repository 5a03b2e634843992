namespace Fastbridge.Core.Buffering;

/// <summary>
/// A set of sequence numbers, kept as its ranges: what a log still owes lies in long runs, and thousands of single numbers would be written four times a second. One
/// thread at a time.
/// </summary>
internal sealed class NumberSet
{
    /// <summary>Rising; at even places the first number of a range, behind it the first that is not in it any more.</summary>
    private readonly List<long> _bounds = [];

    public int Ranges => _bounds.Count / 2;

    /// <summary>The lowest number; 0 where there is none.</summary>
    public long First => _bounds.Count > 0 ? _bounds[0] : 0;

    /// <summary>The bound at a place, for writing them down: <see cref="Ranges"/> times two.</summary>
    public long Bound(int at) => _bounds[at];

    public bool Contains(long number) => (Above(number) & 1) == 1;

    /// <summary>How many numbers it has from <paramref name="first"/> up to, not with, <paramref name="end"/>.</summary>
    public long Count(long first, long end)
    {
        long count = 0;
        for (int at = Above(first) & ~1; at < _bounds.Count && _bounds[at] < end; at += 2)
            count += Math.Max(0, Math.Min(end, _bounds[at + 1]) - Math.Max(first, _bounds[at]));
        return count;
    }

    /// <summary>Adds the numbers from <paramref name="first"/> up to, not with, <paramref name="end"/>.</summary>
    public void Add(long first, long end) => Splice(first, end, within: true);

    /// <summary>Adds what another set has from a number on.</summary>
    public void AddFrom(NumberSet other, long first)
    {
        for (int at = other.Above(first) & ~1; at < other._bounds.Count; at += 2)
            Add(Math.Max(first, other._bounds[at]), other._bounds[at + 1]);
    }

    /// <summary>Takes away the numbers from <paramref name="first"/> up to, not with, <paramref name="end"/>.</summary>
    public void Remove(long first, long end) => Splice(first, end, within: false);

    /// <summary>Takes away what another set has.</summary>
    public void Remove(NumberSet other)
    {
        for (int at = 0; at < other._bounds.Count; at += 2)
            Remove(other._bounds[at], other._bounds[at + 1]);
    }

    /// <summary>Between the two bounds there is one thing afterwards; each is written down where the state changes at it.</summary>
    private void Splice(long first, long end, bool within)
    {
        if (first >= end)
            return;
        if (_bounds.Count > 0 && within && first > _bounds[^1])
        {
            _bounds.Add(first); // The usual case: behind all the rest.
            _bounds.Add(end);
            return;
        }

        int from = _bounds.BinarySearch(first);
        from = from < 0 ? ~from : from;
        int to = Above(end);
        bool before = (from & 1) == 1, behind = (to & 1) == 1;
        _bounds.RemoveRange(from, to - from);
        if (behind != within)
            _bounds.Insert(from, end);
        if (before != within)
            _bounds.Insert(from, first);
    }

    /// <summary>The place of the first bound above a number: odd where the number is in a range.</summary>
    private int Above(long number)
    {
        int at = _bounds.BinarySearch(number);
        return at < 0 ? ~at : at + 1;
    }
}
