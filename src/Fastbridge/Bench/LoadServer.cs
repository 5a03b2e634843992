using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Fastbridge.Bench;

/// <summary>An MQTT server on a free loopback port that feeds each connector its share. Totals may be asked for from any thread.</summary>
internal sealed class LoadServer : IAsyncDisposable
{
    private readonly BenchPlan _plan;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<LoadConnection> _connections = [];
    private readonly List<Task> _running = [];
    private readonly Lock _lock = new();
    private readonly Task _accepting;
    private long _began;
    private volatile string? _fault;

    public LoadServer(BenchPlan plan)
    {
        _plan = plan;
        _listener.Start(Math.Max(128, plan.Connectors));
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What made a connection end that should not have; null: nothing did.</summary>
    public string? Fault => _fault;

    public int Subscribed => (int)Sum(static c => c.Connector >= 0 ? 1 : 0);

    public long Sent => Sum(static c => c.Sent);

    public long Acked => Sum(static c => c.Acked);

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

    /// <summary>Of all connections; for when they have ended or are done.</summary>
    public LatencyCounts Latency()
    {
        var all = new LatencyCounts();
        Each(c => all.Add(c.Latency));
        return all;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Each(static c => c.Dispose());
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket = await _listener.AcceptSocketAsync(_stop.Token).ConfigureAwait(false);
            socket.NoDelay = true;
            var connection = new LoadConnection(socket, _plan, () => Volatile.Read(ref _began));
            lock (_lock)
            {
                _connections.Add(connection);
                _running.Add(RunAsync(connection));
            }
        }
    }

    private async Task RunAsync(LoadConnection connection)
    {
        try
        {
            await Task.Run(() => connection.RunAsync(_stop.Token)).ConfigureAwait(false);
            if (!connection.IsDone)
                _fault ??= "the bridge closed its MQTT connection";
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
        Each(c => sum += of(c));
        return sum;
    }
}
