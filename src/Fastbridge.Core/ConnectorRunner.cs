using Fastbridge.Core.Buffering;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Core;

/// <summary>
/// One connector, alive: its MQTT connection, its share in a producer, and what lies between. A fault of one is no other's business.
/// </summary>
public sealed class ConnectorRunner : IAsyncDisposable
{
    /// <summary>What of the shutdown's time is kept for the MQTT end: DISCONNECT, half-close, reading to the end.</summary>
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(2);

    private readonly ConnectorConfig _config;
    private readonly string _stateDir;
    private readonly IRecordSinkFactory _sinks;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly ConnectorEvents _events;
    private readonly ConnectorDelivery _delivery;
    private readonly MqttClient _client;
    private readonly CancellationTokenSource _stop = new();
    private IRecordSink? _sink;
    private Task _running = Task.CompletedTask;

    public ConnectorRunner(ConnectorConfig config, string stateDir, IRecordSinkFactory sinks, ILoggerFactory loggers, TimeProvider time)
    {
        _config = config;
        _stateDir = stateDir;
        _sinks = sinks;
        _time = time;
        _log = loggers.CreateLogger(config.Name);
        _events = new ConnectorEvents(config.Name, _log, time);
        var deadLetters = new DeadLetterFile(DeadLetterPath(stateDir, config.Name));
        _delivery = new ConnectorDelivery(config, RecordEncoderFactory.Create(config.Kafka, config.Record), deadLetters, _events, time);
        _client = new MqttClient(config.Mqtt, _delivery, loggers.CreateLogger("Fastbridge.Mqtt"), time);
    }

    public string Name => _config.Name;

    public ConnectorStatus Status => _events.Snapshot() with
    {
        Received = _delivery.Counters.Received,
        Delivered = _delivery.Counters.Delivered,
        DeadLettered = _delivery.Counters.DeadLettered,
        DeadLetterReasons = _delivery.Counters.DeadLetterReasons,
        Discarded = _delivery.Counters.Discarded,
        DiscardReasons = _delivery.Counters.DiscardReasons,
        SkippedRetained = _delivery.Counters.SkippedRetained,
        Adopted = _delivery.Counters.Adopted,
        ProducedAgain = _delivery.Counters.ProducedAgain,
        PossiblyRepeated = _delivery.Counters.PossiblyRepeated,
        InFlight = _delivery.InFlight,
        Buffer = _delivery.Buffer,
    };

    /// <summary>Completes when the connector is connected and subscribed, with nothing in the way.</summary>
    public Task WhenRunningAsync(CancellationToken cancellation) => _events.WhenRunningAsync(cancellation);

    /// <summary>Begins to run; returns at once. A producer that refuses its settings leaves the connector in Error.</summary>
    public void Start()
    {
        try
        {
            if (_config.Buffer is { } buffer && _delivery.OpenBuffer(BufferFolder.Of(buffer, _stateDir, _config.Name)) is { } warning)
                BufferLog.Warned(_log, _config.Name, warning);
            _sink = _sinks.Open(_config.Kafka, _delivery);
        }
        catch (Exception e) when (e is SinkConfigurationException or BufferException)
        {
            _events.OnStopped(e.Message);
            return;
        }

        if (_config.Kafka.Acks != -1)
            ConnectorLog.AcksWeakened(_log, _config.Name, _config.Kafka.Acks);
        _delivery.Start(_sink, new ClientAcks(_client));
        _running = Task.Run(() => _client.RunAsync(_stop.Token));
    }

    /// <summary>
    /// The clean end: produce nothing new but keep reading and leaving it to the broker; wait for what is in flight, acknowledge it,
    /// DISCONNECT, half-close, read to the end. What is not settled by then stays with the broker.
    /// </summary>
    /// <param name="deadline">For all of it together.</param>
    /// <returns>Messages left unsettled: the broker will send them again.</returns>
    public async Task<long> StopAsync(TimeSpan deadline)
    {
        long started = _time.GetTimestamp();
        _delivery.Leave();
        _client.BeginDrain();
        TimeSpan flush = deadline > ClosingTime * 2 ? deadline - ClosingTime : deadline / 2;
        await _delivery.WhenSettledAsync(flush).ConfigureAwait(false);
        TimeSpan left = deadline - _time.GetElapsedTime(started);
        await _client.DisconnectAsync(left > ClosingTime ? ClosingTime : left).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        long unsettled = _delivery.LeftToBroker;
        _delivery.CloseBuffer();
        if (_delivery.Buffer is { Records: > 0 } kept)
            BufferLog.Kept(_log, _config.Name, kept.Records);
        _events.OnStopped("");
        ConnectorLog.Stopped(_log, _config.Name, _delivery.Counters.Received, _delivery.Counters.Delivered, unsettled);
        return unsettled;
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

    /// <summary>A connector's name may hold any character; a file's may not.</summary>
    internal static string DeadLetterPath(string stateDir, string name) => Path.Combine(stateDir, $"dead-letters-{BufferFolder.SafeName(name)}.jsonl");

    private sealed class ClientAcks(MqttClient client) : IAcknowledger
    {
        public int FirstUnacknowledged => client.FirstUnacknowledged;

        public long ReceivedAtMs => client.ReceivedAtMs;

        public void Acknowledge(ReadOnlySpan<Receipt> receipts) => client.Acknowledge(receipts);
    }
}
