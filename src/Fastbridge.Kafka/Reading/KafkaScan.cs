using Confluent.Kafka;

namespace Fastbridge.Kafka.Reading;

/// <summary>
/// Reads all values of a topic from its beginning, at rate, also while it grows. A cluster that forgets old records (the mock keeps a few megabytes of a partition) may be
/// faster: what is gone is counted. <see cref="Run"/> takes a thread; <see cref="Finish"/> may be called from any.
/// </summary>
public sealed class KafkaScan(string bootstrapServers, string topic, int partitions)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private volatile bool _finish;

    /// <summary>Records that were gone before they were read. To be read when <see cref="Run"/> has returned.</summary>
    public long Forgotten { get; private set; }

    /// <summary>No more will be written: <see cref="Run"/> returns at what is then the end.</summary>
    public void Finish() => _finish = true;

    /// <param name="take">Gets each value, which it may keep; called on this thread.</param>
    /// <exception cref="KafkaException">For half a minute nothing came although there is more.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public void Run(Action<byte[]> take, CancellationToken stop)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "fastbridge-scan", // asked for by librdkafka; no group is joined
            EnableAutoCommit = false,
            AllowAutoCreateTopics = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            FetchWaitMaxMs = 50,
        };
        using IConsumer<byte[]?, byte[]?> consumer = new ConsumerBuilder<byte[]?, byte[]?>(config).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
        List<TopicPartitionOffset> all = [];
        for (int partition = 0; partition < partitions; partition++)
            all.Add(new TopicPartitionOffset(topic, partition, 0));
        consumer.Assign(all);
        long[] next = new long[partitions];
        long[]? ends = null;
        DateTime deadline = DateTime.UtcNow + Patience;
        while (ends is null || !HasReached(next, ends))
        {
            stop.ThrowIfCancellationRequested();
            if (ends is null && _finish)
            {
                ends = Ends(consumer);
                deadline = DateTime.UtcNow + Patience;
                continue;
            }

            ConsumeResult<byte[]?, byte[]?>? result = Next(consumer);
            if (result is not null)
            {
                ref long expected = ref next[result.Partition.Value];
                Forgotten += Math.Max(0, result.Offset.Value - expected);
                expected = result.Offset.Value + 1;
                take(result.Message.Value ?? []);
                deadline = DateTime.UtcNow + Patience;
            }
            else if (ends is not null && DateTime.UtcNow > deadline)
            {
                throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"the records of {topic} could not be read back"));
            }
        }
    }

    private static bool HasReached(long[] next, long[] ends)
    {
        for (int partition = 0; partition < next.Length; partition++)
        {
            if (next[partition] < ends[partition])
                return false;
        }

        return true;
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

    private long[] Ends(IConsumer<byte[]?, byte[]?> consumer)
    {
        long[] ends = new long[partitions];
        for (int partition = 0; partition < partitions; partition++)
            ends[partition] = consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition), Patience).High.Value;
        return ends;
    }
}
