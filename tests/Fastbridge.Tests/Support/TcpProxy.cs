using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Fastbridge.Tests.Support;

/// <summary>
/// Stands between a client and a server and is unkind on demand: cuts, delays, swallows, throttles, splits. Switches work at once, on
/// connections that are open and on those to come. "Up" is client to server, "down" is server to client.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly IPEndPoint _target;
    private readonly ConcurrentDictionary<ProxyLink, bool> _links = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private int _accepted;

    /// <param name="targetPort">On loopback; need not be listening.</param>
    public TcpProxy(int targetPort)
    {
        _target = new IPEndPoint(IPAddress.Loopback, targetPort);
        _listener = Listen();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public string Url => $"mqtt://127.0.0.1:{Port}";

    public ProxyDirection Up { get; } = new();

    public ProxyDirection Down { get; } = new();

    /// <summary>True: a new connection is closed at once, as by a server that is not there.</summary>
    public bool Refuse { get; set; }

    /// <summary>Connections so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Connections open now.</summary>
    public int Open => _links.Count;

    /// <summary>Ends all open connections: by RST (what is under way is lost), or in good order.</summary>
    public void Cut(bool reset = true)
    {
        foreach (ProxyLink link in _links.Keys) link.Cut(reset);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _end.Dispose();
    }

    private static TcpListener Listen()
    {
        while (true)
        {
            var listener = new TcpListener(IPAddress.Loopback, Ports.Free());
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                listener.Dispose();
            }
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_end.Token);
                Interlocked.Increment(ref _accepted);
                if (Refuse) ProxyLink.Reset(client);
                else _ = RunAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException) // The last: stopped before it accepted again.
        {
            // The proxy is being disposed.
        }
    }

    private async Task RunAsync(Socket client)
    {
        using var link = new ProxyLink(client, this);
        _links[link] = true;
        if (_end.IsCancellationRequested) link.Cut(reset: true);
        await link.RunAsync(_target);
        _links.TryRemove(link, out _);
    }
}
