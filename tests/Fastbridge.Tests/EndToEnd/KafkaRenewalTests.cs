using System.Text.Json.Nodes;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>Certificate files of the Kafka end that change while messages flow.</summary>
[Collection(HeavyTests.Name)]
public class KafkaRenewalTests(Lab lab) : EndToEndTest(lab)
{
    [Fact]
    public async Task certificates_that_are_replaced_under_load_are_used_and_lose_no_message()
    {
        SecureKafka kafka = Own(await SecureKafka.StartAsync("--tls"));
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "renewal");
        Mosquitto broker = await MosquittoAsync();
        Take("ca", "ca.pem");
        Take("client", "client.pem", "client.key");
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka.MutualTls, topic, (_, config) =>
        {
            config["tls"] = new JsonObject { ["ca_file"] = "ca.pem", ["cert_file"] = "client.pem", ["key_file"] = "client.key" };
            config["properties"] = new JsonObject { ["reconnect.backoff.max.ms"] = "500" };
            config["cleanup_timeout_secs"] = 1;
        }).Write(Folder));
        using var ledger = new Ledger(kafka.Bootstrap, topic);
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = 500 });

        // A certificate that comes before its key: what runs goes on.
        int said = bridge.Log.Count;
        Take("stranger", "client.pem");
        await bridge.WaitForAsync(Name, "Kafka's certificate files have changed, and cannot be used: tls.key_file", said);
        await MoreAsync();

        // Both, and Kafka does not know their authority: so they are used.
        said = bridge.Log.Count;
        Take("stranger", "client.key");
        await bridge.WaitForAsync(Name, "it refuses our client certificate", said);

        // Good ones again.
        said = bridge.Log.Count;
        Take("client", "client.key", "client.pem");
        await bridge.WaitForSubscriptionAsync(Name, said);
        await MoreAsync();

        // And anew, while all is well: drained, nothing comes twice.
        said = bridge.Log.Count;
        await System.IO.File.AppendAllTextAsync(Folder.File("client.pem"), "\nrenewed\n", TestContext.Current.CancellationToken);
        await bridge.WaitForSubscriptionAsync(Name, said);
        await MoreAsync();

        await fleet.StopAsync();
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();
        Note($"{fleet.Acknowledged} messages, {ledger.Count} records");
        ledger.Check([fleet], AnyRepeats);

        void Take(string whose, params ReadOnlySpan<string> files)
        {
            foreach (string file in files) System.IO.File.Copy(kafka.TlsFile(file.Replace("client", whose, StringComparison.Ordinal)), Folder.File(file), overwrite: true);
        }

        // Records from here on.
        async Task MoreAsync()
        {
            await ledger.ReadToEndAsync();
            await ledger.ReadCountAsync(ledger.Count + 1000);
        }
    }
}
