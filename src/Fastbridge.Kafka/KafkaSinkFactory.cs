using System.Collections.Immutable;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Core.Live;
using Fastbridge.Kafka.Producing;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Kafka;

/// <summary>
/// Opens sinks on Kafka. Connectors with equal settings get shares of one producer, so that a thousand of them cost one set of connections and
/// threads. Thread-safe. Disposing waits until every producer's threads have ended; sinks should be disposed before.
/// </summary>
public sealed class KafkaSinkFactory(ILoggerFactory loggers) : IRecordSinkFactory, IAsyncDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger("Fastbridge.Kafka");
    private readonly Dictionary<ProducerSettings, KafkaProducer> _producers = [];
    private readonly List<KafkaProducer> _ending = [];
    private readonly Lock _lock = new();
    private bool _disposed;

    /// <summary>Of each producer's delivery thread.</summary>
    public ImmutableArray<Heartbeat> Hearts
    {
        get
        {
            lock (_lock)
            {
                ImmutableArray<Heartbeat>.Builder all = ImmutableArray.CreateBuilder<Heartbeat>(_producers.Count);
                foreach (KafkaProducer producer in _producers.Values)
                    all.Add(producer.Heart);
                return all.MoveToImmutable();
            }
        }
    }

    /// <inheritdoc/>
    public IRecordSink Open(KafkaConfig config, IDeliveryListener listener) => OpenShare(config, listener);

    /// <inheritdoc/>
    public Func<KafkaConfig, string?> Refusals()
    {
        var known = new Dictionary<ProducerSettings, string?>();
        return config =>
        {
            try
            {
                // Without an address it connects to nothing.
                var settings = ProducerSettings.From(config with { BootstrapServers = "" });
                if (!known.TryGetValue(settings, out string? why))
                    known.Add(settings, why = Trial(settings));
                return why;
            }
            catch (SinkConfigurationException e)
            {
                return e.Message;
            }
        };
    }

    private static string? Trial(ProducerSettings settings)
    {
        try
        {
            NativeProducer.Create(settings).Destroy();
            return null;
        }
        catch (SinkConfigurationException e)
        {
            return e.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        KafkaProducer[] all;
        lock (_lock)
        {
            _disposed = true;
            foreach (KafkaProducer producer in _producers.Values)
                End(producer);
            _producers.Clear();
            all = [.. _ending];
        }

        foreach (KafkaProducer producer in all)
            await producer.Ended.ConfigureAwait(false);
    }

    internal KafkaRecordSink OpenShare(KafkaConfig config, IDeliveryListener listener)
    {
        ProducerSettings settings = ProducerSettings.From(config);
        return OpenShare(settings, listener, apart => OpenShare(settings.Unbatched(), apart, null));
    }

    private KafkaRecordSink OpenShare(ProducerSettings settings, IDeliveryListener listener, Func<IDeliveryListener, KafkaRecordSink>? openApart)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_producers.TryGetValue(settings, out KafkaProducer? producer))
            {
                producer = new KafkaProducer(settings, _logger);
                producer.LastClosed += OnLastClosed;
                _producers.Add(settings, producer);
            }

            return producer.Open(listener, openApart);
        }
    }

    private void OnLastClosed(KafkaProducer producer)
    {
        lock (_lock)
        {
            // Somebody may have opened a share meanwhile.
            if (producer.IsUnused && _producers.Remove(producer.Settings))
                End(producer);
        }
    }

    private void End(KafkaProducer producer)
    {
        _ending.RemoveAll(p => p.Ended.IsCompleted);
        _ending.Add(producer);
        producer.Stop();
    }
}
