using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Session;
using Fastbridge.Mqtt.Transport;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Mqtt;

/// <summary>
/// One network connection from CONNECT to its end: the read loop, the outbound queue, the keep alive timer. Joins a transport and the session's half of it.
/// </summary>
internal sealed partial class MqttConnection : IDisposable
{
    // 1 s for the last words (DISCONNECT, acks before it) and for a DISCONNECT of the server behind a failed write.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    // Reads that found something at once, 16 KB at most each: below a millisecond together.
    private const int MostInARow = 4;

    private readonly MqttClientOptions _options;
    private readonly IMqttHandler _handler;
    private readonly MqttSession _session;
    private readonly MqttTransport _transport;
    private readonly OutboundQueue _outbound;
    private readonly Inbound _inbound;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _server;
    private readonly Action<MqttConnection> _accepted;
    private readonly CancellationTokenSource _roomWait = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _origin;
    private readonly Lock _timing = new();
    private readonly ITimer _timer;
    private ITimer? _giveUp;
    private KeepAlive? _keepAlive;
    private ConnectionEnd? _aborted;
    private volatile bool _closing;

    // The thread that is inside Process now: acks that the handler gives from there are flushed once, at the batch's end.
    private volatile int _loopThread;

    /// <param name="accepted">Called on the read loop when CONNACK was accepted, before the handler hears of it.</param>
    /// <param name="handshakeLeft">What is left of the connect time-out for CONNACK.</param>
    public MqttConnection(
        MqttClientOptions options,
        IMqttHandler handler,
        MqttSession session,
        MqttTransport transport,
        TimeSpan handshakeLeft,
        string server,
        Action<MqttConnection> accepted,
        TimeProvider time,
        ILogger log)
    {
        _options = options;
        _handler = handler;
        _session = session;
        _transport = transport;
        _server = server;
        _accepted = accepted;
        _time = time;
        _log = log;
        _origin = time.GetTimestamp();
        _outbound = new OutboundQueue(transport.Stream, time) { Broken = WriteFailed };
        _inbound = new Inbound(options, handler, session, _outbound, server, OnAccepted, log);
        _timer = time.CreateTimer(_ => OnTimer(), null, handshakeLeft, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Null before CONNACK.</summary>
    public AckQueue? Acks => _inbound.Acks;

    /// <summary>How long ago CONNACK was accepted when the connection ended; zero where it never was.</summary>
    public TimeSpan Lasted { get; private set; }

    /// <summary>When the batch now being read was received, milliseconds since the epoch. The read loop's.</summary>
    public long ReceivedAtMs { get; private set; }

    private long AcceptedAt { get; set; } = -1;

    /// <summary>Any thread. Never blocks: if the socket does not take the acks now, a flush that is running takes them along.</summary>
    public void Acknowledge(ReadOnlySpan<Receipt> receipts)
    {
        if (_inbound.Acks is { } acks && acks.Acknowledge(receipts))
            Flush();
    }

    /// <summary>Any thread: sends what was appended. Inside the read loop's batch it waits for the batch's end.</summary>
    public void Flush()
    {
        if (_loopThread != Environment.CurrentManagedThreadId)
            _outbound.Flush();
    }

    /// <summary>Sends CONNECT and reads until the connection ends. Never throws for what the peer or the network does.</summary>
    public async Task<ConnectionEnd> RunAsync()
    {
        PipeReader reader = _transport.CreateReader();
        try
        {
            SendConnect();
            ConnectionEnd end = await ReadAsync(reader).ConfigureAwait(false);
            return _aborted ?? end;
        }
        finally
        {
            if (AcceptedAt >= 0)
                Lasted = TimeSpan.FromMilliseconds(Math.Max(Now() - AcceptedAt, 1));
            _inbound.Dispose();
            Dispose();
            await reader.CompleteAsync().ConfigureAwait(false);
            _ended.TrySetResult();
        }
    }

    /// <summary>Any thread: messages are offered no more, but read and left to the server; acks still go out.</summary>
    public void BeginDrain()
    {
        _inbound.Drain();
        CancelRoomWait();
    }

    /// <summary>
    /// Any thread. Sends DISCONNECT behind all acks that are due, half-closes, and reads until the server closes or the deadline comes: a socket that is
    /// closed with bytes unread resets the connection and may lose the acks.
    /// </summary>
    public async Task CloseAsync(DisconnectPacket packet, TimeSpan deadline)
    {
        // The shutdown's deadline is on the wall: it must hold whatever clock the client was given.
        using CancellationTokenSource late = new(deadline > TimeSpan.Zero ? deadline : TimeSpan.Zero);
        _closing = true;
        BeginDrain();
        SendDisconnect(packet);
        try
        {
            await _outbound.WhenIdleAsync().WaitAsync(late.Token).ConfigureAwait(false);
            await _transport.ShutdownSendAsync().WaitAsync(late.Token).ConfigureAwait(false);
            await _ended.Task.WaitAsync(late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The server did not close in time.
        }

        Abort(new ConnectionEnd("the client was stopped"));
        await _ended.Task.ConfigureAwait(false);
    }

    /// <summary>Any thread: ends the connection at once.</summary>
    public void Abort(ConnectionEnd end)
    {
        Interlocked.CompareExchange(ref _aborted, end, null);
        CancelRoomWait();
        _transport.Dispose();
    }

    public void Dispose()
    {
        _timer.Dispose();
        _giveUp?.Dispose();
        _transport.Dispose();
    }

    private async Task<ConnectionEnd> ReadAsync(PipeReader reader)
    {
        try
        {
            int inARow = 0;
            while (true)
            {
                ValueTask<ReadResult> reading = reader.ReadAsync();
                inARow = reading.IsCompleted ? inARow + 1 : 0;
                if (AcceptedAt >= 0)
                    TellPause(idle: !reading.IsCompleted);
                ReadResult read = await reading.ConfigureAwait(false);
                if (inARow > MostInARow && !Thread.CurrentThread.IsThreadPoolThread)
                    await Task.Yield(); // Else nobody would look at the other sockets of this thread, the admin port's among them.
                if (_closing)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    if (read.IsCompleted)
                        return new ConnectionEnd("the client was stopped");
                    continue;
                }

                switch (Process(reader, read))
                {
                    case BatchEnd.Ended:
                        ConnectionEnd end = _inbound.End!;
                        if (end.Violation is { } violation)
                            SendDisconnect(new DisconnectPacket(violation.Rule.Code));
                        await SayGoodbyeAsync(reader).ConfigureAwait(false);
                        return end;
                    case BatchEnd.NoRoom:
                        if (await WaitForRoomAsync().ConfigureAwait(false) is { } failed)
                            return failed;
                        break;
                    default:
                        if (read.IsCompleted)
                            return Closed();
                        if (_outbound.IsFlooded && await WaitForServerAsync().ConfigureAwait(false) is { } unread)
                            return unread;
                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or SocketException or OperationCanceledException)
        {
            // With TLS 1.3 a server judges our certificate when our handshake is over already.
            return new ConnectionEnd(TlsFaults.OfAlert(e, _options.Tls?.CertFile is not null) ?? Reasons.OfConnection(e));
        }
    }

    private BatchEnd Process(PipeReader reader, ReadResult read)
    {
        ReadOnlySequence<byte> bytes = read.Buffer;
        if (AcceptedAt < 0 && OtherProtocol.Of(bytes) is { } other)
            throw new IOException(other); // As any other end of the connection: nothing that MQTT has an answer for.
        if (_keepAlive is { } keepAlive)
        {
            lock (_timing)
                keepAlive.Received(Now());
        }

        ReceivedAtMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        _loopThread = Environment.CurrentManagedThreadId;
        BatchEnd end = _inbound.Process(bytes, out SequencePosition consumed);
        _loopThread = 0;
        reader.AdvanceTo(consumed, end == BatchEnd.NoRoom ? consumed : bytes.End);
        _outbound.Flush();
        return end;
    }

    private void SendDisconnect(DisconnectPacket packet)
    {
        // 3.1.1 has no reasons: there a violation is answered by closing alone, so that the will is published.
        bool silent = _options.Version == MqttVersion.V311 && packet.ReasonCode != ReasonCode.Success;
        lock (_outbound.Gate)
        {
            if (!_outbound.IsClosed && !silent)
                PacketEncoder.Write(_outbound, packet, _options.Version);
            _outbound.Close();
        }

        _outbound.Flush();
        _log.DisconnectSent(_server, packet.ReasonCode);
    }
}
