using System.Globalization;

namespace Fastbridge.Tests.Support;

/// <summary>A HiveMQ Community Edition on loopback: the second reading of the specification. Stop and start keep port, data and sessions.</summary>
public sealed class HiveMq : IAsyncDisposable
{
    private readonly string _script = TestTools.RequireHiveMqScript();
    private readonly TempFolder _folder = new("hivemq");
    private int _webSocketPort;

    private HiveMq() => Reaper.AddServer(_folder.Path);

    public int Port { get; private set; }

    public string Url => $"mqtt://127.0.0.1:{Port}";

    /// <summary>By WebSocket; null: it was not asked for.</summary>
    public string? WebSocketUrl => _webSocketPort == 0 ? null : $"ws://127.0.0.1:{_webSocketPort}/mqtt";

    public static Task<HiveMq> StartAsync() => StartAsync(webSocket: false);

    /// <param name="webSocket">It listens for WebSockets as well.</param>
    public static async Task<HiveMq> StartAsync(bool webSocket)
    {
        var broker = new HiveMq();
        try
        {
            for (int attempt = 1; ; attempt++)
            {
                broker.Port = Ports.Free();
                broker._webSocketPort = webSocket ? Ports.Free() : 0;
                try
                {
                    await broker.StartAgainAsync();
                    return broker;
                }
                catch (InvalidOperationException e) when (attempt < 3 && e.Message.Contains("already in use", StringComparison.OrdinalIgnoreCase))
                {
                    // Somebody else took the port between the choice and the start.
                }
            }
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts again on the same port and data; returns when it listens.</summary>
    public Task StartAgainAsync() => RunAsync("start", _folder.Path, Listeners());

    /// <summary>SIGTERM and wait.</summary>
    public Task StopAsync() => EndAsync("stop", _folder.Path);

    /// <summary>kill -9. HiveMQ has what it acknowledged on disk.</summary>
    public Task KillAsync() => EndAsync("stop", _folder.Path, "--kill");

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(_folder.File("server.pid"))) await KillAsync();
        _folder.Dispose();
    }

    /// <summary>The script knows one listener, and writes its port into HiveMQ's XML as it stands; another listener can stand before that.</summary>
    private string Listeners() => _webSocketPort == 0
        ? Port.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"""
            {Port}</port><bind-address>127.0.0.1</bind-address></tcp-listener><websocket-listener><port>{_webSocketPort}</port><bind-address>127.0.0.1</bind-address><path>/mqtt</path><subprotocols><subprotocol>mqtt</subprotocol></subprotocols></websocket-listener><tcp-listener><port>{Ports.Free()}
            """);

    /// <summary>The script kills by the number in server.pid, which may be another process's by the next time.</summary>
    private async Task EndAsync(params string[] arguments)
    {
        await RunAsync(arguments);
        File.Delete(_folder.File("server.pid"));
    }

    private async Task RunAsync(params string[] arguments)
    {
        (int code, _, string error) = await ChildProcess.RunAsync(_script, arguments, guard: 2 * TestTools.Guard);
        if (code != 0) throw new InvalidOperationException($"hivemq {arguments[0]} failed with {code}: {error}");
    }
}
