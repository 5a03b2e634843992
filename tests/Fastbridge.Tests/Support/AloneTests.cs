namespace Fastbridge.Tests.Support;

/// <summary>Tests that measure the test process itself: they run when no other test does, for one with forty threads would be seen, too.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneTests
{
    public const string Name = "alone";
}
