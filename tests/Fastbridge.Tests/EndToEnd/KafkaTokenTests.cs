using System.Text.Json.Nodes;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>The published executable at a Kafka that wants tokens, with a token server in the test's process.</summary>
public class KafkaTokenTests(Lab lab) : EndToEndTest(lab)
{
    private const string Secret = "client-s3cr3t-4715";

    [Fact]
    public async Task messages_dead_letters_and_check_go_by_tokens_and_none_is_in_any_line()
    {
        using var certificates = new Certificates();
        await using var server = new TokenServer(certificates);
        int refusals = 2;
        server.Answer = n => n < refusals ? (401, $"{{\"error\": \"invalid_client\", \"error_description\": \"no such secret: {Secret}\"}}") : (200, TokenServer.Token());
        SecureKafka kafka = Own(await SecureKafka.StartAsync("--sasl"));
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "token"), letters = await KafkaTopics.CreateAsync(kafka.Bootstrap, "letters");
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka.Sasl, topic, (connector, config) =>
        {
            connector["failure_strategy"] = new JsonObject { ["strategy"] = "dead_message_queue", ["topic_name"] = letters };
            config["sasl"] = new JsonObject
            {
                ["mechanism"] = "OAUTHBEARER",
                ["token_url"] = server.Url,
                ["client_id"] = "gateway",
                ["client_secret"] = Secret,
                ["ca_file"] = certificates.CaFile,
            };
        }).Write(Folder);
        BridgeProcess bridge = Own(BridgeProcess.Start(file, null, "--log-level", "debug"));
        await bridge.WaitForSubscriptionAsync(Name);
        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port });
        await bridge.WaitForAsync(Name, $"authentication failed: token server localhost:{server.Port}: HTTP 401 invalid_client (no such secret: ***); check sasl.client_id");
        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await ledger.ReadAllAsync([fleet]);

        (int checkedCode, string findings, string checkError) = await BridgeProcess.RunAsync("check", "--config", file);
        Assert.True(checkedCode == 0, findings + checkError);
        (int listedCode, string listed, string listError) = await BridgeProcess.RunAsync("dlq", "list", "--config", file);
        Assert.True(listedCode == 0, listed + listError);
        refusals = int.MaxValue;
        (int refusedCode, _, string refused) = await BridgeProcess.RunAsync("dlq", "list", "--config", file);
        Assert.Equal(1, refusedCode);
        Assert.Contains($"token server localhost:{server.Port}: HTTP 401 invalid_client", refused, StringComparison.Ordinal);

        await EndAsync(bridge);
        await ledger.ReadToEndAsync();
        ledger.Check([fleet]);
        foreach (string line in (IEnumerable<string>)[.. bridge.Log.Lines, .. bridge.Process.Output.Lines, findings, checkError, listed, listError, refused])
        {
            Assert.DoesNotContain(Secret, line, StringComparison.Ordinal);
            Assert.DoesNotContain("eyJhbGciOiJub25lIn0", line, StringComparison.Ordinal);
        }
    }
}
