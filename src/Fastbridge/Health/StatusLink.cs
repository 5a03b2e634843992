using Fastbridge.Core;
using Fastbridge.Core.Config;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Health;

/// <summary>One connection for the status: with a will that says offline, and no subscription. Its steps come from one thread at a time.</summary>
internal sealed class StatusLink : IMqttHandler, IAsyncDisposable
{
    /// <summary>A minute: an operator's patience, and 6 MB a day at most.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>5 s between two: a connector that flaps must not fill a metered link.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    /// <summary>For the last word and for DISCONNECT each: the end has 0.8 s beside the drain.</summary>
    private static readonly TimeSpan Ending = TimeSpan.FromMilliseconds(300);

    private readonly MqttClient _client;
    private readonly Task _running;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private Task<PublishResult> _sending = Task.FromResult(default(PublishResult));
    private volatile bool _connected;
    private volatile bool _isFresh;
    private string _line = "";
    private long _sentAt;

    /// <param name="details">Takes the client's details, at debug.</param>
    /// <param name="log">Hears, once each, why the status cannot be published.</param>
    /// <exception cref="ArgumentException">MQTT cannot carry an option.</exception>
    public StatusLink(StatusTopicConfig config, ILogger details, ILogger log, TimeProvider time)
    {
        Config = config;
        _log = log;
        _time = time;
        var will = new MqttWill(config.Topic, StatusMessage.Last("offline", null), QoS.AtLeastOnce, Retain: true);
        _client = new MqttClient(config.Mqtt with { Will = will }, this, details, time);
        _running = _client.RunAsync(CancellationToken.None);
    }

    public StatusTopicConfig Config { get; }

    /// <summary>Publishes where it is due. Returns at once.</summary>
    public void Step(Func<BridgeStatus> status)
    {
        if (!_sending.IsCompleted)
            return;
        Tell(_sending);
        if (!_connected)
            return;
        var summary = new Summary(status());
        string line = $"{summary.Status.Phase} {summary.Line}";
        TimeSpan since = _time.GetElapsedTime(_sentAt);
        if (!_isFresh && since < Every && (line == _line || since < Between))
            return;
        (_isFresh, _line, _sentAt) = (false, line, _time.GetTimestamp());
        _sending = SendAsync(StatusMessage.Of(summary, _time.GetUtcNow()));
    }

    /// <summary>The last word, where somebody hears it, and the end of the connection. Never throws.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_connected)
        {
            Task last = SendAsync(StatusMessage.Last("stopped", _time.GetUtcNow()));
            await last.WaitAsync(Ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _client.DisconnectAsync(Ending).ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _ = _sending.Exception; // Seen: it was told, or the client has ended.
    }

    void IMqttHandler.OnEvent(MqttEvent what)
    {
        switch (what)
        {
            case MqttEvent.Connected:
                // The will of the connection before may stand there.
                (_isFresh, _connected) = (true, true);
                lock (_said)
                    _said.Clear();
                break;
            case MqttEvent.Lost lost:
                _connected = false;
                Say(lost.Reason);
                break;
            case MqttEvent.Renewing:
                _connected = false;
                break;
        }
    }

    PublishOutcome IMqttHandler.OnPublish(in PublishPacket publish, Receipt receipt) => PublishOutcome.Left;

    PublishOutcome IMqttHandler.OnOversizedPublish(in PublishPacket publishWithoutPayload, long payloadBytes, Receipt receipt) => PublishOutcome.Left;

    ValueTask IMqttHandler.WaitForRoomAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    void IMqttHandler.OnConnected(in MqttConnected connected)
    {
    }

    private async Task<PublishResult> SendAsync(ReadOnlyMemory<byte> payload) =>
        await _client.PublishAsync(new OutgoingPublish(Config.Topic, payload) { QoS = QoS.AtLeastOnce, Retain = true }).ConfigureAwait(false);

    private void Tell(Task<PublishResult> sent)
    {
        if (sent.Exception?.InnerException is { } fault)
            Say(fault.Message.ReplaceLineEndings(" "));
        else if (sent.IsCompletedSuccessfully && !sent.Result.IsSuccess)
            Say($"the broker refuses \"{Config.Topic}\": {sent.Result.ReasonCode.InWords()}; allow it there");
    }

    /// <summary>A reason once a connection.</summary>
    private void Say(string reason)
    {
        lock (_said)
        {
            if (_said.Count > 16 || !_said.Add(reason))
                return;
        }

        HealthLog.StatusNotPublished(_log, reason);
    }
}
