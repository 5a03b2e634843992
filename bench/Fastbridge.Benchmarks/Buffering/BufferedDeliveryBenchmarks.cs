using BenchmarkDotNet.Attributes;
using Fastbridge.Benchmarks.Records;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Benchmarks.Buffering;

/// <summary>
/// A hundred thousand messages of 256 bytes from PUBLISH to Kafka's word, encoded, through a sink that answers at once: straight, straight with a buffer that stands by,
/// and by the disk (every message flushed before its ack, and read back).
/// </summary>
[MemoryDiagnoser]
[MinColumn]
public class BufferedDeliveryBenchmarks : IRecordSink, IAcknowledger, IConnectorEvents
{
    private const int Messages = 100_000;

    private readonly byte[] _payload = Payloads.Random(256);
    private readonly int[] _slot = new int[1];
    private string _folder = "";
    private ConnectorDelivery _delivery = null!;
    private int _sequence;
    private long _acked;

    [Params("none", "standing by", "always")]
    public string Buffer { get; set; } = "";

    public Receipt FirstUnacknowledged => new(1, _sequence - 1_000);

    public long ReceivedAtMs { get; private set; }

    [GlobalSetup]
    public void Setup()
    {
        _folder = Directory.CreateTempSubdirectory("fastbridge-bench-").FullName;
        var config = new ConnectorConfig
        {
            Name = "bench",
            Mqtt = new MqttClientOptions(),
            Kafka = new KafkaConfig { BootstrapServers = "unused:1", Topic = "telemetry" },
            Buffer = Buffer == "none" ? null : new BufferConfig { When = Buffer == "always" ? BufferWhen.Always : BufferWhen.KafkaDown },
        };
        _delivery = new ConnectorDelivery(config, RecordEncoderFactory.Create(config.Kafka, config.Record), new DeadLetterFile(Path.Combine(_folder, "dead")), this, TimeProvider.System);
        if (config.Buffer is not null)
            _delivery.OpenBuffer(Path.Combine(_folder, "buffer"), config.Buffer!, former: false);
        _delivery.Start(this, this);
        _delivery.OnConnected(new MqttConnected(1, false, "id", 65_535, 0));
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        await _delivery.DisposeAsync().ConfigureAwait(false);
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public async Task Deliver()
    {
        ReceivedAtMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        long until = Volatile.Read(ref _acked) + Messages;
        long delivered = _delivery.Counters.Delivered + Messages;
        for (int i = 0; i < Messages;)
        {
            if (TryPublish(i))
                i++;
            else
                await _delivery.WaitForRoomAsync(CancellationToken.None).ConfigureAwait(false);
        }

        while (Volatile.Read(ref _acked) < until || _delivery.Counters.Delivered < delivered)
            await Task.Yield();
    }

    public IRecordTopic GetTopic(string name) => new Topic(name);

    public ProduceStatus TryProduce(IRecordTopic topic, in OutgoingRecord record, int slot)
    {
        _slot[0] = slot;
        _delivery.OnDelivered(_slot);
        _delivery.OnReportsEnd();
        return ProduceStatus.Queued;
    }

    public void Hurry()
    {
    }

    public void Acknowledge(ReadOnlySpan<Receipt> receipts) => Interlocked.Add(ref _acked, receipts.Length);

    public void OnMqtt(MqttEvent what)
    {
    }

    public void OnKafka(string? fault)
    {
    }

    public void OnHeld(string? reason)
    {
    }

    void IConnectorEvents.OnDeadLetter(RetainedRecord record, string where)
    {
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private bool TryPublish(int number)
    {
        var publish = new PublishPacket
        {
            Topic = "fleet/17/temperature"u8,
            Payload = _payload,
            PacketId = (ushort)(number % 60_000 + 1),
            QoS = QoS.AtLeastOnce,
            Properties = new PublishProperties { IsEmpty = true },
        };
        if (_delivery.OnPublish(in publish, new Receipt(1, _sequence)) is not PublishOutcome.Taken)
            return false;
        _sequence++;
        return true;
    }

    private sealed record Topic(string Name) : IRecordTopic;
}
