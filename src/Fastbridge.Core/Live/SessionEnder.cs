using Fastbridge.Mqtt;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Core.Live;

/// <summary>
/// Ends the MQTT session of a deleted connector: one CONNECT with Clean Start and no expiry, tried in the background until the server has answered, or until the
/// session has expired by itself. Any thread.
/// </summary>
internal sealed class SessionEnder(ILogger log, TimeProvider time) : IAsyncDisposable
{
    /// <summary>16 at a time: a thousand deleted at once must not be a storm of connections.</summary>
    private readonly SemaphoreSlim _atOnce = new(16);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];

    /// <param name="name">The connector's, for the log.</param>
    /// <param name="options">How to reach the server, with the session's client identifier.</param>
    /// <param name="lasts">After this long the session has expired by itself.</param>
    /// <param name="pass">The session's; waited for, and left at the end.</param>
    /// <param name="ended">Called when there is no such session any more.</param>
    public void End(string name, MqttClientOptions options, TimeSpan lasts, SessionGate.Pass pass, Action ended)
    {
        lock (_lock)
        {
            _running.RemoveWhere(t => t.IsCompleted);
            _running.Add(Task.Run(() => EndAsync(name, options, lasts, pass, ended)));
        }
    }

    /// <summary>What is not done by now is left to the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task[] running;
        lock (_lock)
            running = [.. _running];
        await Task.WhenAll(running).ConfigureAwait(false);
    }

    private async Task EndAsync(string name, MqttClientOptions options, TimeSpan lasts, SessionGate.Pass pass, Action ended)
    {
        bool entered = false;
        try
        {
            await pass.Before.WaitAsync(_stop.Token).ConfigureAwait(false);
            await _atOnce.WaitAsync(_stop.Token).ConfigureAwait(false);
            entered = true;
            if (await ConnectOnceAsync(name, options, lasts).ConfigureAwait(false))
                ConnectorLog.SessionEnded(log, name, options.ClientId);
            else
                ConnectorLog.SessionExpired(log, name, options.ClientId);
            ended();
        }
        catch (OperationCanceledException)
        {
            // The bridge ends; the mark stays.
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            ConnectorLog.SessionNotEnded(log, name, options.ClientId, e.Message.ReplaceLineEndings(" "));
        }
        finally
        {
            if (entered)
                _atOnce.Release();
            pass.Leave();
        }
    }

    /// <returns>The server accepted it; false where the session has expired before.</returns>
    private async Task<bool> ConnectOnceAsync(string name, MqttClientOptions options, TimeSpan lasts)
    {
        MqttClientOptions clean = options with
        {
            CleanStart = true,
            SessionExpiryInterval = 0,
            Subscriptions = [],
            Unsubscriptions = [],
            Will = null,
            ReconnectDelay = TimeSpan.FromSeconds(1),
            ReconnectDelayMax = TimeSpan.FromMinutes(1),
        };
        await using var client = new MqttClient(clean, new Listener(name, clean.ClientId, log), null, time);
        using var expired = new CancellationTokenSource(lasts < MostTimer ? lasts : MostTimer, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(expired.Token, _stop.Token);
        Task running = client.RunAsync(over.Token);
        bool connected = true;
        try
        {
            await client.WaitForConnectedAsync(over.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            connected = false;
        }

        await client.DisconnectAsync(TimeSpan.FromSeconds(2)).ConfigureAwait(false);
        await running.ConfigureAwait(false);
        _stop.Token.ThrowIfCancellationRequested();
        return connected;
    }

    /// <summary>A timer takes 49 days at most; who runs for longer tries again after a restart.</summary>
    private static readonly TimeSpan MostTimer = TimeSpan.FromDays(40);

    /// <summary>Takes no message, and says once why it does not come through.</summary>
    private sealed class Listener(string name, string clientId, ILogger log) : IMqttHandler
    {
        private bool _said;

        public PublishOutcome OnPublish(in Mqtt.Codec.Packets.PublishPacket publish, Receipt receipt) => PublishOutcome.Left;

        public PublishOutcome OnOversizedPublish(in Mqtt.Codec.Packets.PublishPacket publishWithoutPayload, long payloadBytes, Receipt receipt) => PublishOutcome.Left;

        public ValueTask WaitForRoomAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

        public void OnConnected(in MqttConnected connected)
        {
        }

        public void OnEvent(MqttEvent what)
        {
            if (what is not MqttEvent.Lost lost || _said)
                return;
            _said = true;
            ConnectorLog.SessionNotEnded(log, name, clientId, lost.Reason);
        }
    }
}
