using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Mock;
using Fastbridge.Kafka.Reading;

namespace Fastbridge.Tests.Kafka;

/// <summary>Tests of our changes to librdkafka's way of sending: a producer on librdkafka as it is, and how many requests it has sent.</summary>
public abstract class RawProducerTest : IDisposable
{
    protected const int Partitions = 12;
    protected const int Records = 240;

    private const int EventStats = 0x40;

    private static readonly nint Stats =
        NativeLibrary.GetExport(NativeLibrary.Load("librdkafka", typeof(LibRdKafka).Assembly, null), "rd_kafka_event_stats");

    private readonly List<nint> _topics = [];
    private nint _client;
    private nint _queue;

    /// <summary>Two brokers, but for a test that opens its producer on another Kafka.</summary>
    private protected MockKafka Mock { get; } = new(brokers: 2);

    /// <summary>The reports served, as they came.</summary>
    protected List<(int Record, int Error)> Reports { get; } = [];

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        foreach (nint topic in _topics)
            LibRdKafka.rd_kafka_topic_destroy(topic);
        if (_client != 0) // A skipped test has none.
        {
            LibRdKafka.rd_kafka_queue_destroy(_queue);
            LibRdKafka.rd_kafka_destroy(_client);
        }

        Mock.Dispose();
    }

    protected static int RecordOf(KafkaRecord record) => int.Parse(record.Value.Text().Split(' ')[0]);

    /// <summary>How many requests took <see cref="Records"/> records.</summary>
    protected int ProduceUntilHurried(nint topic, int bytes)
    {
        Produce(topic, 0, bytes);
        HurryUntilReported(topic, 1);
        int before = Requests();
        for (int i = 1; i <= Records; i++)
            Produce(topic, i, bytes);
        _ = LibRdKafka.rd_kafka_topic_hurry(topic);
        Serve(Records);
        return Requests() - before;
    }

    protected void Open(string linger, string idempotence, string? kafka = null, params (string, string)[] more)
    {
        using var conf = new ConfHandle();
        foreach ((string name, string value) in ((string, string)[])
            [("bootstrap.servers", kafka ?? Mock.BootstrapServers), ("enable.idempotence", idempotence), ("linger.ms", linger), ("statistics.interval.ms", "50"), ("produce.requests.join", "true"), .. more])
            Assert.Equal(LibRdKafka.ConfOk, conf.Set(name, value, out _));
        LibRdKafka.rd_kafka_conf_set_events(conf.Pointer, LibRdKafka.EventDeliveryReport | EventStats | LibRdKafka.EventError);
        _client = conf.NewProducer(out string error);
        Assert.True(_client != 0, error);
        _queue = LibRdKafka.rd_kafka_queue_get_main(_client);
    }

    /// <summary>A topic of the mock cluster, all at its broker 1.</summary>
    protected nint Topic(string name)
    {
        Mock.CreateTopic(name, Partitions);
        for (int partition = 0; partition < Partitions; partition++)
            Mock.SetLeader(name, partition, 1);
        return Handle(name);
    }

    /// <summary>A topic that is there.</summary>
    protected nint Handle(string name)
    {
        _topics.Add(LibRdKafka.rd_kafka_topic_new(_client, name, 0));
        return _topics[^1];
    }

    protected static void Produce(nint topic, int record, int bytes) => Produce(topic, record, bytes, $"key {record / 3 % 60}");

    protected static unsafe void Produce(nint topic, int record, int bytes, string keyText)
    {
        byte[] value = Encoding.UTF8.GetBytes($"{record} {new string('x', bytes)}"), key = Encoding.UTF8.GetBytes(keyText);
        fixed (byte* v = value, k = key)
            Assert.Equal(0, LibRdKafka.rd_kafka_produce(topic, LibRdKafka.PartitionUnassigned, LibRdKafka.MessageCopy, v, (nuint)value.Length, k, (nuint)key.Length, record));
    }

    /// <summary>For the first of a topic: they have no partition that could be hurried until it is known.</summary>
    protected void HurryUntilReported(nint topic, int reports)
    {
        while (Reports.Count < reports)
        {
            _ = LibRdKafka.rd_kafka_topic_hurry(topic);
            ServeOne(10, out _);
        }
    }

    protected void Serve(int reports)
    {
        while (reports > 0)
            reports -= ServeOne(60_000, out _);
    }

    /// <summary>Produce requests sent up to now: by the second report of statistics from here, for the first may be older than what was just delivered.</summary>
    /// <param name="withReports">Reports may come meanwhile; else they are a failure, for whoever waits for their number would wait for ever.</param>
    protected int Requests(bool withReports = false)
    {
        int seen = 0, requests = 0;
        while (seen < 2)
        {
            int reports = ServeOne(60_000, out string? stats);
            Assert.True(withReports || reports == 0, "a report came");
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
                Reports.Add(((int)((NativeMessage*)messages[i])->Opaque, ((NativeMessage*)messages[i])->Error));
        }
        else if (LibRdKafka.rd_kafka_event_type(@event) == EventStats)
        {
            stats = LibRdKafka.Text(((delegate* unmanaged<nint, byte*>)Stats)(@event));
        }

        LibRdKafka.rd_kafka_event_destroy(@event);
        return reports;
    }
}
