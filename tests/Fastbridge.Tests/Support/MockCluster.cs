using System.Collections.Concurrent;
using Confluent.Kafka;

namespace Fastbridge.Tests.Support;

/// <summary>
/// librdkafka's mock cluster in this process, for machines without a real Kafka. It creates a topic when first asked for it, and knows no
/// topic settings, size limits, TLS or SASL: tests that need those are skipped on it.
/// </summary>
public sealed class MockCluster : IDisposable
{
    private static readonly ConcurrentDictionary<string, MockCluster> Running = new();

    private readonly IAdminClient _host;

    public MockCluster()
    {
        var config = new AdminClientConfig { BootstrapServers = "unused" };
        config.Set("test.mock.num.brokers", "1");
        _host = new AdminClientBuilder(config).SetLogHandler((_, _) => { }).Build();
        BrokerMetadata broker = _host.GetMetadata(TestTools.Guard).Brokers.Single();
        Bootstrap = $"{broker.Host}:{broker.Port}";
        Running[Bootstrap] = this;
    }

    public string Bootstrap { get; }

    /// <summary>True where the address is a mock cluster's of this process.</summary>
    public static bool Is(string bootstrap) => Running.ContainsKey(bootstrap);

    public void Dispose()
    {
        Running.TryRemove(Bootstrap, out _);
        _host.Dispose();
    }
}
