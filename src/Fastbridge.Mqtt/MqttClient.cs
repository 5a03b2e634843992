using System.Collections.Immutable;
using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Session;
using Fastbridge.Mqtt.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fastbridge.Mqtt;

/// <summary>
/// An MQTT 3.1.1 and 5.0 client that stays connected: connects, subscribes, keeps the link alive, reconnects for ever with the same session. Messages go to
/// an <see cref="IMqttHandler"/>, which acknowledges them in any order; acks leave in receipt order. All members may be called from any thread.
/// </summary>
public sealed partial class MqttClient : IAsyncDisposable
{
    // 1 s: what a broker on the same network takes to close; the acks have left before.
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(1);

    private readonly MqttClientOptions _options;
    private readonly IMqttHandler _handler;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly Func<MqttClientOptions, CancellationToken, ValueTask<MqttTransport>> _open;
    private readonly MqttSession _session;
    private readonly ReconnectPolicy _policy;
    private readonly ServerRound _round;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private volatile MqttConnection? _connection;
    private volatile MqttConnection? _accepted;
    private TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _closing = Task.CompletedTask;
    private volatile string _server;
    private bool _draining;
    private bool _running;
    private string? _renewing;

    /// <exception cref="ArgumentException">An option is one that MQTT cannot carry (an empty filter list is fine); names it.</exception>
    public MqttClient(MqttClientOptions options, IMqttHandler handler, ILogger? logger = null, TimeProvider? time = null)
        : this(options, handler, logger, time, Connector.ConnectAsync)
    {
    }

    internal MqttClient(
        MqttClientOptions options,
        IMqttHandler handler,
        ILogger? logger,
        TimeProvider? time,
        Func<MqttClientOptions, CancellationToken, ValueTask<MqttTransport>> open)
    {
        _options = options;
        _handler = handler;
        _log = logger ?? NullLogger.Instance;
        _time = time ?? TimeProvider.System;
        _open = open;
        _session = new MqttSession(options);
        _policy = new ReconnectPolicy(options, Random.Shared);
        _round = new ServerRound(options);
        _server = AddressOf(_round.Current);

        // What cannot be encoded is found now, not at the first connection.
        PacketEncoder.Measure(_session.Connect(), options.Version);
        foreach (MqttSubscription s in options.Subscriptions)
            PacketEncoder.Measure(new SubscribePacket(1, [new SubscribeFilter(s.Filter, s.QoS, s.RetainHandling)]), options.Version);
    }

    /// <summary>The address of the server that is connected or tried, as <c>mqtt://host:port</c> or <c>wss://host:port/path</c>; what events call it.</summary>
    public string Server => _server;

    /// <summary>The client identifier in force: the configured one, or what the server assigned.</summary>
    public string ClientId => _session.ClientId;

    /// <summary>
    /// The application is done with these messages: their PUBACK or PUBREC leaves as soon as all before them are done too. Any order, any thread, any
    /// number of times; receipts of earlier connections and of QoS 0 are ignored. Never blocks and allocates nothing. One lock and at most one write
    /// to the socket a call, so batches are cheaper.
    /// </summary>
    public void Acknowledge(ReadOnlySpan<Receipt> receipts) => _accepted?.Acknowledge(receipts);

    /// <inheritdoc cref="Acknowledge(ReadOnlySpan{Receipt})"/>
    public void Acknowledge(Receipt receipt) => _accepted?.Acknowledge(new ReadOnlySpan<Receipt>(in receipt));

    /// <summary>
    /// The first receipt of the present connection whose ack has not been written: all before it are settled, nothing from it on is; the default without a
    /// connection. Any thread.
    /// </summary>
    public Receipt FirstUnacknowledged => _accepted?.Acks?.FirstUnacknowledged ?? default;

    /// <summary>When the message now being offered was received, milliseconds since the epoch: one reading of the clock a read batch. For the handler's use inside its callbacks.</summary>
    public long ReceivedAtMs => _accepted?.ReceivedAtMs ?? 0;

    /// <summary>
    /// Publishes. Completes when PUBACK (QoS 1) or PUBCOMP (QoS 2) came, at QoS 0 when the message is in the connection's outbound queue. Without a
    /// connection, or while the server's Receive Maximum is used up, it waits; a message on its way when the connection ends is sent again on the next
    /// one. Thousands may be on their way at once: messages of one caller leave in the order of the calls. Cancelling ends the wait; a message that
    /// was already sent stays on its way. The payload's bytes are left alone until completion.
    /// </summary>
    /// <exception cref="ArgumentException">MQTT cannot carry the message; names the field.</exception>
    /// <exception cref="MqttPublishException">The server's CONNACK rules it out, or the client was stopped.</exception>
    public ValueTask<PublishResult> PublishAsync(OutgoingPublish message, CancellationToken cancellation = default)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<PublishResult>(cancellation);
        PendingPublish? pending = _session.Publishes.Publish(message);
        _accepted?.Flush();
        if (pending is null)
            return new ValueTask<PublishResult>(default(PublishResult));
        return cancellation.CanBeCanceled ? WaitAsync(pending, cancellation) : new ValueTask<PublishResult>(pending.Task);

        static async ValueTask<PublishResult> WaitAsync(PendingPublish pending, CancellationToken cancellation)
        {
            using CancellationTokenRegistration registration =
                cancellation.UnsafeRegister(static (state, token) => ((PendingPublish)state!).TrySetCanceled(token), pending);
            return await pending.Task.ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Changes what is subscribed without touching the connection: filters that are gone are unsubscribed, new ones subscribed, those that stay are left alone.
    /// Without a connection it takes effect with the next. Told by <see cref="MqttEvent.Unsubscribed"/> and <see cref="MqttEvent.Subscribed"/>.
    /// </summary>
    /// <exception cref="ArgumentException">A filter is one that MQTT cannot carry; nothing is changed then.</exception>
    public void ChangeSubscriptions(ImmutableArray<MqttSubscription> subscriptions)
    {
        foreach (MqttSubscription s in subscriptions)
            PacketEncoder.Measure(new SubscribePacket(1, [new SubscribeFilter(s.Filter, s.QoS, s.RetainHandling)]), _options.Version);
        ImmutableArray<SubscriptionGrant>? grants = _session.Subscriber.Change(subscriptions);
        _accepted?.Flush();
        if (grants is { } all)
            Tell(new MqttEvent.Subscribed(all));
    }

    /// <summary>
    /// Makes a connection that stands anew, in good order and on the same session: what certificate files say now counts. Without a connection there is nothing to do, as
    /// the next one reads them. Where the files cannot be used, or the session would end with its connection, it stays as it is. Returns at once. Any thread.
    /// </summary>
    /// <param name="why">One line, told by <see cref="MqttEvent.Renewing"/>.</param>
    public void Renew(string why)
    {
        if (!_options.SessionLasts)
            return;
        try
        {
            if (_options.Tls is not null)
                TlsHandshake.Load(_options.Tls, _options.Host).Dispose();
        }
        catch (MqttConnectException e)
        {
            Tell(new MqttEvent.Warned($"{Server}: {why}, and cannot be used: {e.Message}; the connection stays as it is until they can"));
            return;
        }

        lock (_gate)
        {
            if (_connection is not { } connection || _stopping.IsCancellationRequested || _renewing is not null)
                return;
            _renewing = why;
            _ = Task.Run(() => connection.CloseAsync(new DisconnectPacket(ReasonCode.Success), StopDeadline));
        }
    }

    /// <summary>Completes at once while connected, else at the next CONNACK that is accepted. Fails when the client was stopped.</summary>
    public Task WaitForConnectedAsync(CancellationToken cancellation = default)
    {
        lock (_gate)
            return _connected.Task.WaitAsync(cancellation);
    }

    /// <summary>
    /// First step of a shutdown: messages are offered to the handler no more; they are read, and left to the server unacknowledged. Acks of those taken
    /// before still go out. Stays in force on a connection that follows.
    /// </summary>
    public void BeginDrain()
    {
        MqttConnection? connection;
        lock (_gate)
        {
            _draining = true;
            connection = _connection;
        }

        connection?.BeginDrain();
    }

    /// <summary>
    /// Last step: sends the acks given up to now, DISCONNECT, half-closes, and reads until the server closes or <paramref name="deadline"/> is over, so that
    /// no reset overtakes the acks. Does not reconnect any more. Completes when <see cref="RunAsync"/> is about to; a second call awaits the first.
    /// </summary>
    /// <param name="endSession">
    /// The server is told to drop the session and all that it queues (Session Expiry Interval 0 in DISCONNECT [3.14.2.2.2]). 5.0 only: in 3.1.1 connect once
    /// more with <see cref="MqttClientOptions.CleanStart"/>.
    /// </param>
    /// <exception cref="NotSupportedException"><paramref name="endSession"/> in 3.1.1, which has no such message.</exception>
    public async Task DisconnectAsync(TimeSpan deadline, bool endSession = false)
    {
        if (endSession && _options.Version == MqttVersion.V311)
            throw new NotSupportedException("MQTT 3.1.1 cannot end a session by DISCONNECT; connect once more with CleanStart");
        lock (_gate)
        {
            _draining = true;
            if (!_stopping.IsCancellationRequested && _connection is { } connection)
            {
                // 0 where CONNECT already said 0 is left out [3.14.2.2.2].
                bool tell = endSession && _options.SessionExpiryInterval != 0;
                _closing = Task.Run(() => connection.CloseAsync(new DisconnectPacket(ReasonCode.Success) { SessionExpiryInterval = tell ? 0 : null }, deadline));
            }

            // The callbacks of the token run elsewhere, not under this lock.
            _ = _stopping.CancelAsync();
        }

        await _closing.ConfigureAwait(false);
        if (_running)
            await _finished.Task.ConfigureAwait(false);
    }

    /// <summary>As <see cref="DisconnectAsync"/> with a deadline of one second.</summary>
    public async ValueTask DisposeAsync() => await DisconnectAsync(StopDeadline).ConfigureAwait(false);
}
