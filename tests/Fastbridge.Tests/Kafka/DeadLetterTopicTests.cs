using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Fastbridge.Cli.Dlq;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Core.Records;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Reading;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Kafka;

/// <summary>Dead letters in a topic of a real Kafka, read with Confluent's consumer, and replayed from there and from the file.</summary>
public class DeadLetterTopicTests(Lab lab) : IAsyncLifetime
{
    private string _kafka = "";

    public async ValueTask InitializeAsync()
    {
        // The mock cluster knows no limits of topics.
        if (TestTools.KafkaAddress is null)
            TestTools.RequireKafkaScript();
        _kafka = await lab.KafkaAsync();
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task a_record_too_large_for_its_topic_is_a_letter_in_kafka_or_in_the_file_and_is_replayed_when_the_topic_takes_it(bool inKafka)
    {
        string topic = await CreateAsync("small", ("max.message.bytes", "20000"));
        string letters = inKafka ? await CreateAsync("letters") : "";
        string state = Directory.CreateTempSubdirectory("fastbridge-dlq-").FullName;
        ConnectorConfig connector = Connector("c", topic, inKafka ? letters : null);
        await using (var bench = new Bench(_kafka, connector, state))
        {
            bench.Publish(1, "small 1");
            bench.Publish(2, new string('x', 40_000));
            bench.Publish(3, "small 2");
            await bench.SettledAsync();
            Assert.Equal((1, 2), (bench.Delivery.Counters.DeadLettered, bench.Delivery.Counters.Delivered));
            Assert.Equal([KeyValuePair.Create("MSG_SIZE_TOO_LARGE", 1L)], bench.Delivery.Counters.DeadLetterReasons);
        }

        if (inKafka)
        {
            KafkaRecord letter = Assert.Single(await Sinks.ReadAll(_kafka, letters, 1));
            JsonElement json = JsonDocument.Parse(letter.Value!).RootElement;
            Assert.Equal(("c", "a/b", 40_000), (json.GetProperty("connector_name").GetString(), json.GetProperty("source_topic").GetString(), json.GetProperty("record_base64").GetBytesFromBase64().Length));
        }

        using (IAdminClient admin = Admin())
        {
            await admin.IncrementalAlterConfigsAsync(new() { [new ConfigResource { Type = ResourceType.Topic, Name = topic }] = [new ConfigEntry { Name = "max.message.bytes", Value = "1000000", IncrementalOperation = AlterConfigOpType.Set }] });
        }

        await using KafkaSinkFactory sinks = Sinks.NewFactory();
        var dlq = new DlqConnector(connector, state, "test");
        List<DeadLetter> listed = [];
        Assert.True(await dlq.ReadAsync(listed, all: false, TestContext.Current.CancellationToken));
        Assert.StartsWith(inKafka ? "kafka:" : "file:1", Assert.Single(listed).Id, StringComparison.Ordinal);
        using var output = new StringWriter();
        Assert.True(await dlq.ReplayAsync(sinks, dryRun: true, output, TestContext.Current.CancellationToken));
        Assert.Contains("would be produced", output.ToString(), StringComparison.Ordinal);
        Assert.True(await dlq.ReplayAsync(sinks, dryRun: false, output, TestContext.Current.CancellationToken));
        Assert.True(await dlq.ReplayAsync(sinks, dryRun: false, output, TestContext.Current.CancellationToken));
        List<DeadLetter> left = [];
        Assert.True(await dlq.ReadAsync(left, all: false, TestContext.Current.CancellationToken));
        Assert.Empty(left);
        using var backlog = new KafkaBacklog(_kafka, topic, "test", [], TimeSpan.FromSeconds(30));
        Assert.Equal(["small 1", "small 2", new string('x', 40_000)], backlog.Read(all: true, TestContext.Current.CancellationToken).OrderBy(r => r.Offset).Select(r => r.Value.Text()));
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public async Task connectors_that_try_suspects_at_the_same_time_do_not_condemn_each_others_good_records()
    {
        // They share a producer and a topic that takes a record but not a batch: in one batch, two that are tried alone would both be refused.
        const int Connectors = 4, Count = 150;
        string topic = await CreateAsync("crowd", ("max.message.bytes", "4000"));
        string state = Directory.CreateTempSubdirectory("fastbridge-crowd-").FullName;
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        List<Bench> benches = [];
        for (int i = 0; i < Connectors; i++)
            benches.Add(new Bench(_kafka, Connector($"c{i}", topic, null), state, factory));
        await Task.WhenAll(benches.Select(b => Task.Run(
            async () =>
            {
                for (int i = 0; i < Count; i++)
                    await b.PublishWhenRoomAsync(i + 1, $"{b.Name} {i}".PadRight(2_500));
                await b.SettledAsync();
            },
            TestContext.Current.CancellationToken)));
        Assert.Equal(0, benches.Sum(b => b.Delivery.Counters.DeadLettered));
        Assert.Equal(Connectors * Count, benches.Sum(b => b.Delivery.Counters.Delivered));
        Assert.True(benches.Sum(b => b.Delivery.Counters.ProducedAgain) > 0, "no batch was condemned: the test shows nothing");
        foreach (Bench bench in benches)
            await bench.DisposeAsync();
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public async Task with_kafka_away_a_strategy_that_gives_up_drops_after_its_time_outs_and_takes_new_messages()
    {
        string state = Directory.CreateTempSubdirectory("fastbridge-away-").FullName;
        var failure = new FailureConfig { Strategy = FailureStrategy.DiscardAfterRetry, RetryTotalTimes = 1, WaitTime = TimeSpan.FromMilliseconds(10) };
        ConnectorConfig connector = Connector("c", "t", null) with { Failure = failure };
        await using var bench = new Bench("127.0.0.1:1", connector with { Kafka = connector.Kafka with { BootstrapServers = "127.0.0.1:1", DeliveryTimeoutMs = 1_000 } }, state);
        for (int i = 0; i < 200; i++)
            await bench.PublishWhenRoomAsync(i + 1, $"{i}"); // On a slow machine the first may be back before the last is published.
        await bench.SettledAsync();
        Assert.Equal([KeyValuePair.Create("_MSG_TIMED_OUT", 200L)], bench.Delivery.Counters.DiscardReasons);
        Assert.Equal((200, 200), (bench.Delivery.Counters.ProducedAgain, bench.AckCount));
        Directory.Delete(state, recursive: true);
    }

    private ConnectorConfig Connector(string name, string topic, string? letters) => new()
    {
        Name = name,
        Mqtt = new MqttClientOptions(),
        Kafka = Sinks.Config(topic == "t" ? "127.0.0.1:1" : _kafka) with { Topic = topic, MessageTimeoutMs = 60_000 },
        Failure = new FailureConfig { TopicName = letters },
    };

    private async Task<string> CreateAsync(string purpose, params (string Name, string Value)[] settings)
    {
        string name = $"{purpose}-{Guid.NewGuid():N}";
        using IAdminClient admin = Admin();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = name, NumPartitions = 1, ReplicationFactor = 1, Configs = settings.ToDictionary(s => s.Name, s => s.Value) }]);
        return name;
    }

    private IAdminClient Admin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _kafka }).Build();

    /// <summary>A connector without its MQTT end: payloads as they are.</summary>
    private sealed class Bench : IAcknowledger, IConnectorEvents, IRecordEncoder, IAsyncDisposable
    {
        private readonly TopicTarget _target;
        private readonly KafkaSinkFactory _factory;
        private readonly bool _ownsFactory;
        private readonly IRecordSink _sink;
        private byte[] _value = [];
        private int _sequence;
        private int _acks;

        public Bench(string bootstrap, ConnectorConfig connector, string state, KafkaSinkFactory? factory = null)
        {
            Name = connector.Name;
            _target = new TopicTarget(connector.Kafka.Topic, null);
            _factory = factory ?? Sinks.NewFactory();
            _ownsFactory = factory is null;
            Delivery = new ConnectorDelivery(connector, this, new DeadLetterFile(DeadLetterBox.Of(state, connector.Name).Path), this, TimeProvider.System);
            _sink = _factory.Open(connector.Kafka with { BootstrapServers = bootstrap }, Delivery);
            Delivery.Start(_sink, this);
            Delivery.OnConnected(new MqttConnected(1, false, "c", 65_535, 0));
        }

        public string Name { get; }

        public ConnectorDelivery Delivery { get; }

        public int AckCount => Volatile.Read(ref _acks);

        public Receipt FirstUnacknowledged => default;

        public long ReceivedAtMs => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

        public void Publish(int id, string payload) => Assert.True(Take(id, payload));

        public async Task PublishWhenRoomAsync(int id, string payload)
        {
            using var guard = new CancellationTokenSource(RecordingListener.HangGuard);
            while (!Take(id, payload))
            {
                await Delivery.WaitForRoomAsync(guard.Token);
                Assert.False(guard.IsCancellationRequested, "no room in two minutes");
            }
        }

        public async Task SettledAsync()
        {
            Delivery.Leave();
            await Delivery.WhenSettledAsync(RecordingListener.HangGuard);
            Assert.Equal(0, Delivery.InFlight);
        }

        public void Acknowledge(ReadOnlySpan<Receipt> receipts) => Interlocked.Add(ref _acks, receipts.Length);

        public EncodedRecord Encode(in PublishPacket publish, long receivedMs)
        {
            _value = publish.Payload.ToArray();
            return new EncodedRecord { Value = _value, HasKey = true, Key = publish.Topic, Target = _target, PartitionHash = 7, PayloadCrc = Crc32.Compute(publish.Payload) };
        }

        public void OnMqtt(MqttEvent what)
        {
        }

        public void OnKafka(string? fault)
        {
        }

        public void OnHeld(string? reason)
        {
        }

        public void OnDeadLetter(RetainedRecord record, string where)
        {
        }

        public async ValueTask DisposeAsync()
        {
            await Delivery.DisposeAsync();
            await _sink.DisposeAsync();
            if (_ownsFactory)
                await _factory.DisposeAsync();
        }

        private bool Take(int id, string payload)
        {
            var packet = new PublishPacket { Topic = "a/b"u8, Payload = Encoding.UTF8.GetBytes(payload), PacketId = (ushort)id, QoS = QoS.AtLeastOnce, Properties = new PublishProperties { IsEmpty = true } };
            bool taken = Delivery.OnPublish(in packet, new Receipt(1, _sequence)) == PublishOutcome.Taken;
            Delivery.OnBatchEnd();
            _sequence += taken ? 1 : 0;
            return taken;
        }
    }
}
