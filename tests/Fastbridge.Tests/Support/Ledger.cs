using System.Buffers.Text;
using System.Text.Json;
using Confluent.Kafka;

namespace Fastbridge.Tests.Support;

/// <summary>One record as it stands in Kafka.</summary>
public sealed record LedgerRecord(int Partition, long Offset, byte[]? Key, byte[] Value, Headers Headers, DateTime Timestamp);

/// <summary>
/// Reads a Kafka topic from its beginning and books every record of a <see cref="Fleet"/>: which are lost, which came more than once, which
/// out of order. Not thread-safe.
/// </summary>
public sealed class Ledger : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly string _topic;
    private readonly bool _raw;
    private readonly Dictionary<(int Publisher, int Sequence), int> _copies = [];
    private readonly Dictionary<(int Publisher, string Topic), Stream> _streams = [];
    private readonly List<string> _repeated = [];
    private readonly List<string> _reordered = [];
    private readonly List<LedgerRecord> _foreign = [];

    /// <param name="topic">Must exist; all its partitions are read.</param>
    /// <param name="raw">The records are bare payloads (format <c>raw</c>) whose key is the MQTT topic.</param>
    public Ledger(string bootstrap, string topic, bool raw = false)
    {
        _topic = topic;
        _raw = raw;
        _consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = "ledger",
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            // Fetches wait for nothing: the test waits for the last record.
            FetchWaitMaxMs = 20,
            ReconnectBackoffMaxMs = 500,
            // A Kafka that has just come back may say for a moment that the topic does not exist. librdkafka would believe it for five minutes.
            TopicMetadataRefreshIntervalMs = 1000,
            TopicMetadataPropagationMaxMs = 600_000,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        Partitions = KafkaTopics.WaitForPartitions(bootstrap, topic);
        _consumer.Assign(Enumerable.Range(0, Partitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
    }

    public int Partitions { get; }

    /// <summary>Records read so far.</summary>
    public int Count { get; private set; }

    /// <summary>Different messages of fleets read so far.</summary>
    public int Different => _copies.Count;

    /// <summary>Records that carry no <c>publisher:sequence</c>.</summary>
    public IReadOnlyList<LedgerRecord> Foreign => _foreign;

    /// <summary>Called with every record, before it is booked: for tests that look inside.</summary>
    public Action<LedgerRecord>? OnRecord { get; set; }

    /// <summary>
    /// Reads on until every message that the broker has acknowledged to these fleets is there, and then to the end. Returns also where they
    /// stay away: nothing new for <paramref name="patience"/> (default: the hang guard); <see cref="Check"/> then names what is lost.
    /// </summary>
    public Task ReadAllAsync(IReadOnlyList<Fleet> fleets, TimeSpan? patience = null) => Task.Run(() =>
    {
        DateTime begun = DateTime.UtcNow, last = begun;
        // The second bound is for a bridge that repeats for ever.
        while (Lost(fleets).Take(1).Any() && DateTime.UtcNow - last < (patience ?? TestTools.Guard) && DateTime.UtcNow - begun < 3 * TestTools.Guard)
        {
            if (ReadSome(10_000) > 0) last = DateTime.UtcNow;
        }

        ReadToEnd();
    });

    /// <summary>Reads on until there are so many records in all.</summary>
    public Task ReadCountAsync(int count) => Task.Run(() =>
    {
        DateTime last = DateTime.UtcNow;
        while (Count < count)
        {
            if (ReadSome(count - Count) > 0) last = DateTime.UtcNow;
            else if (DateTime.UtcNow - last > TestTools.Guard) throw new TimeoutException($"{_topic} holds {Count} records, {count} are awaited");
        }
    });

    /// <summary>Reads on until this holds; it is looked at after every few records.</summary>
    public Task ReadUntilAsync(Func<bool> holds, string what) => Task.Run(() =>
    {
        DateTime deadline = DateTime.UtcNow + TestTools.Guard;
        while (!holds())
        {
            if (DateTime.UtcNow > deadline) throw new TimeoutException($"{_topic} holds {Count} records; awaited in vain: {what}");
            ReadSome(1000);
        }
    });

    /// <summary>Reads what stands in the topic now.</summary>
    public Task ReadToEndAsync() => Task.Run(ReadToEnd);

    /// <summary>Fails with the numbers and the first few of each kind, unless nothing is lost or reordered and nothing repeated beyond the allowance.</summary>
    /// <param name="repeats">Copies beyond the first that are allowed, beside those that the fleets themselves sent again; -1: any number.</param>
    /// <param name="forgotten">
    /// Messages that a killed broker may have acknowledged and not kept: its loss, for the caller has seen that the bridge delivered all that it received.
    /// </param>
    public void Check(IReadOnlyList<Fleet> fleets, int repeats = 0, int forgotten = 0)
    {
        string[] lost = [.. Lost(fleets)];
        if (lost.Length > 0 && lost.Length <= forgotten)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"the killed broker forgot {lost.Length}{Few(lost)}");
            lost = [];
        }

        FaultReport.Book(fleets.Sum(f => (long)f.Acknowledged), lost.Length, Repeats(fleets), _reordered.Count);
        if (lost.Length == 0 && _reordered.Count == 0 && Repeats(fleets) <= (repeats < 0 ? int.MaxValue : repeats)) return;
        Assert.Fail(
            $"{_topic}: {fleets.Sum(f => f.Acknowledged)} messages acknowledged to the publishers, {Count} records; "
            + $"lost {lost.Length}{Few(lost)}; repeated {Repeats(fleets)} (allowed {repeats}){Few(_repeated)}; reordered {_reordered.Count}{Few(_reordered)}");
    }

    /// <summary>Copies beyond the first, without those that may come from the fleet's own resending.</summary>
    public int Repeats(IReadOnlyList<Fleet> fleets) => fleets.SelectMany(f => f.Publishers).Sum(p =>
        Enumerable.Range(0, p.SentCount).Sum(n =>
            Math.Max(0, _copies.GetValueOrDefault((p.Number, n)) - 1 - (p.WasResent(n) ? 1 : 0))));

    public int LostCount(IReadOnlyList<Fleet> fleets) => Lost(fleets).Count();

    public int Reordered => _reordered.Count;

    /// <summary>Without Close, which speaks with the group's coordinator: no group was joined, and Kafka may be away.</summary>
    public void Dispose() => _consumer.Dispose();

    private static string Few(IReadOnlyCollection<string> all) => all.Count == 0 ? "" : $" ({string.Join(", ", all.Take(5))}{(all.Count > 5 ? ", …" : "")})";

    private IEnumerable<string> Lost(IReadOnlyList<Fleet> fleets) =>
        from publisher in fleets.SelectMany(f => f.Publishers)
        from sequence in Enumerable.Range(0, publisher.SentCount)
        where publisher.IsAcknowledged(sequence) && !_copies.ContainsKey((publisher.Number, sequence))
        select $"{publisher.Number}:{sequence} of {publisher.Topic(sequence)}";

    private void ReadToEnd()
    {
        long[] ends = [.. Enumerable.Range(0, Partitions).Select(End)];
        DateTime deadline = DateTime.UtcNow + TestTools.Guard;
        while (Enumerable.Range(0, Partitions).Any(p => ends[p] > 0 && Position(p) < ends[p]))
        {
            if (DateTime.UtcNow > deadline) throw new TimeoutException($"{_topic} cannot be read to its end");
            ReadSome(10_000);
        }
    }

    /// <summary>Behind the last record. A Kafka that has just come back may not know its partitions yet: it is asked again.</summary>
    private long End(int partition)
    {
        DateTime deadline = DateTime.UtcNow + TestTools.Guard;
        while (true)
        {
            try
            {
                return _consumer.QueryWatermarkOffsets(new TopicPartition(_topic, partition), TestTools.Guard).High.Value;
            }
            catch (KafkaException e) when (!e.Error.IsFatal && DateTime.UtcNow < deadline)
            {
                Thread.Sleep(Poll);
            }
        }
    }

    private long Position(int partition) => _consumer.Position(new TopicPartition(_topic, partition)) is { IsSpecial: false } at ? at.Value : 0;

    /// <summary>Reads until nothing comes for a moment, or so many.</summary>
    private int ReadSome(int most)
    {
        int read = 0;
        while (read < most)
        {
            try
            {
                if (_consumer.Consume(Poll) is not { Message: not null } result) break;
                Book(new LedgerRecord(
                    result.Partition.Value, result.Offset.Value, result.Message.Key, result.Message.Value ?? [], result.Message.Headers, result.Message.Timestamp.UtcDateTime));
                read++;
            }
            catch (ConsumeException e) when (!e.Error.IsFatal)
            {
                // Kafka is away for a while, as the test wants it.
                break;
            }
        }

        return read;
    }

    private void Book(LedgerRecord record)
    {
        Count++;
        OnRecord?.Invoke(record);
        (string topic, byte[] payload) = _raw ? (System.Text.Encoding.UTF8.GetString(record.Key ?? []), record.Value) : Decode(record.Value);
        if (!Utf8Parser.TryParse(payload, out int publisher, out int digits) || digits >= payload.Length || payload[digits] != ':'
            || !Utf8Parser.TryParse(payload.AsSpan(digits + 1), out int sequence, out _))
        {
            _foreign.Add(record);
            return;
        }

        int copies = _copies[(publisher, sequence)] = _copies.GetValueOrDefault((publisher, sequence)) + 1;
        string where = $"{publisher}:{sequence} at {record.Partition}/{record.Offset}";
        if (copies > 1)
        {
            _repeated.Add($"{where}, copy {copies}");
            return;
        }

        if (!_streams.TryGetValue((publisher, topic), out Stream? stream)) _streams[(publisher, topic)] = stream = new Stream { Partition = record.Partition };
        if (stream.Partition != record.Partition) _reordered.Add($"{where}, its stream is in partition {stream.Partition}");
        if (sequence < stream.Highest) _reordered.Add($"{where}, behind {publisher}:{stream.Highest}");
        stream.Highest = Math.Max(stream.Highest, sequence);
    }

    /// <summary>topic and payload of a RobustMQ record.</summary>
    private static (string Topic, byte[] Payload) Decode(byte[] value)
    {
        var reader = new Utf8JsonReader(value);
        string topic = "";
        byte[] payload = [];
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1) continue;
            bool isTopic = reader.ValueTextEquals("topic"u8), isPayload = reader.ValueTextEquals("payload"u8);
            reader.Read();
            if (isTopic) topic = reader.GetString()!;
            else if (isPayload) payload = reader.GetBytesFromBase64();
            else reader.Skip();
        }

        return (topic, payload);
    }

    private sealed class Stream
    {
        public int Partition { get; init; }

        public int Highest { get; set; } = -1;
    }
}
