using System.Collections.Immutable;
using Fastbridge.Core.Checking;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Core.Records;
using Fastbridge.Kafka.Producing;

namespace Fastbridge.Kafka.Checking;

/// <summary>
/// Asks the Kafka ends of connectors whether they would take their records: reached and authenticated, every broker answering, topics there or to be created,
/// permitted to be written, batches within the limit. Writes nothing and creates nothing.
/// </summary>
public static class KafkaProbe
{
    /// <summary>Clusters that are asked at a time. 16: each costs a client with its threads.</summary>
    private const int AtATime = 16;

    /// <summary>What of a client's end is waited for: a thread of librdkafka that asks a name server that does not answer ends after many seconds.</summary>
    private static readonly TimeSpan EndingTime = TimeSpan.FromMilliseconds(800);

    /// <summary>Checks every cluster once, side by side.</summary>
    /// <param name="connectors">What is to be checked.</param>
    /// <param name="timeout">For all questions to one cluster.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    public static async Task<ImmutableArray<Finding>> RunAsync(ImmutableArray<ConnectorConfig> connectors, TimeSpan timeout, CancellationToken cancellation)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        var ends = new Dictionary<ProducerSettings, List<ConnectorConfig>>();
        var refused = new Dictionary<ProducerSettings, string?>();
        foreach (ConnectorConfig connector in connectors)
        {
            if (Refusal(connector.Kafka, refused) is { } fault)
            {
                findings.Add(Settings(connector, fault));
                continue;
            }

            ProducerSettings settings = ProducerSettings.From(Plain(connector.Kafka));
            if (!ends.TryGetValue(settings, out List<ConnectorConfig>? list))
                ends[settings] = list = [];
            list.Add(connector);
        }

        using var turns = new SemaphoreSlim(AtATime);
        var asked = new List<Task<List<Finding>>>();
        foreach ((ProducerSettings settings, List<ConnectorConfig> of) in ends)
            asked.Add(InTurnAsync(settings, of, timeout, turns, cancellation));
        foreach (List<Finding> of in await Task.WhenAll(asked).ConfigureAwait(false))
            findings.AddRange(of);
        return findings.ToImmutable();
    }

    /// <summary>The Kafka topic where it is one and the same for every message, else null.</summary>
    internal static string? FixedTopic(KafkaConfig kafka)
    {
        Template template = Template.Parse(kafka.Topic, TemplateUse.KafkaTopic);
        return template.IsConstant ? template.ConstantText() : null;
    }

    /// <summary>What decides how the cluster is reached; without idempotence, which would take a producer id of the cluster's.</summary>
    private static KafkaConfig Plain(KafkaConfig kafka) => new() { BootstrapServers = kafka.BootstrapServers, Topic = "", Acks = 1, Properties = kafka.Properties };

    /// <summary>Whether librdkafka takes the settings as a connector would give them, and together; asked once for equal ones, without an address.</summary>
    private static string? Refusal(KafkaConfig kafka, Dictionary<ProducerSettings, string?> known)
    {
        try
        {
            var settings = ProducerSettings.From(kafka with { BootstrapServers = "" });
            if (known.TryGetValue(settings, out string? fault))
                return fault;
            known[settings] = null;
            try
            {
                NativeProducer.Create(settings).Destroy();
                // Without idempotence they are other settings, and may be refused where these are not.
                NativeProducer.Create(ProducerSettings.From(Plain(kafka) with { BootstrapServers = "" })).Destroy();
                return null;
            }
            catch (SinkConfigurationException e)
            {
                return known[settings] = e.Message;
            }
        }
        catch (SinkConfigurationException e)
        {
            return e.Message;
        }
    }

    private static Finding Settings(ConnectorConfig connector, string fault) => new()
    {
        Connectors = [connector.Name],
        End = "kafka " + connector.Kafka.BootstrapServers,
        What = "settings",
        Level = FindingLevel.Fail,
        Text = fault,
    };

    private static async Task<List<Finding>> InTurnAsync(
        ProducerSettings settings, List<ConnectorConfig> connectors, TimeSpan timeout, SemaphoreSlim turns, CancellationToken cancellation)
    {
        await turns.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var topics = new HashSet<string>(StringComparer.Ordinal);
            foreach (ConnectorConfig connector in connectors)
            {
                if (FixedTopic(connector.Kafka) is { } topic)
                    topics.Add(topic);
            }

            NativeProducer native = NativeProducer.Create(settings);
            ClusterFacts facts;
            try
            {
                // It blocks in librdkafka's queue, so it has a thread of its own.
                facts = await Task.Factory.StartNew(
                    () => new ClusterTalk(native, settings, timeout, cancellation).Run(topics),
                    CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            }
            finally
            {
                await Task.WhenAny(Task.Run(native.Destroy, CancellationToken.None), Task.Delay(EndingTime, CancellationToken.None)).ConfigureAwait(false);
            }

            return new KafkaReport(facts, connectors).Write();
        }
        finally
        {
            turns.Release();
        }
    }
}
