using System.Collections.Immutable;
using Fastbridge.Core.Delivery;
using Fastbridge.Mqtt;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Core;

/// <summary>
/// Turns what a connector's ends report into its state and into log lines: one line for each change, never one a message, and a fault that
/// repeats is not said again.
/// </summary>
internal sealed partial class ConnectorEvents(string name, ILogger log, TimeProvider time) : IConnectorEvents
{
    private const int MostWarnings = 32;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _warned = [];
    private bool _connected;
    private bool _subscribed;
    private bool _stopped;
    private long _connections;
    private long _connectFailures;
    private long _connectionsLost;
    private string _session = "";
    private string _server = "";
    private string? _mqttFault;
    private Outage? _mqttAway;
    private Outage? _kafkaAway;
    private string? _grantFault;
    private string? _kafkaFault;
    private string? _held;
    private string? _topicSaid;
    private string? _topicFault;
    private string? _refused;
    private string? _stuck;
    private readonly LossLog _losses = new(name, log, time);
    private ConnectorState _state = ConnectorState.Idle;
    private TaskCompletionSource _changed = NewChange();
    private DateTimeOffset _since = time.GetUtcNow();
    private string _lastError = "";
    private DateTimeOffset? _lastErrorAt;
    private ImmutableArray<SubscriptionGrant> _grants = [];

    /// <summary>Hears every MQTT event before it becomes state. Set before the first.</summary>
    public Action<MqttEvent>? Observer { get; init; }

    public ConnectorStatus Snapshot()
    {
        lock (_lock)
        {
            ImmutableArray<KeyValuePair<string, int>>.Builder granted = ImmutableArray.CreateBuilder<KeyValuePair<string, int>>(_grants.Length);
            foreach (SubscriptionGrant grant in _grants)
                granted.Add(new(grant.Filter, grant.Code));
            return new ConnectorStatus(name, _state, Why(), _since, _session)
            {
                LastError = _lastError,
                LastErrorAt = _lastErrorAt,
                Granted = granted.MoveToImmutable(),
                Stuck = _stuck ?? "",
                Server = _connected ? _server : "",
                Connections = _connections,
                ConnectFailures = _connectFailures,
                ConnectionsLost = _connectionsLost,
            };
        }
    }

    public async Task WhenRunningAsync(CancellationToken cancellation)
    {
        Task changed;
        do
        {
            lock (_lock)
            {
                if (_state is ConnectorState.Running)
                    return;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellation).ConfigureAwait(false);
        }
        while (true);
    }

    public void OnKafka(string? fault)
    {
        bool changed = false;
        Outage? over = null;
        Change(() =>
        {
            changed = _kafkaFault != fault;
            _kafkaFault = fault;
            over = _kafkaAway;
            _kafkaAway = fault is null ? null : over ?? new Outage(time);
            _kafkaAway?.Add(fault!, isAttempt: false);
        });
        if (!changed)
            return;
        if (fault is null)
            ConnectorLog.KafkaWorks(log, name, over?.Seconds ?? "0");
        else
            ConnectorLog.KafkaFault(log, name, fault);
    }

    public void OnTopic(string? fault, bool blocks)
    {
        bool changed = false;
        Change(() =>
        {
            changed = _topicSaid != fault;
            _topicSaid = fault;
            _topicFault = blocks ? fault : null;
        });
        if (!changed)
            return;
        if (fault is null)
            ConnectorLog.TopicFound(log, name);
        else
            ConnectorLog.TopicFault(log, name, fault);
    }

    public void OnHeld(string? reason)
    {
        bool changed = false;
        Change(() =>
        {
            changed = _held != reason;
            _held = reason;
        });
        if (!changed)
            return;
        if (reason is null)
            ConnectorLog.Released(log, name);
        else
            ConnectorLog.Held(log, name, reason);
    }

    public void OnDeadLetter(RetainedRecord record, string where) => _losses.OnDeadLetter(record, where);

    public void OnDiscarded(RetainedRecord record) => _losses.OnDiscarded(record);

    public void OnStuck(string? what)
    {
        Change(() => _stuck = what);
        if (what is null)
            ConnectorLog.Unstuck(log, name);
        else
            ConnectorLog.Stuck(log, name, what);
    }

    public void OnTick() => _losses.Tick();

    /// <summary>About once a second: what is away for long is said again now and then, with what was counted.</summary>
    public void Remind()
    {
        Outage? mqtt, kafka;
        lock (_lock)
        {
            mqtt = _mqttAway?.IsDue() is true ? _mqttAway : null;
            kafka = _kafkaAway?.IsDue() is true ? _kafkaAway : null;
        }

        if (mqtt is not null)
            ConnectorLog.StillAway(log, name, mqtt.Attempts, mqtt.Seconds, mqtt.Reason);
        if (kafka is not null)
            ConnectorLog.KafkaStillAway(log, name, kafka.Seconds, kafka.Reason);
    }

    /// <summary>The first message of a session that comes under no filter of today's.</summary>
    public void OnUnmatched(string topic) => ConnectorLog.Unmatched(log, name, topic);

    /// <summary>Ended; with a reason where it could not even start.</summary>
    public void OnStopped(string reason)
    {
        _losses.Flush();
        Change(() =>
        {
            _stopped = true;
            _refused = reason.Length > 0 ? reason : null;
        });
        if (reason.Length > 0)
            ConnectorLog.Refused(log, name, reason);
    }

    private void Change(Action change)
    {
        lock (_lock)
        {
            string before = Why();
            change();
            string why = Why();
            if (why.Length > 0 && why != before)
                (_lastError, _lastErrorAt) = (why, time.GetUtcNow());
            ConnectorState state = Effective();
            if (state == _state)
                return;
            _state = state;
            _since = time.GetUtcNow();
            _changed.SetResult();
            _changed = NewChange();
        }
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ConnectorState Effective()
    {
        if (_stopped)
            return _refused is null ? ConnectorState.Stopped : ConnectorState.Error;
        if (Why().Length > 0)
            return ConnectorState.Error;
        return _connected && _subscribed ? ConnectorState.Running : ConnectorState.Idle;
    }

    private string Why() => _refused ?? _mqttFault ?? _grantFault ?? _held ?? _topicFault ?? _kafkaFault ?? _bufferFault ?? _stuck ?? "";
}
