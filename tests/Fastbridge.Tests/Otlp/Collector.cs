using System.Net;
using System.Threading.Channels;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Otlp;

/// <summary>A collector that keeps what it is sent, and answers what it is told.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Channel<(string Path, WebHeaderCollection Headers, byte[] Body)> _requests = Channel.CreateUnbounded<(string, WebHeaderCollection, byte[])>();
    private readonly Task _running;
    private volatile int _status = 200;

    public Collector(int port = 0)
    {
        Port = port == 0 ? Ports.Free() : port;
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _running = RunAsync();
    }

    public int Port { get; }

    public string Address => $"http://127.0.0.1:{Port}";

    public int Status { set => _status = value; }

    /// <summary>The next request to a path; others before it are passed over.</summary>
    public async Task<(WebHeaderCollection Headers, ProtoReader Body)> NextAsync(string path)
    {
        using var guard = new CancellationTokenSource(TestTools.Guard);
        while (true)
        {
            (string to, WebHeaderCollection headers, byte[] body) = await _requests.Reader.ReadAsync(guard.Token);
            if (to == path) return (headers, new ProtoReader(body));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _running;
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                context.Response.StatusCode = _status;
                context.Response.Close();
                _requests.Writer.TryWrite((context.Request.Url!.AbsolutePath, (WebHeaderCollection)context.Request.Headers, body.ToArray()));
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // Closed.
        }
    }
}
