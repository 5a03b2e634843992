using System.Text.Json.Nodes;
using Fastbridge.Tests.FaultMatrix;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>The published executable on the ways that operators have: WebSocket and TLS with certificates that are renewed, a list of servers, a proxy, the system's authorities.</summary>
[Collection(HeavyTests.Name)]
public class ConnectivityTests(Lab lab) : FaultTest(lab)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task certificates_that_are_replaced_under_load_count_within_seconds_and_lose_nothing(bool webSocket)
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "renewal");
        using var certificates = new Certificates();
        int port = Ports.Free();
        Mosquitto broker = await MosquittoAsync(MosquittoOptions.Keeping with
        {
            Extra = $"listener {port} 127.0.0.1{(webSocket ? "\nprotocol websockets" : "")}\ncafile {certificates.CaFile}\ncertfile {certificates.ServerCertFile}\nkeyfile {certificates.ServerKeyFile}\nrequire_certificate true",
        });
        var file = new BridgeFile($"{(webSocket ? "wss" : "mqtts")}://localhost:{port}");
        file.Mqtt["tls"] = new JsonObject { ["ca_file"] = certificates.CaFile, ["cert_file"] = certificates.ClientCertFile, ["key_file"] = certificates.ClientKeyFile };
        BridgeProcess bridge = await StartSubscribedAsync(file.Add(Name, "fleet/#", kafka, topic).Write(Folder));
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 4000, Rate = 1000 });
        for (int renewal = 1; renewal <= 3; renewal++)
        {
            await fleet.WaitForAsync(renewal * 3000);
            int said = bridge.Log.Count;
            certificates.RenewClient();
            await bridge.WaitForAsync(Name, "anew, as a file of mqtt.tls has changed; its session stays", said);
            await bridge.WaitForAsync(Name, "session resumed", said);
        }

        await fleet.CompleteAsync();
        using var ledger = new Ledger(kafka, topic);
        await CheckAsync(ledger, bridge, AnyRepeats, fleet);
        Assert.DoesNotContain(bridge.Log.Lines, l => l.Contains(" lost ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task hivemqs_websocket_carries_the_same_as_its_tcp_also_over_a_restart()
    {
        HiveMq broker = Own(await HiveMq.StartAsync(webSocket: true));
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "hivemq-ws");
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(broker.WebSocketUrl!, qos: 2).Add(Name, "fleet/#", kafka, topic).Write(Folder));
        Fleet first = await SendAsync(new FleetOptions { Port = broker.Port, Qos = 2, Messages = 500 });
        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadAllAsync([first]);
        int said = bridge.Log.Count;
        await broker.StopAsync();
        await broker.StartAgainAsync();
        await bridge.WaitForAsync(Name, "session resumed", said);
        Fleet second = await SendAsync(new FleetOptions { Port = broker.Port, Qos = 2, Messages = 500, FirstPublisher = 10, Size = 2000 });
        await CheckAsync(ledger, bridge, AnyRepeats, first, second);
    }

    [Fact]
    public async Task a_list_of_servers_behind_a_proxy_is_tried_in_turn()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "servers");
        Mosquitto broker = await MosquittoAsync();
        await using var proxy = new ProxyServer(broker.Port) { Credentials = ("gateway", "hunter2") };
        var file = new BridgeFile("unused");
        // The proxy leads to the broker whatever is asked for; the first server's scheme makes it fail there.
        file.Mqtt["server"] = new JsonArray("ws://first.example:1", $"mqtt://localhost:{broker.Port}");
        file.Mqtt["connect_timeout"] = 10;
        file.Mqtt["proxy"] = $"socks5h://gateway:${{file:password}}@127.0.0.1:{proxy.Port}";
        Folder.Write("password", "hunter2\n");
        BridgeProcess bridge = Start(file.Add(Name, "fleet/#", kafka, topic).Write(Folder));
        await bridge.WaitForAsync(Name, "ws://first.example:1/mqtt: WebSocket: ");
        await bridge.WaitForAsync(Name, $"connected to mqtt://localhost:{broker.Port}");
        await bridge.WaitForAsync(Name, "subscribed");
        Assert.Contains("name:first.example:1", proxy.Asked);
        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port });
        using var ledger = new Ledger(kafka, topic);
        await CheckAsync(ledger, bridge, repeats: 0, fleet);
        Assert.DoesNotContain("hunter2", bridge.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task the_systems_authorities_are_found_by_the_linked_openssl()
    {
        using var certificates = new Certificates();
        Mosquitto broker = await MosquittoAsync(new MosquittoOptions { Tls = certificates });
        string[] publish = ["mqtt", "publish", "--server", broker.TlsUrl, "--topic", "t", "--message", "x", "--qos", "1"];
        (int code, string output, string error) = await ChildProcess.RunAsync(
            TestTools.RequireExecutable(), publish, new Dictionary<string, string?> { ["SSL_CERT_FILE"] = certificates.CaFile });
        Assert.True(code == 0, output + error);
        (code, _, error) = await ChildProcess.RunAsync(TestTools.RequireExecutable(), publish, new Dictionary<string, string?> { ["SSL_CERT_FILE"] = null, ["SSL_CERT_DIR"] = null });
        Assert.Equal(1, code);
        Assert.Contains("comes from no authority that this system trusts", error, StringComparison.Ordinal);
        Assert.Contains("--ca-file", error, StringComparison.Ordinal);
    }
}
