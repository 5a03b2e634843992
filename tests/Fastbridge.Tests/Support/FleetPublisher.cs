using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Fastbridge.Tests.Support;

/// <summary>One publisher of a <see cref="Fleet"/>: a connection, pipelined, with the fate of every message.</summary>
internal sealed class FleetPublisher : IDisposable
{
    // Of a message; 0: not sent yet.
    private const byte Sent = 1;
    private const byte Received = 2;
    private const byte Done = 3;

    private readonly FleetOptions _options;
    private readonly int _window;
    private readonly byte[] _state;
    private readonly bool[] _resent;
    private readonly byte[][] _topics;
    private readonly byte[] _payload;
    private readonly byte[] _buffer;
    private readonly Queue<ushort> _releases = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Stopwatch _clock = new();
    private readonly Lock _lock = new();
    private int _lowest;
    private int _next;
    private int _acknowledged;
    private volatile bool _stopped;

    public FleetPublisher(FleetOptions options, int number)
    {
        _options = options;
        Number = number;
        _window = options.Window ?? (options.Qos == 2 ? 10 : 1000);
        _state = new byte[options.Messages];
        _resent = new bool[options.Messages];
        _topics = [.. Enumerable.Range(0, options.Topics).Select(t => Encoding.UTF8.GetBytes(Topic(t)))];
        _payload = new byte[Math.Max(24, options.Size)];
        _buffer = new byte[Math.Max(64 * 1024, 2 * (_payload.Length + 300))];
    }

    public int Number { get; }

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Messages sent so far: their sequence numbers are below.</summary>
    public int SentCount => Volatile.Read(ref _next);

    public int Resent => _resent.Count(r => r);

    public bool IsAcknowledged(int sequence) => _state[sequence] == Done;

    public bool WasResent(int sequence) => _resent[sequence];

    public string Topic(int sequence) => string.Create(CultureInfo.InvariantCulture, $"{_options.Root}/{Number}/{sequence % _options.Topics}");

    public void Stop()
    {
        _stopped = true;
        Wake();
    }

    public void Dispose() => _wake.Dispose();

    public async Task RunAsync(CancellationToken abort)
    {
        _clock.Start();
        while (!Finished)
        {
            try
            {
                // A session that outlives the connection: at QoS 2 only it lets a resent message be recognised.
                using RawMqtt link = await RawMqtt.ConnectAsync(_options.Port, $"fleet-{_options.Root.Replace('/', '-')}-{Number}", cleanSession: false, abort);
                await TalkAsync(link, abort);
            }
            catch (Exception e) when (e is SocketException or IOException && !abort.IsCancellationRequested)
            {
                // The broker is away. Asking again every 50 ms is the wait: nothing tells when a port opens.
                await Task.Delay(50, abort);
            }
        }
    }

    private bool Finished
    {
        get
        {
            lock (_lock) return _lowest == _next && (_stopped || _next == _state.Length);
        }
    }

    private async Task TalkAsync(RawMqtt link, CancellationToken abort)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(abort);
        await ResumeAsync(link, ended.Token);
        Task reader = Task.Run(() => ReadAsync(link, ended.Token), abort);
        try
        {
            while (!Finished)
            {
                int length = Fill();
                if (length > 0) await link.SendAsync(_buffer.AsMemory(0, length), ended.Token);
                if (_options.Qos == 0) Settle();
                else if (length == 0) await IdleAsync(reader, ended.Token);
                else if (reader.IsCompleted) await reader;
            }

            await link.DisconnectAsync();
        }
        finally
        {
            await ended.CancelAsync();
            await reader.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>Nothing to send: wait for an acknowledgement, for the pace, or for the end of the connection.</summary>
    private async Task IdleAsync(Task reader, CancellationToken cancel)
    {
        if (reader.IsCompleted) await reader;
        bool paced;
        lock (_lock) paced = _options.Rate > 0 && _next < _state.Length && _next - _lowest < _window && !_stopped;
        await _wake.WaitAsync(paced ? 5 : 1000, cancel);
    }

    /// <summary>After a reconnect: what is unacknowledged goes out again, in order, before anything new [MQTT-4.4.0-1].</summary>
    private async Task ResumeAsync(RawMqtt link, CancellationToken cancel)
    {
        _releases.Clear();
        int from, to;
        lock (_lock)
        {
            (from, to) = (_lowest, _next);
            // A session that is gone forgot the PUBRECs too; whether it passed those messages on, nobody knows.
            for (int n = from; n < to && !link.SessionPresent; n++)
            {
                if (_state[n] == Received) _state[n] = Sent;
            }
        }

        for (int n = from; n < to; n++)
        {
            int length;
            lock (_lock)
            {
                if (_state[n] == Done) continue;
                bool release = _state[n] == Received;
                length = release ? WriteRelease(_buffer, Id(n)) : Write(_buffer, n, duplicate: true);
                _resent[n] |= !release;
            }

            await link.SendAsync(_buffer.AsMemory(0, length), cancel);
        }
    }

    private int Fill()
    {
        int length = 0;
        lock (_lock)
        {
            while (_releases.Count > 0 && length < _buffer.Length / 2) length += WriteRelease(_buffer.AsSpan(length), _releases.Dequeue());
            long allowed = _options.Rate == 0 ? long.MaxValue : (long)(_clock.Elapsed.TotalSeconds * _options.Rate / _options.Publishers) + 1;
            while (!_stopped && _next < _state.Length && _next - _lowest < _window && _next < allowed && _buffer.Length - length > _payload.Length + 300)
            {
                length += Write(_buffer.AsSpan(length), _next, duplicate: false);
                _state[_next++] = Sent;
            }
        }

        return length;
    }

    private async Task ReadAsync(RawMqtt link, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                RawPacket packet = await link.ReadAsync(cancel);
                lock (_lock) Take(packet);
                Wake();
            }
        }
        finally
        {
            Wake();
        }
    }

    private void Take(RawPacket packet)
    {
        // Sequence numbers under way span less than 65,535, so an identifier names one of them.
        int sequence = _lowest + ((packet.Id - Id(_lowest) + 65_535) % 65_535);
        if (sequence >= _next) throw new IOException($"acknowledgement of {packet.Id}, which is not under way");
        switch (packet.Type)
        {
            case 4 or 7: // PUBACK, PUBCOMP
                if (_state[sequence] != Done) Volatile.Write(ref _acknowledged, _acknowledged + 1);
                _state[sequence] = Done;
                while (_lowest < _next && _state[_lowest] == Done) _lowest++;
                break;
            case 5: // PUBREC
                if (_state[sequence] == Sent) _state[sequence] = Received;
                _releases.Enqueue(packet.Id);
                break;
            default:
                throw new IOException($"unexpected packet of type {packet.Type}");
        }
    }

    /// <summary>QoS 0: nobody acknowledges.</summary>
    private void Settle()
    {
        lock (_lock)
        {
            while (_lowest < _next) _state[_lowest++] = Done;
            Volatile.Write(ref _acknowledged, _lowest);
        }

        if (_options.Rate > 0) Thread.Sleep(5);
    }

    private int Write(Span<byte> target, int sequence, bool duplicate)
    {
        _payload.AsSpan().Fill((byte)' ');
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Number}:{sequence}"), _payload);
        return RawMqtt.WritePublish(target, _topics[sequence % _topics.Length], _payload, _options.Qos, Id(sequence), duplicate && _options.Qos > 0, retain: false);
    }

    private static int WriteRelease(Span<byte> target, ushort id)
    {
        target[0] = 0x62;
        target[1] = 2;
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], id);
        return 4;
    }

    private static ushort Id(int sequence) => (ushort)((sequence % 65_535) + 1);

    private void Wake()
    {
        if (_wake.CurrentCount == 0) _wake.Release();
    }
}
