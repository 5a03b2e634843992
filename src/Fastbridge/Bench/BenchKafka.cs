using System.Collections.Immutable;
using Confluent.Kafka;
using Fastbridge.Core.Checking;
using Fastbridge.Core.Config;
using Fastbridge.Kafka.Checking;
using Fastbridge.Kafka.Mock;
using Fastbridge.Kafka.Reading;

namespace Fastbridge.Bench;

/// <summary>Where a bench's records go: the embedded cluster, or a topic of its own in a given Kafka. Disposing ends the one and deletes the other. One thread.</summary>
internal sealed class BenchKafka : IDisposable
{
    /// <summary>Until a given Kafka has answered.</summary>
    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(10);

    /// <summary>Until it has created or deleted the topic: a controller may be busy.</summary>
    private static readonly TimeSpan TopicTime = TimeSpan.FromSeconds(30);

    private readonly BenchPlan _plan;
    private readonly Action<string> _warn;
    private readonly MockKafka? _mock;
    private readonly OwnTopic? _own;

    /// <param name="plan">Says which Kafka, and the topic's name.</param>
    /// <param name="warn">Gets one line where the topic cannot be deleted.</param>
    /// <param name="stop">Heard until the topic is asked for; from then on it is awaited, so that it can be deleted.</param>
    /// <exception cref="BenchException">Kafka does not answer, or refuses.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public BenchKafka(BenchPlan plan, Action<string> warn, CancellationToken stop)
    {
        _plan = plan;
        _warn = warn;
        if (plan.Bootstrap is null)
        {
            _mock = OpenMock(plan.Topic);
            Bootstrap = _mock.BootstrapServers;
        }
        else
        {
            ConnectorConfig connector = BenchFile.Connector(plan);
            Probe(connector, stop);
            Bootstrap = connector.Kafka.BootstrapServers;
            _own = Create(connector.Kafka.MessageMaxBytes);
        }
    }

    /// <summary>host:port, comma separated.</summary>
    public string Bootstrap { get; }

    /// <summary>It forgets old records, and must be read while they come.</summary>
    public bool Forgets => _mock is not null;

    public void Dispose()
    {
        _mock?.Dispose();
        if (_own is null)
            return;
        if (!_plan.Keep && _own.Delete() is { } why)
            _warn($"the topic {_plan.Topic} at {_plan.Bootstrap} could not be deleted ({why.TrimEnd('.')}); delete it");
        _own.Dispose();
    }

    private static MockKafka OpenMock(string topic)
    {
        MockKafka? mock = null;
        try
        {
            mock = new MockKafka();
            mock.CreateTopic(topic, BenchPlan.Partitions);
            return mock;
        }
        catch (Exception e) when (e is InvalidOperationException or KafkaException)
        {
            mock?.Dispose();
            throw new BenchException($"the embedded cluster: {e.Message.TrimEnd('.')}; may this user listen on loopback? else give --bootstrap");
        }
    }

    private void Probe(ConnectorConfig connector, CancellationToken stop)
    {
        foreach (Finding finding in KafkaProbe.RunAsync(ImmutableArray.Create(connector), ProbeTime, stop).GetAwaiter().GetResult())
        {
            // That there is no such topic is as it should be.
            if (finding.Level != FindingLevel.Fail || finding.What.StartsWith("topic ", StringComparison.Ordinal))
                continue;
            string? remedy = finding.What == "connect" ? "check --bootstrap, that Kafka runs there, and that it takes clients without TLS" : finding.Remedy;
            throw new BenchException($"Kafka at {_plan.Bootstrap}: {finding.Text}{(remedy is null ? "" : "; " + remedy)}");
        }
    }

    private OwnTopic Create(int maxBatchBytes)
    {
        try
        {
            return OwnTopic.Create(Bootstrap, _plan.Topic, BenchPlan.Partitions, maxBatchBytes, TopicTime);
        }
        catch (KafkaException e)
        {
            throw new BenchException($"Kafka at {_plan.Bootstrap}: the topic {_plan.Topic} cannot be created ({e.Error.Reason.TrimEnd('.')}); permit CREATE on {BenchPlan.TopicPrefix}*");
        }
    }
}
