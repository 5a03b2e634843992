using System.Net;
using System.Text.Json.Nodes;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>What waited for a socket goes on upon the thread that hears of all of them: one connection must not keep it.</summary>
public class BusyThreadTests(Lab lab) : EndToEndTest(lab)
{
    [Fact]
    public async Task a_connection_that_never_runs_dry_leaves_the_other_sockets_of_its_thread_their_turn()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "busy");
        await using var flood = new ScriptedBroker();
        await using var calm = new ScriptedBroker();
        int port = Ports.Free();
        var file = new BridgeFile($"mqtt://127.0.0.1:{flood.Port}");
        // Left out before the window: nothing but the socket holds the flood back.
        file.Add(Name, "fleet/#", kafka, topic, (connector, _) => connector["skip_retained"] = true);
        file.Add("calm", "fleet/#", kafka, topic, (connector, _) => connector["mqtt"] = new JsonObject { ["server"] = $"mqtt://127.0.0.1:{calm.Port}" });
        var oneThread = new Dictionary<string, string?> { ["DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT"] = "1" };
        BridgeProcess bridge = Own(BridgeProcess.Start(file.Write(Folder), oneThread, "--admin", $"127.0.0.1:{port}"));
        ScriptedLink flooding = await flood.AcceptAsync();
        await flooding.GrantAsync();
        ScriptedLink calmly = await calm.AcceptAsync();
        await calmly.GrantAsync();
        await bridge.WaitForSubscriptionAsync("calm");
        using var over = new CancellationTokenSource();
        Task sending = FloodAsync(flooding, over.Token);

        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TestTools.Guard };
        for (ushort id = 1; id <= 10; id++)
        {
            await calmly.SendAsync(ServerPackets.Publish(MqttVersion.V5, "fleet/0/0", "x"u8.ToArray(), 1, id));
            await calmly.ReadAsync(PacketType.PubAck);
            using HttpResponseMessage answer = await client.GetAsync(new Uri("/health/live", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await over.CancelAsync();
        await sending;
        await EndAsync(bridge);
    }

    private static async Task FloodAsync(ScriptedLink link, CancellationToken over)
    {
        byte[] packet = ServerPackets.Publish(MqttVersion.V5, "fleet/0/0", [], retain: true);
        byte[] many = [.. Enumerable.Repeat(packet, 50_000).SelectMany(p => p)];
        while (!over.IsCancellationRequested) await link.SendAsync(many);
    }
}
