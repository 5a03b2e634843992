using System.Collections.Immutable;
using System.Text;
using Fastbridge.Core;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Core.Live;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fastbridge.Tests.Core.Live;

/// <summary>A bridge in the test's process: it plays the MQTT broker packet by packet, and Kafka's reports.</summary>
internal sealed class LiveRig : IRecordSinkFactory, IAsyncDisposable
{
    private CancellationTokenSource _stop = new();
    private Task<long> _running = Task.FromResult(0L);

    public LiveRig(TempFolder? folder = null) => Folder = folder ?? new TempFolder("live");

    public TempFolder Folder { get; }

    public ScriptedBroker Broker { get; } = new();

    public Bridge Bridge { get; private set; } = null!;

    /// <summary>Every sink that was opened, the latest last.</summary>
    public List<FakeSink> Sinks { get; } = [];

    /// <summary>Kafka acknowledges each record as soon as it has it.</summary>
    public bool KafkaAnswers { get; set; } = true;

    public string StateDir => Folder.File("state");

    public ConnectorConfig Connector(string name, params string[] filters) => new()
    {
        Name = name,
        Mqtt = new MqttClientOptions
        {
            Host = "127.0.0.1",
            Port = Broker.Port,
            ClientId = "rig-" + name,
            ReconnectDelay = TimeSpan.FromMilliseconds(10),
            ConnectTimeout = ScriptedBroker.HangGuard,
            Subscriptions = [.. filters.Select(f => new MqttSubscription(f, QoS.AtLeastOnce))],
        },
        Kafka = new KafkaConfig { BootstrapServers = "unused:1", Topic = "t", CleanupTimeoutSecs = 60 },
    };

    public BridgeConfig Set(params ConnectorConfig[] connectors) => new() { Connectors = [.. connectors], StateDir = StateDir };

    public LiveRig Start(params ConnectorConfig[] connectors)
    {
        Bridge = new Bridge(Set(connectors), this, NullLoggerFactory.Instance, TimeProvider.System);
        _running = Bridge.RunAsync(TimeSpan.FromSeconds(5), _stop.Token);
        return this;
    }

    /// <summary>Another bridge after <see cref="StopAsync"/>, on the same folder and broker.</summary>
    public void Start2(params ConnectorConfig[] connectors)
    {
        _stop.Dispose();
        _stop = new CancellationTokenSource();
        Start(connectors);
    }

    public Task ApplyAsync(params ConnectorConfig[] connectors)
    {
        ImmutableArray<DeletedMark> marks = Bridge.DeletedMarks();
        return Bridge.ApplyAsync(Set(connectors), marks);
    }

    /// <summary>The next connection, granted what it asks for.</summary>
    public async Task<ScriptedLink> AcceptAsync(bool sessionPresent = false)
    {
        ScriptedLink link = await Broker.AcceptAsync(sessionPresent);
        await link.GrantAsync();
        return link;
    }

    /// <summary>The next connections by client id, each granted what it asks for.</summary>
    public async Task<Dictionary<string, ScriptedLink>> AcceptAllAsync(int count)
    {
        var links = new Dictionary<string, ScriptedLink>();
        for (int i = 0; i < count; i++)
        {
            ScriptedLink link = await AcceptAsync();
            links.Add(link.Connect.ClientId, link);
        }

        return links;
    }

    public static Task PublishAsync(ScriptedLink link, string topic, ushort id, string payload = "x") =>
        link.SendAsync(ServerPackets.Publish(MqttVersion.V5, topic, Encoding.UTF8.GetBytes(payload), 1, id));

    /// <summary>The client leaves: DISCONNECT, and the server closes as brokers do.</summary>
    public static async Task LeavesAsync(ScriptedLink link)
    {
        await link.ReadAsync(PacketType.Disconnect);
        await link.DisposeAsync();
    }

    public static async Task UntilAsync(Func<bool> what, string message)
    {
        using var guard = new CancellationTokenSource(ScriptedBroker.HangGuard);
        while (!what())
        {
            Assert.False(guard.IsCancellationRequested, message);
            await Task.Delay(5);
        }
    }

    public ConnectorStatus Status(string name) => Bridge.Status.First(s => s.Name == name);

    /// <summary>Why settings are refused; null: they are not.</summary>
    public string? Refuses { get; set; }

    public Func<KafkaConfig, string?> Refusals() => _ => Refuses;

    public IRecordSink Open(KafkaConfig config, IDeliveryListener listener)
    {
        lock (Sinks)
        {
            var sink = new FakeSink(this, listener);
            Sinks.Add(sink);
            return sink;
        }
    }

    /// <summary>Ends the bridge; its connections are closed by the server at once.</summary>
    public async Task<long> StopAsync()
    {
        await _stop.CancelAsync();
        return await _running.Guarded();
    }

    /// <summary>Ends all but the folder, which is the next rig's.</summary>
    public async Task EndAsync()
    {
        await Broker.DisposeAsync();
        await StopAsync();
        await Bridge.DisposeAsync();
        _stop.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        Folder.Dispose();
    }
}

/// <summary>A Kafka that keeps what it gets, and reports when told, or at once.</summary>
internal sealed class FakeSink(LiveRig rig, IDeliveryListener listener) : IRecordSink
{
    private readonly Lock _lock = new();
    private readonly List<int> _slots = [];

    public List<string> Values { get; } = [];

    public bool IsClosed { get; private set; }

    public IRecordTopic GetTopic(string name) => new Topic(name);

    public ProduceStatus TryProduce(IRecordTopic topic, in OutgoingRecord record, int slot)
    {
        lock (_lock)
        {
            Values.Add(Encoding.UTF8.GetString(record.Value));
            _slots.Add(slot);
        }

        if (rig.KafkaAnswers)
            _ = Task.Run(Report);
        return ProduceStatus.Queued;
    }

    /// <summary>All that is outstanding is in Kafka.</summary>
    public void Report()
    {
        lock (_lock)
        {
            listener.OnDelivered([.. _slots]);
            _slots.Clear();
            listener.OnReportsEnd();
        }
    }

    public void Hurry()
    {
    }

    public ValueTask DisposeAsync()
    {
        IsClosed = true;
        return ValueTask.CompletedTask;
    }

    private sealed record Topic(string Name) : IRecordTopic;
}
