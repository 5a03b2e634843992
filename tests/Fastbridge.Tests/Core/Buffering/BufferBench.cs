using System.Globalization;
using System.Text;
using Fastbridge.Core.Buffering;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Core.Delivery;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Buffering;

/// <summary>A connector's delivery with a buffer on a real disk, and both ends in the test's hands: messages are numbered, Kafka answers when it is told to.</summary>
internal sealed class BufferBench : IRecordSink, IAcknowledger, IConnectorEvents, IRecordEncoder, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly TopicTarget _target = new("t", null);
    private readonly SortedDictionary<long, (int Slot, int Number)> _pending = [];
    private readonly TempFolder? _own;
    private readonly TimeProvider _time;
    private byte[] _value = [];
    private long _order;
    private int _sequence;
    private readonly AcksInOrder _acks = new();
    private int _connection;

    /// <param name="time">Default: a time of day that stands still, so that no record waits for its answer too long, however slow the machine is.</param>
    public BufferBench(BufferConfig buffer, WindowConfig? window = null, string? folder = null, TimeProvider? time = null, Func<ConnectorConfig, ConnectorConfig>? with = null, bool former = false)
    {
        _time = time ?? new StillClock();
        if (folder is null)
        {
            _own = new TempFolder("buffered");
            folder = _own.Path;
        }

        Folder = Path.Combine(folder, "buffer");
        Directory.CreateDirectory(Folder);
        var config = new ConnectorConfig
        {
            Name = "c",
            Mqtt = new MqttClientOptions(),
            Kafka = new KafkaConfig { BootstrapServers = "unused:1", Topic = "t" },
            Window = window ?? new WindowConfig(),
            Buffer = buffer,
        };
        config = with?.Invoke(config) ?? config;
        DeadLetterPath = Path.Combine(folder, "dead.jsonl");
        Delivery = new ConnectorDelivery(config, this, new DeadLetterFile(DeadLetterPath), this, _time);
        Delivery.OpenBuffer(Folder, buffer, former);
        Delivery.Start(this, this);
        Connect(sessionPresent: false);
    }

    public ConnectorDelivery Delivery { get; }

    public string Folder { get; }

    public string DeadLetterPath { get; }

    /// <summary>What the encoder says of every record's Kafka topic; null: it is legal.</summary>
    public TopicTarget? Target { get; set; }

    public List<string?> Stuck { get; } = [];

    public List<string?> HeldReasons { get; } = [];

    public BufferStatus Status => Delivery.Buffer!;

    /// <summary>Kafka answers each record at once.</summary>
    public volatile bool Answers;

    /// <summary>What the sink says to a record.</summary>
    public volatile ProduceStatus Sink = ProduceStatus.Queued;

    public List<string> Faults { get; } = [];

    public List<bool> Modes { get; } = [];

    public long Dropped { get; private set; }

    public Receipt FirstUnacknowledged => _acks.First;

    public long ReceivedAtMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Numbers in the order in which they were given to Kafka.</summary>
    public int[] Produced
    {
        get
        {
            lock (_lock)
                return [.. _produced];
        }
    }

    /// <summary>Sequences acknowledged on the present connection, in the order of the acks.</summary>
    public int[] Acked
    {
        get
        {
            lock (_lock)
                return [.. _acked.Where(r => r.Connection == _connection).Select(r => r.Sequence)];
        }
    }

    private readonly List<int> _produced = [];
    private readonly List<Receipt> _acked = [];

    /// <inheritdoc cref="AcksInOrder.Cut"/>
    public int Cut() => _acks.Cut();

    public void Connect(bool sessionPresent, int firstUnacknowledgedBefore = 0)
    {
        _connection++;
        _sequence = 0;
        _acks.Connect(_connection);
        Delivery.OnConnected(new MqttConnected(_connection, sessionPresent, "id", 65_535, firstUnacknowledgedBefore));
    }

    public PublishOutcome Offer(int number, bool dup = false, QoS qos = QoS.AtLeastOnce)
    {
        byte[] payload = Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture).PadRight(PayloadLength));
        var packet = new PublishPacket { Topic = "a/b"u8, Payload = payload, PacketId = (ushort)(number % 60_000 + 1), QoS = qos, Dup = dup, Properties = new PublishProperties { IsEmpty = true } };
        PublishOutcome outcome = Delivery.OnPublish(in packet, qos is QoS.AtMostOnce ? default : new Receipt(_connection, _sequence));
        Delivery.OnBatchEnd();
        if (outcome is PublishOutcome.Taken && qos is not QoS.AtMostOnce)
            _sequence++;
        return outcome;
    }

    public int PayloadLength { get; set; }

    /// <summary>Offers a message until it is taken, as the client does.</summary>
    public async Task PublishAsync(int number, bool dup = false, QoS qos = QoS.AtLeastOnce)
    {
        using var guard = new CancellationTokenSource(TestTools.Guard);
        while (Offer(number, dup, qos) is PublishOutcome.NoRoom)
        {
            await Delivery.WaitForRoomAsync(guard.Token);
            Assert.False(guard.IsCancellationRequested, $"no room for message {number} in two minutes");
        }
    }

    public async Task PublishAsync(int first, int count)
    {
        for (int i = 0; i < count; i++)
            await PublishAsync(first + i);
    }

    /// <summary>Kafka has some of what it was given, oldest or newest first.</summary>
    public int Report(int most = int.MaxValue, bool newest = false)
    {
        int[] slots;
        lock (_lock)
        {
            long[] keys = [.. (newest ? _pending.Keys.Reverse() : _pending.Keys).Take(most)];
            slots = [.. keys.Select(k => _pending[k].Slot)];
            foreach (long key in keys)
                _pending.Remove(key);
        }

        if (slots.Length > 0)
        {
            Delivery.OnDelivered(slots);
            Delivery.OnReportsEnd();
        }

        return slots.Length;
    }

    /// <summary>Kafka answers until nothing is left, on disk either.</summary>
    public async Task ReportAllAsync() => await UntilAsync(() => Report() == 0 && Delivery.LeftToBroker == 0 && Status.Records == 0 && Delivery.InFlight == 0);

    public static async Task UntilAsync(Func<bool> what)
    {
        using var guard = new CancellationTokenSource(TestTools.Guard);
        while (!what())
        {
            await Task.Delay(2);
            Assert.False(guard.IsCancellationRequested, "nothing came of it in two minutes");
        }
    }

    public IRecordTopic GetTopic(string name) => new Topic(name);

    public ProduceStatus TryProduce(IRecordTopic topic, in OutgoingRecord record, int slot)
    {
        if (Sink is not ProduceStatus.Queued)
            return Sink;
        int number = int.Parse(record.Value, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        lock (_lock)
        {
            _produced.Add(number);
            if (!Answers)
                _pending[_order++] = (slot, number);
        }

        if (Answers)
        {
            Delivery.OnDelivered([slot]);
            Delivery.OnReportsEnd();
        }

        return ProduceStatus.Queued;
    }

    public void Hurry()
    {
    }

    public void Acknowledge(ReadOnlySpan<Receipt> receipts)
    {
        _acks.Acknowledge(receipts);
        lock (_lock)
            _acked.AddRange(receipts);
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
            HeldReasons.Add(reason);
    }

    public void OnStuck(string? what)
    {
        lock (_lock)
            Stuck.Add(what);
    }

    public void OnDeadLetter(RetainedRecord record, string path)
    {
    }

    public void OnBufferFault(string? fault)
    {
        lock (_lock)
            Faults.Add(fault ?? "works");
    }

    public void OnBufferMode(bool buffered)
    {
        lock (_lock)
            Modes.Add(buffered);
    }

    public void OnBufferDropped(long messages) => Dropped += messages;

    public async ValueTask DisposeAsync()
    {
        await Delivery.DisposeAsync();
        _own?.Dispose();
    }

    private sealed record Topic(string Name) : IRecordTopic;
}
