using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Mock;
using Fastbridge.Kafka.Reading;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Kafka;

/// <summary>Our change to librdkafka: Produce requests that wait to be sent leave as one, and each partition gets its own part of the answer.</summary>
public sealed class JoinedRequestTests(Lab lab) : IDisposable
{
    private const int EventStats = 0x40;
    private const int Partitions = 12;
    private const int Records = 240;

    private static readonly nint Stats =
        NativeLibrary.GetExport(NativeLibrary.Load("librdkafka", typeof(LibRdKafka).Assembly, null), "rd_kafka_event_stats");

    private readonly MockKafka _kafka = new(brokers: 2);
    private readonly List<(int Record, int Error)> _reports = [];
    private readonly List<nint> _topics = [];
    private nint _client;
    private nint _queue;

    public void Dispose()
    {
        foreach (nint topic in _topics)
            LibRdKafka.rd_kafka_topic_destroy(topic);
        if (_client != 0) // A skipped test has none.
        {
            LibRdKafka.rd_kafka_queue_destroy(_queue);
            LibRdKafka.rd_kafka_destroy(_client);
        }

        _kafka.Dispose();
    }

    [Theory]
    [InlineData("true", 1)]
    [InlineData("false", 1)]
    [InlineData("true", 2_000)] // Larger parts go by reference.
    public async Task records_for_many_partitions_leave_in_one_request(string idempotence, int bytes)
    {
        Open("60000", idempotence);
        nint topic = Topic("t");
        int before = ProduceUntilHurried(topic, bytes);
        Assert.InRange(before, 1, Partitions / 2);
        Assert.Equal(Enumerable.Range(0, Records + 1).Select(i => (i, 0)), _reports.Order());

        List<KafkaRecord> read = await Sinks.ReadAll(_kafka.BootstrapServers, "t", Records + 1);
        Assert.Equal(Enumerable.Range(0, Records + 1), read.Select(RecordOf).Order());
        Assert.Equal(Partitions, read.Select(r => r.Partition).Distinct().Count());
        foreach (IGrouping<int, KafkaRecord> partition in read.GroupBy(r => r.Partition))
        {
            int[] records = [.. partition.OrderBy(r => r.Offset).Select(RecordOf)];
            Assert.Equal(records.Order(), records);
            Assert.All(partition, r => Assert.Equal(bytes, r.Value!.Length - r.Value.AsSpan().IndexOf((byte)' ') - 1));
        }
    }

    [Fact]
    public void a_kafka_older_than_the_flexible_requests_gets_one_for_each_partition()
    {
        _kafka.SetApiVersion(0, 0, 8);
        Open("60000", "true");
        Assert.InRange(ProduceUntilHurried(Topic("t"), 1), Partitions, 2 * Partitions);
        Assert.Equal(Enumerable.Range(0, Records + 1).Select(i => (i, 0)), _reports.Order());
    }

    [Fact]
    public void a_request_holds_no_more_than_a_megabyte()
    {
        Open("60000", "true");
        Assert.InRange(ProduceUntilHurried(Topic("t"), 40_000), Partitions, 2 * Partitions);
        Assert.Equal(Enumerable.Range(0, Records + 1).Select(i => (i, 0)), _reports.Order());
    }

    [Fact]
    public void records_that_have_lingered_for_a_while_go_along_with_others()
    {
        Open("4000", "true");
        nint topic = Topic("t");
        Produce(topic, 0, 1);
        Serve(1);
        int before = Requests();
        for (int i = 0; i < Records; i += Records / 20)
        {
            Produce(topic, i, 1);
            _ = Requests(); // Two reports of statistics later: each partition's linger ends at another time.
        }

        Serve(20);
        Assert.InRange(Requests() - before, 1, Partitions / 2);
    }

    [Fact]
    public async Task of_several_topics_in_a_request_each_gets_its_own_answer()
    {
        Open("200", "true");
        string[] names = ["a", "b", "c"];
        nint[] topics = [.. names.Select(Topic)];
        for (int i = 0; i < topics.Length; i++)
            Produce(topics[i], i, 1);
        Serve(topics.Length);

        // The client learns of it by the answer: those of b are sent once more, and only they.
        for (int partition = 0; partition < Partitions; partition++)
            _kafka.SetLeader("b", partition, 2);
        for (int i = 3; i < Records; i++)
            Produce(topics[i % 3], i, 1);
        Serve(Records - 3);
        Assert.Equal(Enumerable.Range(0, Records).Select(i => (i, 0)), _reports.Order());
        for (int i = 0; i < topics.Length; i++)
        {
            List<KafkaRecord> read = await Sinks.ReadAll(_kafka.BootstrapServers, names[i], Records / 3);
            Assert.Equal(Enumerable.Range(0, Records).Where(n => n % 3 == i), read.Select(RecordOf).Order());
        }
    }

    [Fact]
    public async Task a_topic_that_refuses_its_records_refuses_no_others_of_the_request()
    {
        string kafka = await lab.KafkaAsync();
        string[] names = [await KafkaTopics.CreateAsync(kafka, "joined", 4), await KafkaTopics.CreateAsync(kafka, "joined", 4, ("max.message.bytes", "1000")), await KafkaTopics.CreateAsync(kafka, "joined", 4)];
        Open("200", "true", kafka);
        nint[] topics = [.. names.Select(n => LibRdKafka.rd_kafka_topic_new(_client, n, 0))];
        _topics.AddRange(topics);
        for (int i = 0; i < topics.Length; i++)
            Produce(topics[i], i, 1);
        Serve(topics.Length);

        int before = Requests();
        for (int i = 3; i < Records; i++)
            Produce(topics[i % 3], i, 2_000);
        Serve(Records - 3);
        Assert.InRange(Requests() - before, 1, Partitions / 2);
        Assert.Equal(Enumerable.Range(0, Records).Select(i => (i, i is > 2 && i % 3 == 1 ? (int)ErrorCode.MsgSizeTooLarge : 0)), _reports.Order());
        foreach (int i in (int[])[0, 2])
        {
            List<KafkaRecord> read = await Sinks.ReadAll(kafka, names[i], Records / 3);
            Assert.Equal(Enumerable.Range(0, Records).Where(n => n % 3 == i), read.Select(RecordOf).Order());
        }
    }

    private static int RecordOf(KafkaRecord record) => int.Parse(record.Value.Text().Split(' ')[0]);

    /// <summary>How many requests took <see cref="Records"/> records.</summary>
    private int ProduceUntilHurried(nint topic, int bytes)
    {
        Produce(topic, 0, bytes);
        while (_reports.Count == 0) // It has no partition until the topic is known.
        {
            _ = LibRdKafka.rd_kafka_topic_hurry(topic);
            ServeOne(10, out _);
        }

        int before = Requests();
        for (int i = 1; i <= Records; i++)
            Produce(topic, i, bytes);
        _ = LibRdKafka.rd_kafka_topic_hurry(topic);
        Serve(Records);
        return Requests() - before;
    }

    private void Open(string linger, string idempotence, string? kafka = null)
    {
        using var conf = new ConfHandle();
        foreach ((string name, string value) in ((string, string)[])
            [("bootstrap.servers", kafka ?? _kafka.BootstrapServers), ("enable.idempotence", idempotence), ("linger.ms", linger), ("statistics.interval.ms", "50")])
            Assert.Equal(LibRdKafka.ConfOk, conf.Set(name, value, out _));
        LibRdKafka.rd_kafka_conf_set_events(conf.Pointer, LibRdKafka.EventDeliveryReport | EventStats | LibRdKafka.EventError);
        _client = conf.NewProducer(out string error);
        Assert.True(_client != 0, error);
        _queue = LibRdKafka.rd_kafka_queue_get_main(_client);
    }

    private nint Topic(string name)
    {
        _kafka.CreateTopic(name, Partitions);
        for (int partition = 0; partition < Partitions; partition++)
            _kafka.SetLeader(name, partition, 1);
        _topics.Add(LibRdKafka.rd_kafka_topic_new(_client, name, 0));
        return _topics[^1];
    }

    private static unsafe void Produce(nint topic, int record, int bytes)
    {
        byte[] value = Encoding.UTF8.GetBytes($"{record} {new string('x', bytes)}"), key = Encoding.UTF8.GetBytes($"key {record / 3 % 60}");
        fixed (byte* v = value, k = key)
            Assert.Equal(0, LibRdKafka.rd_kafka_produce(topic, LibRdKafka.PartitionUnassigned, LibRdKafka.MessageCopy, v, (nuint)value.Length, k, (nuint)key.Length, record));
    }

    private void Serve(int reports)
    {
        while (reports > 0)
            reports -= ServeOne(60_000, out _);
    }

    /// <summary>Produce requests sent up to now: by the second report of statistics from here, for the first may be older than what was just delivered.</summary>
    private int Requests()
    {
        int seen = 0, requests = 0;
        while (seen < 2)
        {
            Assert.Equal(0, ServeOne(60_000, out string? stats));
            if (stats is null)
                continue;
            using var json = JsonDocument.Parse(stats);
            requests = json.RootElement.GetProperty("brokers").EnumerateObject().Sum(b => b.Value.GetProperty("req").TryGetProperty("Produce", out JsonElement count) ? count.GetInt32() : 0);
            seen++;
        }

        return requests;
    }

    /// <summary>Serves one event; none is a failure but for a short wait.</summary>
    private unsafe int ServeOne(int milliseconds, out string? stats)
    {
        nint* messages = stackalloc nint[Records];
        nint @event = LibRdKafka.rd_kafka_queue_poll(_queue, milliseconds);
        int reports = 0;
        stats = null;
        if (@event == 0)
        {
            Assert.InRange(milliseconds, 0, 10);
            return 0;
        }

        if (LibRdKafka.rd_kafka_event_type(@event) == LibRdKafka.EventDeliveryReport)
        {
            reports = (int)LibRdKafka.rd_kafka_event_message_array(@event, (NativeMessage**)messages, Records);
            for (int i = 0; i < reports; i++)
                _reports.Add(((int)((NativeMessage*)messages[i])->Opaque, ((NativeMessage*)messages[i])->Error));
        }
        else if (LibRdKafka.rd_kafka_event_type(@event) == EventStats)
        {
            stats = LibRdKafka.Text(((delegate* unmanaged<nint, byte*>)Stats)(@event));
        }

        LibRdKafka.rd_kafka_event_destroy(@event);
        return reports;
    }
}
