using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Fastbridge.Mqtt.Session;
using Fastbridge.Mqtt.Transport;

namespace Fastbridge.Mqtt;

/// <content>What the read loop waits for: room, a server that reads, the last words.</content>
internal sealed partial class MqttConnection
{
    // A minute: what a busy server may need for what waits for it, 4 MB at least; a link that carries nothing is found by keep alive.
    private static readonly TimeSpan UnreadPatience = TimeSpan.FromMinutes(1);

    private void TellPause(bool idle)
    {
        int unacknowledged = _inbound.Acks!.Unacknowledged;
        if (idle)
            _handler.OnIdle(unacknowledged);
        else
            _handler.OnMore(unacknowledged);
    }

    /// <summary>Null: offer the packet again; else why the connection is over. At a full load of many connectors it waits thousands of times a second: so it allocates nothing.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ConnectionEnd?> WaitForRoomAsync()
    {
        _log.ReadingStopped(_server);
        lock (_timing)
            _keepAlive?.StopReading();
        try
        {
            await _handler.WaitForRoomAsync(_roomWait.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_roomWait.IsCancellationRequested)
        {
            // Drained or aborted: what is read from now on is left.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _log.HandlerFailed(e, _server);
            return new ConnectionEnd($"the application failed while it waited for room: {Reasons.OneLine(e)} (this is a bug of fastbridge; the log has more)", WaitLong: true);
        }

        lock (_timing)
            _keepAlive?.StartReading(Now());
        _log.ReadingGoesOn(_server);

        // Aborted: what is in the buffer would be offered, and refused, again and again, for a read that finds it there never looks at the socket.
        return Volatile.Read(ref _aborted);
    }

    /// <summary>
    /// The server sends and does not read what we answer. Reading stops until it has: mosquitto 2.0.11 sends a queue of millions without looking at its socket once, and
    /// looks when its own sending stops. Null: it has read; else why the connection is over.
    /// </summary>
    private async ValueTask<ConnectionEnd?> WaitForServerAsync()
    {
        lock (_timing)
            _keepAlive?.StopReading();
        try
        {
            // An abort ends it too: it closes the socket, and then nothing waits for it.
            await _outbound.WhenIdleAsync().WaitAsync(UnreadPatience, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return new ConnectionEnd($"the server sends, and has not read what we answer for {UnreadPatience.TotalSeconds:0} s");
        }

        lock (_timing)
            _keepAlive?.StartReading(Now());
        return Volatile.Read(ref _aborted);
    }

    /// <summary>The read loop's own end: what was appended goes out, then half-close, and what still comes is read and dropped for a second at most.</summary>
    private async Task SayGoodbyeAsync(PipeReader reader)
    {
        using CancellationTokenSource late = new(LastWords);
        try
        {
            _outbound.Flush();
            await _outbound.WhenIdleAsync().WaitAsync(late.Token).ConfigureAwait(false);
            await _transport.ShutdownSendAsync().WaitAsync(late.Token).ConfigureAwait(false);
            while (true)
            {
                ReadResult read = await reader.ReadAsync(late.Token).ConfigureAwait(false);
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            // It goes on sending: then it is cut off.
        }
    }

    /// <summary>
    /// The socket takes nothing more. What the server sent before, perhaps a DISCONNECT with the reason, is still to be read: so the read loop goes on to the
    /// end of the stream, for a second at most.
    /// </summary>
    private void WriteFailed(Exception fault) =>
        _giveUp = _time.CreateTimer(_ => Abort(new ConnectionEnd(Reasons.OfConnection(fault))), null, LastWords, Timeout.InfiniteTimeSpan);

    private void CancelRoomWait()
    {
        // The continuation may be the application's; it must not run under a lock of ours.
        if (!_roomWait.IsCancellationRequested)
            _ = _roomWait.CancelAsync();
    }
}
