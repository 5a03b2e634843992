using System.Diagnostics.CodeAnalysis;
using Fastbridge.Mqtt.Session;
using Fastbridge.Mqtt.Transport;

namespace Fastbridge.Mqtt;

/// <content>The loop that connects, and what one attempt is.</content>
public sealed partial class MqttClient
{
    /// <summary>
    /// Connects and reconnects until <paramref name="stop"/> is cancelled (then as <see cref="DisconnectAsync"/> with a second's deadline) or
    /// <see cref="DisconnectAsync"/> is called; completes then. Whatever fails is told by <see cref="IMqttHandler.OnEvent"/> and tried again. Once a client.
    /// </summary>
    public async Task RunAsync(CancellationToken stop)
    {
        lock (_gate)
        {
            if (_running)
                throw new InvalidOperationException("RunAsync runs once a client");
            _running = true;
        }

        using CancellationTokenRegistration registration = stop.UnsafeRegister(_ => _ = DisconnectAsync(StopDeadline), null);
        try
        {
            for (int attempt = 1; !_stopping.IsCancellationRequested; attempt++)
            {
                string server = _server = AddressOf(_round.Current);
                _log.Connecting(server, attempt);
                (ConnectionEnd end, TimeSpan lasted) = await ConnectOnceAsync(_round.Current).ConfigureAwait(false);

                // It may have ended on the thread that hears of all sockets, and what follows may take its time: key files, an fsync, the end of the bridge.
                await Task.Yield();
                _log.Ended(server, end.Reason);
                if (_stopping.IsCancellationRequested)
                    break;
                if (IsRenewing(out string? why))
                {
                    Tell(new MqttEvent.Renewing(server, why));
                    continue;
                }

                bool atOnce = _round.Next(end, lasted, out string? remark);
                string next = AddressOf(_round.Current);
                if (remark is not null)
                    end = end with { Reason = $"{end.Reason}; {remark}" };
                ReconnectPlan plan = _policy.Plan(end, lasted, server, atOnce);
                if (plan.Warning is not null)
                    Tell(new MqttEvent.Warned($"{server}: {plan.Warning}"));
                Tell(new MqttEvent.Lost(server, $"{server}: {end.Reason}", lasted > TimeSpan.Zero, plan.Repeated, plan.Wait)
                {
                    Refusal = end.Refusal,
                    Next = next == server ? null : next,
                    RoundGoesOn = atOnce,
                });
                await Task.Delay(plan.Wait, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await _closing.ConfigureAwait(false);
        }
        finally
        {
            _session.Publishes.Stop();
            lock (_gate)
                _connected.TrySetException(new InvalidOperationException("the client was stopped"));
            _ = _connected.Task.Exception;
            _finished.TrySetResult();
        }
    }

    private string AddressOf(MqttServer server) => server.Address(_options.Tls is not null);

    private bool IsRenewing([NotNullWhen(true)] out string? why)
    {
        lock (_gate)
            (why, _renewing) = (_renewing, null);
        return why is not null;
    }

    private async Task<(ConnectionEnd End, TimeSpan Lasted)> ConnectOnceAsync(MqttServer server)
    {
        long start = _time.GetTimestamp();
        _session.Server = server;
        try
        {
            MqttTransport transport = await OpenAsync(server).ConfigureAwait(false);
            TimeSpan left = _options.ConnectTimeout - _time.GetElapsedTime(start);
            using MqttConnection connection = new(
                _options, _handler, _session, transport, left > TimeSpan.Zero ? left : TimeSpan.Zero, Server, OnAccepted, _time, _log);
            lock (_gate)
            {
                if (_stopping.IsCancellationRequested)
                    return (new ConnectionEnd("the client was stopped"), TimeSpan.Zero);
                _connection = connection;
                if (_draining)
                    connection.BeginDrain();
            }

            try
            {
                return (await connection.RunAsync().ConfigureAwait(false), connection.Lasted);
            }
            finally
            {
                Forget();
            }
        }
        catch (MqttConnectException e)
        {
            return (new ConnectionEnd(e.Message), TimeSpan.Zero);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return (new ConnectionEnd("the client was stopped"), TimeSpan.Zero);
        }
        catch (OperationCanceledException)
        {
            return (new ConnectionEnd($"no connection within {_options.ConnectTimeout.TotalSeconds:0.#} s; check the address, and that no firewall drops the connection"), TimeSpan.Zero);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Nothing of the kind is known; but a client that must run for years does not end over it.
            _log.ClientFailed(e, Server);
            return (new ConnectionEnd(Reasons.OneLine(e)), TimeSpan.Zero);
        }
    }

    private async ValueTask<MqttTransport> OpenAsync(MqttServer server)
    {
        using CancellationTokenSource timeout = new(_options.ConnectTimeout, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
        return await _open(_options.At(server), both.Token).ConfigureAwait(false);
    }

    private void OnAccepted(MqttConnection connection)
    {
        lock (_gate)
        {
            _accepted = connection;
            _connected.TrySetResult();
        }
    }

    private void Forget()
    {
        lock (_gate)
        {
            _connection = null;
            _accepted = null;
            if (_connected.Task.IsCompleted)
                _connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void Tell(MqttEvent what)
    {
        try
        {
            _handler.OnEvent(what);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _log.HandlerFailed(e, Server);
        }
    }
}
