namespace Fastbridge;

/// <summary>
/// The two commonest LINQ operators, as plain iterators. Standing in the namespace around all of ours, they are found before <c>System.Linq</c>'s.
/// </summary>
/// <remarks>
/// Enumerable's own answer a Select on a Select by a generic virtual method, and an ahead-of-time compiler must have every pair of types ready that such
/// chains could ever make: with a dozen value types in use that is 3 MB of an executable that may have 25. One class an operator costs nothing of the kind.
/// Everything else of LINQ works on what these return. They are not for the hot path: a call allocates its iterator, as LINQ's do.
/// </remarks>
public static class Sequences
{
    /// <summary>As <see cref="Enumerable.Select{TSource,TResult}(IEnumerable{TSource},Func{TSource,TResult})"/>; deferred.</summary>
    public static IEnumerable<TResult> Select<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, TResult> selector)
    {
        foreach (TSource item in source)
            yield return selector(item);
    }

    /// <summary>As <see cref="Enumerable.Where{TSource}(IEnumerable{TSource},Func{TSource,bool})"/>; deferred.</summary>
    public static IEnumerable<TSource> Where<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)
    {
        foreach (TSource item in source)
        {
            if (predicate(item))
                yield return item;
        }
    }
}
