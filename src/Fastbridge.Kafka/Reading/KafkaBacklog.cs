using Confluent.Kafka;
using Fastbridge.Kafka.Security;

namespace Fastbridge.Kafka.Reading;

/// <summary>What stands in a topic now, and how far a group has dealt with it. For tools: it reads into memory, and no group is joined. One thread.</summary>
public sealed class KafkaBacklog : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly string _topic;
    private readonly TimeSpan _patience;
    private readonly TroubleReader _troubles;
    private Trouble? _trouble;

    /// <param name="group">Under which what has been dealt with is remembered.</param>
    /// <param name="patience">For each question to Kafka.</param>
    /// <exception cref="KafkaException">The token server gives no token.</exception>
    /// <exception cref="Core.Delivery.SinkConfigurationException">Properties that contradict, or lack something.</exception>
    public KafkaBacklog(string bootstrapServers, string topic, string group, IEnumerable<KeyValuePair<string, string>> properties, TimeSpan patience)
    {
        _topic = topic;
        _patience = patience;
        var tokens = new ConsumerTokens(properties);
        var config = new ConsumerConfig(tokens.Properties)
        {
            BootstrapServers = bootstrapServers,
            GroupId = group,
            EnableAutoCommit = false,
            AllowAutoCreateTopics = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        };
        _troubles = new TroubleReader(tokens.Properties);
        _consumer = tokens.Serve(new ConsumerBuilder<byte[]?, byte[]?>(config).SetErrorHandler((_, error) => _trouble = _troubles.Of((int)error.Code, error.Reason.ReplaceLineEndings(" ")) ?? _trouble).SetLogHandler((_, _) => { })).Build();
        try
        {
            tokens.Give(_consumer);
        }
        catch
        {
            _consumer.Dispose();
            throw;
        }
    }

    /// <summary>The records between what has been dealt with (or the beginning) and the end at the time of the call. None where the topic does not exist.</summary>
    /// <param name="all">From the beginning.</param>
    /// <exception cref="KafkaException">Kafka does not answer, or refuses.</exception>
    public List<KafkaRecord> Read(bool all, CancellationToken cancellation)
    {
        try
        {
            return ReadNow(all, cancellation);
        }
        catch (KafkaException e) when (!e.Error.IsFatal)
        {
            throw Explained() is { } line ? new KafkaException(new Error(e.Error.Code, line), e) : new KafkaException(e.Error, e);
        }
    }

    private List<KafkaRecord> ReadNow(bool all, CancellationToken cancellation)
    {
        List<KafkaRecord> records = [];
        List<TopicPartition> partitions = Partitions();
        var from = new Dictionary<TopicPartition, long>();
        if (!all && partitions.Count > 0)
        {
            foreach (TopicPartitionOffset committed in _consumer.Committed(partitions, _patience))
                from[committed.TopicPartition] = committed.Offset.Value;
        }

        foreach (TopicPartition partition in partitions)
        {
            WatermarkOffsets ends = _consumer.QueryWatermarkOffsets(partition, _patience);
            long start = Math.Max(from.GetValueOrDefault(partition), ends.Low.Value);
            if (start < ends.High.Value)
                Read(partition, start, ends.High.Value, records, cancellation);
        }

        return records;
    }

    /// <summary>Remembers that all before these offsets is dealt with.</summary>
    /// <exception cref="KafkaException">Kafka does not answer, or refuses.</exception>
    public void Commit(IReadOnlyDictionary<int, long> nextOffsets)
    {
        List<TopicPartitionOffset> offsets = [];
        foreach ((int partition, long offset) in nextOffsets)
            offsets.Add(new TopicPartitionOffset(_topic, partition, offset));
        if (offsets.Count > 0)
            _consumer.Commit(offsets);
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }

    /// <summary>Why no broker answers, where that is a matter of TLS or of the login. librdkafka tells it only who polls.</summary>
    private string? Explained()
    {
        for (int i = 0; i < 20 && _trouble is null; i++)
        {
            try
            {
                _consumer.Consume(Poll);
            }
            catch (KafkaException)
            {
                // What matters comes to the error handler.
            }
        }

        return _trouble?.Line;
    }

    private List<TopicPartition> Partitions()
    {
        using IAdminClient admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
        List<TopicPartition> partitions = [];
        foreach (TopicMetadata topic in admin.GetMetadata(_topic, _patience).Topics)
        {
            if (topic.Topic != _topic || topic.Error.Code is ErrorCode.UnknownTopicOrPart)
                continue;
            if (topic.Error.IsError)
                throw new KafkaException(topic.Error);
            foreach (PartitionMetadata partition in topic.Partitions)
                partitions.Add(new TopicPartition(_topic, partition.PartitionId));
        }

        return partitions;
    }

    /// <summary>The last offset before the end may be no record: a transaction's mark, or compacted away. So the position counts.</summary>
    private bool HasReached(TopicPartition partition, long end)
    {
        Offset position = _consumer.Position(partition);
        return !position.IsSpecial && position.Value >= end;
    }

    private void Read(TopicPartition partition, long start, long end, List<KafkaRecord> records, CancellationToken cancellation)
    {
        _consumer.Assign(new TopicPartitionOffset(partition, start));
        DateTime deadline = DateTime.UtcNow + _patience;
        while (!HasReached(partition, end))
        {
            cancellation.ThrowIfCancellationRequested();
            ConsumeResult<byte[]?, byte[]?>? result = _consumer.Consume(Poll);
            if (result is not null)
            {
                if (result.Offset.Value < end)
                    records.Add(KafkaReader.ToRecord(result));
                deadline = DateTime.UtcNow + _patience;
            }
            else if (DateTime.UtcNow > deadline)
            {
                throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"no record of {partition} came in time"));
            }
        }
    }
}
