using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>The published executable's log: its formats, and what never stands in it.</summary>
public class LogTests(Lab lab) : EndToEndTest(lab)
{
    private const string MqttPassword = "mqtt-s3cr3t-4711";
    private const string SaslPassword = "sasl-s3cr3t-4712";
    private const string AdminToken = "token-s3cr3t-4713-abc";
    private const string Payload = "payload-s3cr3t-4714";

    [Fact]
    public async Task json_is_an_object_a_line()
    {
        using var kafka = new MockCluster();
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url).Add(Name, "a", kafka.Bootstrap, "t").Write(Folder);
        BridgeProcess bridge = Own(BridgeProcess.Start(file, null, "--log-format", "json", "--log-level", "info,mqtt=debug"));
        await bridge.Log.WaitForAsync(["\"event\":\"Subscribed\""]);
        await EndAsync(bridge);
        JsonElement[] lines = [.. bridge.Log.Lines.Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.Contains(lines, l => l.GetProperty("event").GetString() == "Connected" && l.GetProperty("connector").GetString() == Name && l.GetProperty("id").GetInt32() == 2000);
        Assert.Contains(lines, l => l.GetProperty("part").GetString() == "mqtt" && l.GetProperty("level").GetString() == "debug");
        Assert.DoesNotContain(lines, l => l.GetProperty("part").GetString() != "mqtt" && l.GetProperty("level").GetString() == "debug");
    }

    [Fact]
    public async Task the_journal_gets_priorities_and_no_times()
    {
        using var kafka = new MockCluster();
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url).Add(Name, "a", kafka.Bootstrap, "t").Write(Folder);
        using var journal = new TcpListener(IPAddress.Loopback, 0);
        journal.Start();
        int port = ((IPEndPoint)journal.LocalEndpoint).Port;
        string line = $"exec 2>/dev/tcp/127.0.0.1/{port}; JOURNAL_STREAM=\"8:$(readlink /proc/self/fd/2 | tr -dc 0-9)\" exec \"$FB\" run --no-admin --config \"$FILE\"";
        await using ChildProcess bridge = ChildProcess.Start("/bin/bash", ["-c", line], new Dictionary<string, string?> { ["FB"] = TestTools.RequireExecutable(), ["FILE"] = file });
        using var guard = new CancellationTokenSource(TestTools.Guard);
        using TcpClient stream = await journal.AcceptTcpClientAsync(guard.Token);
        using var reader = new StreamReader(stream.GetStream());
        Assert.StartsWith("<6>fastbridge ", await reader.ReadLineAsync(guard.Token), StringComparison.Ordinal);
        while (await reader.ReadLineAsync(guard.Token) is { } said && !said.Contains("subscribed", StringComparison.Ordinal))
            Assert.Matches("^<[3-6]>[a-z]", said);
        bridge.Signal(UnixSignal.Terminate);
        Assert.Equal(0, await bridge.WaitForExitAsync());
    }

    [Fact]
    public async Task no_secret_and_no_payload_is_in_any_line_at_debug()
    {
        using var kafka = new MockCluster();
        string passwords = Folder.Write("passwords", $"gateway:{MqttPassword}\n");
        (int made, _, string trouble) = await ChildProcess.RunAsync("mosquitto_passwd", ["-U", passwords]);
        Assert.True(made == 0, trouble);
        Mosquitto broker = await MosquittoAsync(new MosquittoOptions { Extra = $"allow_anonymous false\npassword_file {passwords}" });
        var file = new BridgeFile(broker.Url);
        file.Mqtt["username"] = "gateway";
        file.Mqtt["password"] = MqttPassword;
        file.Add(Name, "a", kafka.Bootstrap, "t")
            .Add("refused", "a", kafka.Bootstrap, "t", (c, _) => c["mqtt"] = new System.Text.Json.Nodes.JsonObject { ["password"] = MqttPassword + "-wrong", ["client_id"] = "refused-" + Environment.ProcessId })
            .Add("sasl", "a", $"127.0.0.1:{Ports.Free()}", "t", (_, k) => k["properties"] = new System.Text.Json.Nodes.JsonObject
            {
                ["security.protocol"] = "SASL_PLAINTEXT",
                ["sasl.mechanism"] = "PLAIN",
                ["sasl.username"] = "u",
                ["sasl.password"] = SaslPassword,
                ["debug"] = "all",
            });
        int port = Ports.Free();
        var environment = new Dictionary<string, string?> { ["FASTBRIDGE_ADMIN_TOKEN"] = AdminToken };
        BridgeProcess bridge = Own(BridgeProcess.Start(file.Write(Folder), environment, "--admin", $"127.0.0.1:{port}", "--log-level", "debug"));
        await bridge.WaitForSubscriptionAsync(Name);
        await bridge.WaitForAsync("refused", "cannot connect");
        await bridge.WaitForAsync("sasl", "Kafka:");
        (int code, _, string error) = await BridgeProcess.RunAsync("mqtt", "publish", "--server", broker.Url, "--username", "gateway", "--password", MqttPassword, "--topic", "a", "--message", Payload);
        Assert.True(code == 0, error);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await http.GetAsync("/metrics", TestContext.Current.CancellationToken);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminToken);
        using var guard = new CancellationTokenSource(TestTools.Guard);
        string metrics;
        do
            metrics = await http.GetStringAsync("/metrics", guard.Token);
        while (!metrics.Contains("fastbridge_delivered_records_total{cluster_name=\"default\",connector=\"main\"} 1", StringComparison.Ordinal));
        bridge.Process.Signal(UnixSignal.Terminate);
        await bridge.Process.WaitForExitAsync();
        Assert.Contains(bridge.Log.Lines, l => l.Contains(" debug ", StringComparison.Ordinal) && l.Contains("CONNECT sent", StringComparison.Ordinal));
        foreach (string line in (IEnumerable<string>)[.. bridge.Log.Lines, .. bridge.Process.Output.Lines, .. metrics.Split('\n'), .. error.Split('\n')])
        {
            foreach (string secret in (string[])[MqttPassword, SaslPassword, AdminToken, Payload, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Payload))])
                Assert.DoesNotContain(secret, line, StringComparison.Ordinal);
        }
    }
}
