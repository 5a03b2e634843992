using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Fastbridge.Bench;

/// <summary>An MQTT server on a free loopback port that feeds each connector its share. Totals may be asked for from any thread.</summary>
internal sealed class LoadServer : IDisposable
{
    /// <summary>How often it is looked who has a message due.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly BenchPlan _plan;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<LoadConnection> _connections = [];
    private readonly List<Task> _running = [];
    private readonly Lock _lock = new();
    private long _began;
    private volatile string? _fault;

    public LoadServer(BenchPlan plan)
    {
        _plan = plan;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(Math.Max(128, plan.Connectors));
        _running.Add(Task.Factory.StartNew(Accept, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        if (plan.Rate > 0)
            _running.Add(Task.Factory.StartNew(WakeWhoIsDue, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>What made a connection end that should not have; null: nothing did.</summary>
    public string? Fault => _fault;

    public int Subscribed => (int)Sum(static c => c.Connector >= 0 ? 1 : 0);

    public long Sent => Sum(static c => c.Sent);

    public long Acked => Sum(static c => c.Acked);

    /// <summary>When the first message was due, by <see cref="Stopwatch"/>; 0: not yet.</summary>
    public long Began => Volatile.Read(ref _began);

    /// <summary>When acknowledgements came last, by <see cref="Stopwatch"/>.</summary>
    public long LastAckAt
    {
        get
        {
            long last = 0;
            Each(c => last = Math.Max(last, c.LastAckAt));
            return last;
        }
    }

    public long Unordered => Sum(static c => c.Unordered);

    public bool IsDone => Sum(static c => c.IsDone ? 1 : 0) == _plan.Connectors;

    /// <summary>The first message is due now.</summary>
    public void Start()
    {
        Volatile.Write(ref _began, Stopwatch.GetTimestamp());
        Each(static c => c.Wake());
    }

    /// <summary>No further message.</summary>
    public void Enough() => Each(static c => c.Enough());

    /// <summary>Of all connections; for when they are done.</summary>
    public LatencyCounts Latency()
    {
        var all = new LatencyCounts();
        Each(c => all.Add(c.Latency));
        return all;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        Task[] running;
        lock (_lock)
            running = [.. _running];
        Task.WaitAll(running);
        Each(static c => c.Dispose());
        _stop.Dispose();
    }

    private void Accept()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = _listener.Accept();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                if (!_stop.IsCancellationRequested)
                    _fault ??= e.Message;
                return;
            }

            socket.NoDelay = true;
            var connection = new LoadConnection(socket, _plan, () => Began);
            lock (_lock)
            {
                _connections.Add(connection);
                _running.Add(Task.Run(() => RunAsync(connection)));
            }
        }
    }

    /// <summary>One clock for all connections: a timer for each of a hundred, a thousand times a second, would take the cores from the bridge.</summary>
    private void WakeWhoIsDue()
    {
        while (!_stop.Token.WaitHandle.WaitOne(Tick))
        {
            long now = Stopwatch.GetTimestamp();
            lock (_lock)
            {
                foreach (LoadConnection connection in _connections)
                {
                    if (connection.DueAt <= now)
                        connection.Wake();
                }
            }
        }
    }

    /// <summary>Never fails: what ends a connection too early is the bench's fault.</summary>
    private async Task RunAsync(LoadConnection connection)
    {
        try
        {
            await connection.RunAsync(_stop.Token).ConfigureAwait(false);
            if (!connection.IsDone)
                _fault ??= "the bridge closed an MQTT connection";
        }
        catch (OperationCanceledException)
        {
            // The bench has ended.
        }
        catch (Exception e) when (e is SocketException or BenchException)
        {
            _fault ??= e.Message;
        }
    }

    private void Each(Action<LoadConnection> act)
    {
        lock (_lock)
        {
            foreach (LoadConnection connection in _connections)
                act(connection);
        }
    }

    private long Sum(Func<LoadConnection, long> of)
    {
        long sum = 0;
        lock (_lock)
        {
            foreach (LoadConnection connection in _connections)
                sum += of(connection);
        }

        return sum;
    }
}
