using Fastbridge.Tests.EndToEnd;
using Fastbridge.Tests.FaultMatrix;
using Fastbridge.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Fastbridge.Tests.Support;

/// <summary>
/// The two collections that take minutes begin, side by side, and the many small ones fill the thread that is done first. In an order of chance a long one
/// could begin when all others are over, and run alone. (The runner queues all at once, and its thread takes what it queued last.)
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(c => c.TestCollectionDisplayName is HeavyTests.Name or FaultTests.Name ? 1 : 0)];
}
