using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Fastbridge.Tests.EndToEnd;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Health;

/// <summary>What the published executable tells a service manager, which this test plays with a datagram socket.</summary>
public class ServiceManagerTests(Lab lab) : EndToEndTest(lab)
{
    private readonly Channel _channel = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task it_tells_ready_state_reloads_life_and_its_end(bool isAbstract)
    {
        using var kafka = new MockCluster();
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url).Add(Name, "a", kafka.Bootstrap, "t").Write(Folder);
        string name = isAbstract ? $"@fastbridge-test-{Environment.ProcessId}-{Random.Shared.Next():x8}" : Folder.File("notify");
        _channel.Open(name);
        BridgeProcess bridge = Start(file, new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = name, ["WATCHDOG_USEC"] = "20000000" });

        Assert.Contains("\nSTATUS=1 connector: ", await _channel.NextAsync("READY=1\n"), StringComparison.Ordinal);
        await _channel.NextAsync("WATCHDOG=1");
        await _channel.NextAsync("STATUS=1 connector: 1 Running");
        await _channel.NextAsync("WATCHDOG=1");

        long before = Stopwatch.GetTimestamp() / 1000;
        bridge.Process.Signal(UnixSignal.Hangup);
        long told = long.Parse((await _channel.NextAsync("RELOADING=1\nMONOTONIC_USEC=")).Split('=')[^1], CultureInfo.InvariantCulture);
        Assert.InRange(told, before, Stopwatch.GetTimestamp() / 1000);
        Assert.Equal("READY=1", await _channel.NextAsync("READY=1"));

        new BridgeFile(broker.Url).Add(Name, "b", kafka.Bootstrap, "t").Write(Folder);
        await _channel.NextAsync("RELOADING=1");
        await _channel.NextAsync("READY=1");

        await EndAsync(bridge);
        Assert.Contains("\nEXTEND_TIMEOUT_USEC=14000000", await _channel.NextAsync("STOPPING=1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_manager_that_is_not_there_is_said_once_and_stops_nothing()
    {
        using var kafka = new MockCluster();
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url).Add(Name, "a", kafka.Bootstrap, "t").Write(Folder);
        BridgeProcess bridge = Start(file, new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = Folder.File("nobody"), ["WATCHDOG_USEC"] = "20000" });
        await bridge.WaitForSubscriptionAsync(Name);
        await EndAsync(bridge);
        Assert.Single(bridge.Log.Lines, l => l.Contains("the service manager cannot be told", StringComparison.Ordinal));
    }

    [Fact]
    public async Task silence_is_a_warning_and_a_message_ends_it()
    {
        using var kafka = new MockCluster();
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url).Add(Name, "a", kafka.Bootstrap, "t", (c, _) => c["expect_message_within"] = 1).Write(Folder);
        int port = Ports.Free();
        BridgeProcess bridge = Own(BridgeProcess.Start(file, null, "--admin", $"127.0.0.1:{port}"));
        await bridge.WaitForAsync(Name, "no message for");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        JsonNode ready = JsonNode.Parse(await http.GetStringAsync("/health/ready?connectors=all", TestContext.Current.CancellationToken))!;
        Assert.Equal("Warn", (string?)ready["connectors"]![0]!["state"]);
        Assert.Contains("fastbridge_connector_silent{cluster_name=\"default\",connector=\"main\"} 1", await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("live", (string?)JsonNode.Parse(await http.GetStringAsync("/health/live", TestContext.Current.CancellationToken))!["status"]);
        (int code, _, string error) = await BridgeProcess.RunAsync("mqtt", "publish", "--server", broker.Url, "--topic", "a", "--message", "x");
        Assert.True(code == 0, error);
        await bridge.WaitForAsync(Name, "a message came again");
        await EndAsync(bridge);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _channel.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The manager's socket.</summary>
    private sealed class Channel : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        private readonly List<string> _heard = [];

        public void Open(string name) => _socket.Bind(new UnixDomainSocketEndPoint(name[0] == '@' ? '\0' + name[1..] : name));

        /// <summary>The next datagram that begins so.</summary>
        public async Task<string> NextAsync(string start)
        {
            var buffer = new byte[4096];
            using var guard = new CancellationTokenSource(TestTools.Guard);
            try
            {
                while (true)
                {
                    string text = Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer, guard.Token));
                    _heard.Add(text);
                    if (text.StartsWith(start, StringComparison.Ordinal)) return text;
                }
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"no \"{start}\"; heard: {string.Join(" | ", _heard)}");
            }
        }

        public void Dispose() => _socket.Dispose();
    }
}
