using Fastbridge.Tests.Support;

[assembly: AssemblyFixture(typeof(Lab))]

namespace Fastbridge.Tests.Support;

/// <summary>
/// The servers that most tests share, one of each for the whole run, started when first asked for: a run that needs none starts none.
/// A test that stops or kills a server takes one of its own instead. Thread-safe.
/// </summary>
public sealed class Lab : IAsyncDisposable
{
    private readonly Lazy<Task<RealKafka>> _kafka = new(() => RealKafka.StartAsync());
    private readonly Lazy<MockCluster> _mock = new(() => new MockCluster());
    private readonly Lazy<Task<HiveMq>> _hiveMq = new(HiveMq.StartAsync);

    /// <summary>
    /// host:port of a Kafka for tests that only write and read: FASTBRIDGE_TEST_KAFKA's, else the lab's own real one, else a mock cluster.
    /// </summary>
    public async Task<string> KafkaAsync()
    {
        if (TestTools.KafkaAddress is { } address) return address;
        return TestTools.HasKafkaScript ? (await _kafka.Value).Bootstrap : _mock.Value.Bootstrap;
    }

    public async Task<HiveMq> HiveMqAsync()
    {
        TestTools.RequireHiveMqScript();
        return await _hiveMq.Value;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_kafka.IsValueCreated && _kafka.Value.IsCompletedSuccessfully) await (await _kafka.Value).DisposeAsync();
        }
        finally
        {
            if (_hiveMq.IsValueCreated && _hiveMq.Value.IsCompletedSuccessfully) await (await _hiveMq.Value).DisposeAsync();
            if (_mock.IsValueCreated) _mock.Value.Dispose();
        }
    }
}
