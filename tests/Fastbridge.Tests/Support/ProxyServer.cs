using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fastbridge.Tests.Support;

/// <summary>A SOCKS 5 and HTTP CONNECT proxy of the suite's own, on loopback: the first byte tells which is spoken. Everything goes to one server.</summary>
internal sealed class ProxyServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _running = [];
    private readonly int _target;
    private readonly Task _accepting;

    public ProxyServer(int targetPort)
    {
        _target = targetPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Null: none is asked for.</summary>
    public (string User, string Password)? Credentials { get; init; }

    /// <summary>The SOCKS reply; 0 lets through.</summary>
    public byte Reply { get; init; }

    /// <summary>The HTTP status; 200 lets through.</summary>
    public string Status { get; init; } = "200 Connection established";

    /// <summary>What clients asked for, as <c>name:host:port</c>, <c>ip:host:port</c> or <c>http:host:port</c>.</summary>
    public List<string> Asked { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_running).WaitAsync(TestTools.Guard);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _running.Add(ServeAsync(await _listener.AcceptSocketAsync(_end.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException) // The last: stopped before it accepted again.
        {
            // Being disposed.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var client = new NetworkStream(socket, ownsSocket: true);
            byte[] first = new byte[1];
            await client.ReadExactlyAsync(first, _end.Token);
            if (!(first[0] == 5 ? await SocksAsync(client) : await HttpAsync(client))) return;
            using var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
            await Task.WhenAny(client.CopyToAsync(server.GetStream(), _end.Token), server.GetStream().CopyToAsync(client, _end.Token));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One of both is gone.
        }
    }

    private async Task<bool> HttpAsync(Stream client)
    {
        string head = "C" + await RawServer.ReadHeadAsync(client);
        Asked.Add("http:" + head.Split(' ')[1]);
        string wanted = Credentials is { } c ? $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{c.User}:{c.Password}"))}" : "";
        string status = head.Contains(wanted, StringComparison.Ordinal) ? Status : "407 Proxy Authentication Required";
        await RawServer.WriteAsync(client, $"HTTP/1.1 {status}\r\nVia: test\r\n\r\n");
        return status.StartsWith('2');
    }

    private async Task<bool> SocksAsync(Stream client)
    {
        byte[] b = new byte[512];
        await client.ReadExactlyAsync(b.AsMemory(0, 1), _end.Token);
        int methods = b[0];
        await client.ReadExactlyAsync(b.AsMemory(0, methods), _end.Token);
        byte method = Credentials is null ? (byte)0 : (byte)2;
        if (!b.AsSpan(0, methods).Contains(method))
        {
            await client.WriteAsync(new byte[] { 5, 0xFF }, _end.Token);
            return false;
        }

        await client.WriteAsync(new byte[] { 5, method }, _end.Token);
        if (Credentials is { } c)
        {
            await client.ReadExactlyAsync(b.AsMemory(0, 2), _end.Token);
            string user = await TextAsync(client, b[1]);
            await client.ReadExactlyAsync(b.AsMemory(0, 1), _end.Token);
            bool right = (user, await TextAsync(client, b[0])) == c;
            await client.WriteAsync(new byte[] { 1, right ? (byte)0 : (byte)1 }, _end.Token);
            if (!right) return false;
        }

        await client.ReadExactlyAsync(b.AsMemory(0, 4), _end.Token);
        string host;
        if (b[3] == 3)
        {
            await client.ReadExactlyAsync(b.AsMemory(0, 1), _end.Token);
            host = "name:" + await TextAsync(client, b[0]);
        }
        else
        {
            byte[] address = new byte[b[3] == 1 ? 4 : 16];
            await client.ReadExactlyAsync(address, _end.Token);
            host = "ip:" + new IPAddress(address);
        }

        await client.ReadExactlyAsync(b.AsMemory(0, 2), _end.Token);
        Asked.Add($"{host}:{(b[0] << 8) | b[1]}");
        // The bound address as a name: its length is what a client may get wrong.
        await client.WriteAsync(new byte[] { 5, Reply, 0, 3, 4, (byte)'h', (byte)'o', (byte)'s', (byte)'t', 0, 1 }, _end.Token);
        return Reply == 0;
    }

    private async Task<string> TextAsync(Stream client, int length)
    {
        byte[] text = new byte[length];
        await client.ReadExactlyAsync(text, _end.Token);
        return Encoding.UTF8.GetString(text);
    }
}
