using System.Text;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Core.Delivery;

/// <summary>A connector's delivery with both ends in the test's hands: it plays the broker's PUBLISHes and Kafka's reports.</summary>
internal sealed class DeliveryBench : IRecordSink, IAcknowledger, IConnectorEvents, IRecordEncoder, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly TopicTarget _target = new("t", null);
    private readonly Dictionary<int, Pending> _pending = [];
    private readonly List<string> _produced = [];
    private readonly List<Receipt> _acked = [];
    private readonly List<string?> _heldReasons = [];

    // Held for a batch of reports: a producer has one delivery thread.
    private readonly Lock _reporting = new();
    private Exception? _fault;
    private byte[] _value = [];
    private int _hurried;
    private int _sequence;
    private readonly AcksInOrder _acks = new();

    public DeliveryBench(WindowConfig? window = null, string? stateDir = null, long deadLetterBytes = DeadLetterFile.DefaultMaxBytes, TimeProvider? time = null, Func<ConnectorConfig, ConnectorConfig>? with = null, InflightBudget? budget = null)
    {
        var config = new ConnectorConfig
        {
            Name = "c",
            Mqtt = new MqttClientOptions(),
            Kafka = new KafkaConfig { BootstrapServers = "unused:1", Topic = "t" },
            Window = window ?? new WindowConfig(),
            StuckAfter = TimeSpan.FromHours(4), // Out of the way of tests that wait for a timer.
        };
        config = with?.Invoke(config) ?? config;
        DeadLetterPath = Path.Combine(stateDir ?? Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), "dead.jsonl");
        Delivery = new ConnectorDelivery(config, this, new DeadLetterFile(DeadLetterPath, deadLetterBytes), this, time ?? TimeProvider.System, budget);
        Delivery.Start(this, this);
        Connect(1, sessionPresent: false);
    }

    public ConnectorDelivery Delivery { get; }

    public string DeadLetterPath { get; }

    /// <summary>As of now.</summary>
    public IReadOnlyList<Receipt> Acked => CopyOf(_acked);

    /// <summary>As of now.</summary>
    public IReadOnlyList<string?> HeldReasons => CopyOf(_heldReasons);

    /// <summary>Where dead letters went.</summary>
    public List<string> Letters { get; } = [];

    public List<string?> Stuck { get; } = [];

    /// <summary>What was said of the fixed Kafka topic, and whether it was an error.</summary>
    public List<(string? Fault, bool Blocks)> TopicFaults { get; } = [];

    /// <summary>The Kafka topics that were asked about.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>How often lingering records were sent on.</summary>
    public int Hurried => Volatile.Read(ref _hurried);

    /// <summary>Runs begun, and runs ended.</summary>
    public (int Begun, int Ended) Runs { get; private set; }

    /// <summary>How many records were produced in a batch of their own.</summary>
    public int Alone { get; private set; }

    /// <summary>Kafka topic and value of whatever was produced, repeats included.</summary>
    public List<(string Topic, string Value)> Produced { get; } = [];

    public int Connection { get; private set; }

    public Receipt FirstUnacknowledged => _acks.First;

    public long ReceivedAtMs => 1_640_995_200_000;

    /// <summary>What the sink answers; Queued unless a test says otherwise.</summary>
    public Func<string, ProduceStatus> OnProduce { get; set; } = _ => ProduceStatus.Queued;

    /// <summary>Called, outside locks, whenever a record was queued: a test's way to report soon, by <see cref="Later"/>.</summary>
    public Action<int, string>? Queued { get; set; }

    /// <summary>What the encoder says of every record's Kafka topic.</summary>
    public TopicTarget? Target { get; set; }

    public void Connect(int connection, bool sessionPresent, int firstUnacknowledgedBefore = 0)
    {
        Connection = connection;
        _sequence = 0;
        _acks.Connect(connection);
        Delivery.OnConnected(new MqttConnected(connection, sessionPresent, "id", 65_535, firstUnacknowledgedBefore));
    }

    public (PublishOutcome Outcome, Receipt Receipt) Publish(string payload, ushort id, bool dup = false, QoS qos = QoS.AtLeastOnce, bool retain = false, bool more = false)
    {
        Receipt receipt = qos == QoS.AtMostOnce ? default : new Receipt(Connection, _sequence);
        byte[] bytes = Encoding.UTF8.GetBytes(payload);
        var packet = new PublishPacket { Topic = "a/b"u8, Payload = bytes, PacketId = id, QoS = qos, Dup = dup, Retain = retain, Properties = new PublishProperties { IsEmpty = true } };
        PublishOutcome outcome = Delivery.OnPublish(in packet, receipt);
        if (!more)
            Delivery.OnBatchEnd();
        if (outcome is PublishOutcome.Taken && qos != QoS.AtMostOnce)
            _sequence++;
        return (outcome, receipt);
    }

    /// <summary>Kafka reports these payloads' records as delivered, in one batch.</summary>
    public void Deliver(params string[] payloads)
    {
        int[] slots;
        lock (_lock)
            slots = [.. payloads.Select(SlotOf)];
        lock (_reporting)
        {
            Delivery.OnDelivered(slots);
            Delivery.OnReportsEnd();
        }
    }

    public void DeliverSlot(int slot)
    {
        lock (_lock)
            _pending.Remove(slot);
        lock (_reporting)
        {
            Delivery.OnDelivered([slot]);
            Delivery.OnReportsEnd();
        }
    }

    /// <summary>Reports from another thread, soon. What goes wrong there fails the test; left alone it would end the test process.</summary>
    public void Later(Action report) => ThreadPool.QueueUserWorkItem(_ =>
    {
        try
        {
            report();
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _fault, e, null);
        }
    });

    public void Fail(string payload, DeliveryFault fault, bool possiblyPersisted = false)
    {
        int slot;
        Pending record;
        lock (_lock)
        {
            record = _pending.Values.First(p => p.Payload == payload);
            slot = SlotOf(payload);
        }

        byte[] value = Encoding.UTF8.GetBytes(payload);
        lock (_reporting)
        {
            Delivery.OnFailed(new FailedRecord
            {
                Slot = slot,
                Fault = fault,
                Reason = $"test says {fault}",
                PossiblyPersisted = possiblyPersisted,
                Topic = record.Topic,
                Record = new OutgoingRecord { Value = value, HasKey = true, Key = "a/b"u8, TimestampMs = 42 },
            });
            Delivery.OnReportsEnd();
        }
    }

    /// <summary>Payloads in the order in which they were given to Kafka, repeats included. As of now.</summary>
    public string[] AllProduced() => CopyOf(_produced);

    public void ForgetAcks()
    {
        lock (_lock)
            _acked.Clear();
    }

    public async Task UntilAsync(Func<bool> what)
    {
        using var guard = new CancellationTokenSource(Support.TestTools.Guard);
        while (!what())
        {
            await Task.Delay(1);
            Assert.Null(Volatile.Read(ref _fault));
            Assert.False(guard.IsCancellationRequested, "nothing came of it in two minutes");
        }
    }

    public IRecordTopic GetTopic(string name) => new Topic(name);

    public ProduceStatus TryProduce(IRecordTopic topic, in OutgoingRecord record, int slot)
    {
        string payload = Encoding.UTF8.GetString(record.Value);
        ProduceStatus status = OnProduce(payload);
        lock (_lock)
        {
            if (status is ProduceStatus.Queued)
            {
                _produced.Add(payload);
                Produced.Add((topic.Name, payload));
                _pending[slot] = new Pending(payload, topic, record.TimestampMs);
            }
        }

        if (status is ProduceStatus.Queued)
            Queued?.Invoke(slot, payload);
        return status;
    }

    public ProduceStatus TryProduceAlone(IRecordTopic topic, in OutgoingRecord record, int slot)
    {
        Alone++;
        return TryProduce(topic, in record, slot);
    }

    public void AskTopic(string name) => Asked.Add(name);

    public void Hurry() => Interlocked.Increment(ref _hurried);

    public void BeginRun() => Runs = (Runs.Begun + 1, Runs.Ended);

    public void EndRun() => Runs = (Runs.Begun, Runs.Ended + 1);

    public void Acknowledge(ReadOnlySpan<Receipt> receipts)
    {
        _acks.Acknowledge(receipts);
        lock (_lock)
            _acked.AddRange(receipts.ToArray().Where(r => r.Connection == Connection));
    }

    public EncodedRecord Encode(in PublishPacket publish, long receivedMs)
    {
        _value = publish.Payload.ToArray();
        return new EncodedRecord { Value = _value, HasKey = true, Key = publish.Topic, Target = Target ?? _target, PartitionHash = 7, PayloadCrc = Crc32.Compute(publish.Payload) };
    }

    public void OnMqtt(MqttEvent what)
    {
    }

    public void OnKafka(string? fault)
    {
    }

    public void OnHeld(string? reason)
    {
        lock (_lock)
            _heldReasons.Add(reason);
    }

    public void OnDeadLetter(RetainedRecord record, string where)
    {
        lock (_lock)
            Letters.Add(where);
    }

    public void OnTopic(string? fault, bool blocks)
    {
        lock (_lock)
            TopicFaults.Add((fault, blocks));
    }

    public void OnStuck(string? what)
    {
        lock (_lock)
            Stuck.Add(what);
    }

    public async ValueTask DisposeAsync()
    {
        await Delivery.DisposeAsync();
        Assert.Null(Volatile.Read(ref _fault));
        string folder = Path.GetDirectoryName(DeadLetterPath)!;
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private T[] CopyOf<T>(List<T> list)
    {
        lock (_lock)
            return [.. list];
    }

    private int SlotOf(string payload)
    {
        int slot = _pending.First(p => p.Value.Payload == payload).Key;
        _pending.Remove(slot);
        return slot;
    }

    private sealed record Topic(string Name) : IRecordTopic;

    private sealed record Pending(string Payload, IRecordTopic Topic, long TimestampMs);
}
