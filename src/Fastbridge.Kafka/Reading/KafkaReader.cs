using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Confluent.Kafka;
using Fastbridge.Kafka.Security;

namespace Fastbridge.Kafka.Reading;

/// <summary>Reads a topic from its beginning as records come, outside any consumer group. For the demo, tools and tests: it is not made for rates.</summary>
public static class KafkaReader
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MetadataTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// All records of a topic, partition by partition in offset order, mixed as they arrive. Ends after <paramref name="count"/> records, or with the
    /// token; waits for the topic to exist. Errors that pass (a broker away) are waited out.
    /// </summary>
    /// <param name="properties">librdkafka properties beyond the address, such as security.protocol.</param>
    public static async IAsyncEnumerable<KafkaRecord> ReadAsync(
        string bootstrapServers,
        string topic,
        long count = long.MaxValue,
        IEnumerable<KeyValuePair<string, string>>? properties = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Bounded, so that a slow reader does not gather the topic in memory.
        var records = Channel.CreateBounded<KafkaRecord>(new BoundedChannelOptions(1000) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task reading = Task.Factory.StartNew(
            () => Consume(bootstrapServers, topic, count, properties ?? [], records.Writer, stop.Token),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await foreach (KafkaRecord record in records.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return record;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static void Consume(
        string bootstrapServers, string topic, long count, IEnumerable<KeyValuePair<string, string>> properties, ChannelWriter<KafkaRecord> writer,
        CancellationToken stop)
    {
        try
        {
            var tokens = new ConsumerTokens(properties);
            var config = new ConsumerConfig(tokens.Properties)
            {
                BootstrapServers = bootstrapServers,
                GroupId = "fastbridge-reader", // asked for by librdkafka; no group is joined
                EnableAutoCommit = false,
                AllowAutoCreateTopics = false,
                AutoOffsetReset = AutoOffsetReset.Earliest,
            };
            using IConsumer<byte[]?, byte[]?> consumer = tokens.Serve(new ConsumerBuilder<byte[]?, byte[]?>(config).SetErrorHandler((_, _) => { })
                .SetLogHandler((_, _) => { })).Build();
            tokens.Give(consumer);
            consumer.Assign(Partitions(consumer, topic, stop).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
            for (long read = 0; read < count && !stop.IsCancellationRequested;)
            {
                ConsumeResult<byte[]?, byte[]?>? result = Next(consumer);
                if (result is null)
                    continue;
                read++;
                writer.WriteAsync(ToRecord(result), stop).AsTask().GetAwaiter().GetResult();
            }

            writer.Complete();
        }
        catch (OperationCanceledException)
        {
            writer.TryComplete();
        }
        catch (Exception e)
        {
            writer.TryComplete(e);
        }
    }

    private static ConsumeResult<byte[]?, byte[]?>? Next(IConsumer<byte[]?, byte[]?> consumer)
    {
        try
        {
            return consumer.Consume(Poll);
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            return null;
        }
    }

    private static int[] Partitions(IConsumer<byte[]?, byte[]?> consumer, string topic, CancellationToken stop)
    {
        using IAdminClient admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                TopicMetadata? found = admin.GetMetadata(topic, MetadataTimeout).Topics.Find(t => t.Topic == topic);
                if (found is { Error.IsError: false, Partitions.Count: > 0 })
                    return [.. found.Partitions.Select(p => p.PartitionId)];
            }
            catch (KafkaException)
            {
                // No broker answers yet: asked again.
            }

            stop.WaitHandle.WaitOne(Poll);
        }
    }

    internal static KafkaRecord ToRecord(ConsumeResult<byte[]?, byte[]?> result) => new()
    {
        Topic = result.Topic,
        Partition = result.Partition.Value,
        Offset = result.Offset.Value,
        Key = result.Message.Key,
        Value = result.Message.Value,
        Headers = result.Message.Headers is { } headers
            ? [.. headers.Select(h => new KeyValuePair<string, byte[]?>(h.Key, h.GetValueBytes()))]
            : ImmutableArray<KeyValuePair<string, byte[]?>>.Empty,
        TimestampMs = result.Message.Timestamp.UnixTimestampMs,
    };
}
