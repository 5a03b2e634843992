using Fastbridge.Core.Buffering;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Core.Live;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Core;

/// <summary>
/// One connector, alive: its MQTT connection, its share in a producer, and what lies between. A fault of one is no other's business.
/// </summary>
public sealed partial class ConnectorRunner : IAsyncDisposable
{
    /// <summary>What of the shutdown's time is kept for the MQTT end: DISCONNECT, half-close, reading to the end.</summary>
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(2);

    private readonly string _stateDir;
    private readonly List<string> _former;
    private readonly IRecordSinkFactory _sinks;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly SessionMemory _memory;
    private readonly SessionGate.Pass _pass;
    private readonly ConnectorEvents _events;
    private readonly ConnectorDelivery _delivery;
    private readonly MqttClient _client;
    private readonly RateMeter _rates;
    private readonly RecentLatency _recent;
    private readonly SilenceWatch _silence;
    private readonly DateTimeOffset _startedAt;
    private readonly CancellationTokenSource _stop = new();
    private volatile ConnectorConfig _config;
    private IRecordSink? _sink;
    private Task _running = Task.CompletedTask;

    /// <param name="memory">Knows what earlier configurations subscribed in this session; hears what becomes of it.</param>
    /// <param name="former">Folders that were its buffer, where it has none now; what they hold is delivered first.</param>
    /// <param name="pass">The right to use the session: waited for before connecting, left at the end.</param>
    /// <param name="budget">What all connectors may have in flight together.</param>
    internal ConnectorRunner(
        ConnectorConfig config, string stateDir, List<string> former, IRecordSinkFactory sinks, ILoggerFactory loggers, TimeProvider time, SessionMemory memory, SessionGate.Pass pass, InflightBudget budget)
    {
        _former = former;
        _config = config;
        _stateDir = stateDir;
        _sinks = sinks;
        _time = time;
        _memory = memory;
        _pass = pass;
        _rates = new RateMeter(time);
        _silence = new SilenceWatch(time);
        _startedAt = time.GetUtcNow();
        _log = loggers.CreateLogger(config.Name);
        _events = new ConnectorEvents(config.Name, _log, time) { Observer = OnMqtt };
        var deadLetters = new DeadLetterFile(DeadLetterPath(stateDir, config.Name));
        _delivery = new ConnectorDelivery(config, RecordEncoderFactory.Create(config.Kafka, config.Record), deadLetters, _events, time, budget);
        _recent = new RecentLatency(_delivery.Latency.Ack);
        MqttClientOptions options = config.Mqtt with { Unsubscriptions = memory.Stale(config.Mqtt) };
        _client = new MqttClient(options, _delivery, loggers.CreateLogger("Fastbridge.Mqtt"), time);
    }

    public string Name => _config.Name;

    /// <summary>The disk buffer's; null where there is none.</summary>
    internal Heartbeat? Heart => _delivery.Heart;

    /// <summary>The way to Kafka was opened: the producer took its settings.</summary>
    internal bool IsOpen => _sink is not null;

    private bool GoesStraight => _config.Buffer is null && _former.Count == 0;

    /// <summary>Completes when the connector is connected and subscribed, with nothing in the way.</summary>
    public Task WhenRunningAsync(CancellationToken cancellation) => _events.WhenRunningAsync(cancellation);

    /// <summary>Begins to run; returns at once. A producer that refuses its settings leaves the connector in Error.</summary>
    public void Start()
    {
        // A buffer's folder belongs to one at a time: what was this connector before an edit may still be leaving it.
        if (GoesStraight && !Open())
        {
            _pass.Leave();
            return;
        }

        _running = Task.Run(RunAsync);
    }

    /// <summary>
    /// An edit that asks nothing of what runs, another subscription, or that its certificates are read anew. Session and messages in flight are not touched; the connection
    /// only where its certificates changed.
    /// </summary>
    internal void Accept(ConnectorConfig next, ConnectorChange change)
    {
        bool others = !_config.Mqtt.Subscriptions.AsSpan().SequenceEqual(next.Mqtt.Subscriptions.AsSpan());
        _config = next;
        if (change is ConnectorChange.None)
            return;
        if (others)
        {
            if (!_memory.Stale(next.Mqtt).IsEmpty)
                _delivery.Watch(NewWatch());
            _client.ChangeSubscriptions(next.Mqtt.Subscriptions);
            ConnectorLog.Changed(_log, Name, "subscribes what the file says now; its connection stays");
        }

        if (change is ConnectorChange.Renewal)
            _client.Renew("a file of mqtt.tls has changed");
    }

    /// <summary>
    /// The clean end: produce nothing new but keep reading and leaving it to the broker; wait for what is in flight, acknowledge it,
    /// DISCONNECT, half-close, read to the end. What is not settled by then stays with the broker.
    /// </summary>
    /// <param name="deadline">For all of it together.</param>
    /// <returns>Messages left unsettled: the broker will send them again.</returns>
    public Task<long> StopAsync(TimeSpan deadline) =>
        StopAsync(deadline > ClosingTime * 2 ? deadline - ClosingTime : deadline / 2, deadline, CancellationToken.None);

    /// <summary>As <see cref="StopAsync(TimeSpan)"/>, with cleanup_timeout_secs for what is in flight: the connector was removed or changed, and the bridge goes on.</summary>
    /// <param name="hurry">Waits for nothing more that is in flight: the bridge ends.</param>
    internal Task<long> LeaveAsync(CancellationToken hurry)
    {
        TimeSpan flush = TimeSpan.FromSeconds(_config.Kafka.CleanupTimeoutSecs);
        return StopAsync(flush, flush + ClosingTime, hurry);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await _delivery.DisposeAsync().ConfigureAwait(false);
        if (_sink is not null)
            await _sink.DisposeAsync().ConfigureAwait(false);
        await _client.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task<long> StopAsync(TimeSpan flush, TimeSpan deadline, CancellationToken hurry)
    {
        long started = _time.GetTimestamp();
        _delivery.Leave();
        _client.BeginDrain();
        await using (hurry.UnsafeRegister(static d => ((ConnectorDelivery)d!).StopWaiting(), _delivery).ConfigureAwait(false))
            await _delivery.WhenSettledAsync(flush).ConfigureAwait(false);
        TimeSpan left = deadline - _time.GetElapsedTime(started);
        await _client.DisconnectAsync(left > ClosingTime ? ClosingTime : left).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        long unsettled = _delivery.LeftToBroker;
        _delivery.CloseBuffer();
        if (_delivery.Buffer is { Records: > 0 } kept)
            BufferLog.Kept(_log, Name, kept.Records);
        _events.OnStopped("");
        ConnectorLog.Stopped(_log, Name, _delivery.Counters.Received, _delivery.Counters.Delivered, unsettled);
        return unsettled;
    }

    private async Task RunAsync()
    {
        try
        {
            await _pass.Before.WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (GoesStraight || await OpenWhenFreeAsync().ConfigureAwait(false))
                await _client.RunAsync(_stop.Token).ConfigureAwait(false);
        }
        finally
        {
            _pass.Leave();
        }
    }

    /// <summary>Opens the way to Kafka, and joins both ends.</summary>
    private bool Open()
    {
        try
        {
            _sink = _sinks.Open(_config.Kafka, _delivery);
        }
        catch (SinkConfigurationException e)
        {
            _events.OnStopped(e.Message);
            return false;
        }

        if (_config.Kafka.Acks != -1)
            ConnectorLog.AcksWeakened(_log, Name, _config.Kafka.Acks);
        _delivery.Start(_sink, new ClientAcks(_client));
        Sample();
        return true;
    }

    private void OnMqtt(MqttEvent what)
    {
        ConnectorConfig config = _config;
        switch (what)
        {
            case MqttEvent.Connected { SessionPresent: false }:
                _memory.Renewed(config.Mqtt);
                _delivery.Watch(null);
                break;
            case MqttEvent.Connected when !_memory.Stale(config.Mqtt).IsEmpty:
                _delivery.Watch(NewWatch());
                break;
            case MqttEvent.Unsubscribed gone:
                _memory.Unsubscribed(config.Mqtt, gone.Filters);
                _delivery.ConfirmWatch();
                break;
        }
    }

    private StrayWatch NewWatch() => new(_config.Mqtt.Subscriptions.Select(s => s.Filter), _time);

    /// <summary>A connector's name may hold any character; a file's may not.</summary>
    internal static string DeadLetterPath(string stateDir, string name) => Path.Combine(stateDir, $"dead-letters-{BufferFolder.SafeName(name)}.jsonl");

    private sealed class ClientAcks(MqttClient client) : IAcknowledger
    {
        public Receipt FirstUnacknowledged => client.FirstUnacknowledged;

        public long ReceivedAtMs => client.ReceivedAtMs;

        public void Acknowledge(ReadOnlySpan<Receipt> receipts) => client.Acknowledge(receipts);
    }
}
