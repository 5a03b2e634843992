using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.FaultMatrix;

/// <summary>Certificates and passwords that are wrong, and are mended at the server while the bridge runs (row 27).</summary>
[Collection(FaultTests.Name)]
public class SecurityTests(Lab lab) : FaultTest(lab)
{
    [Fact]
    [Fault(27)]
    public async Task an_mqtt_broker_whose_certificate_is_wrong_is_named_and_found_when_it_is_mended()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "tls");
        using var shown = new Certificates();
        using var expired = new Certificates(serverExpired: true);
        using var good = new Certificates();
        // The broker's files, of an authority that the bridge does not know; the others take their places.
        Mosquitto broker = await MosquittoAsync(MosquittoOptions.Keeping with { Tls = shown });
        var file = new BridgeFile(broker.TlsUrl);
        file.Mqtt["reconnect_delay_max"] = 0.5;
        file.Mqtt["tls"] = new JsonObject { ["ca_file"] = Folder.Write("ca.pem", await ReadAsync(expired.CaFile, good.CaFile)) };
        BridgeProcess bridge = Start(file.Add(Name, "fleet/#", kafka, topic).Write(Folder));
        await bridge.WaitForAsync(Name, "comes from no authority");

        await ShowAsync(expired.ServerCertFile, expired.ServerKeyFile, "is valid from");
        await ShowAsync(good.ClientCertFile, good.ClientKeyFile, "not for localhost");
        await ShowAsync(good.ServerCertFile, good.ServerKeyFile, "subscribed");

        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port });
        using var ledger = new Ledger(kafka, topic);
        await CheckAsync(ledger, bridge, repeats: 0, fleet);

        async Task ShowAsync(string certificate, string key, string word)
        {
            int said = bridge.Log.Count;
            await broker.StopAsync();
            System.IO.File.Copy(certificate, shown.ServerCertFile, overwrite: true);
            System.IO.File.Copy(key, shown.ServerKeyFile, overwrite: true);
            await broker.StartAgainAsync();
            await bridge.WaitForAsync(Name, word, said);
        }
    }

    [Fact]
    [Fault(27)]
    public async Task a_kafka_whose_certificate_is_wrong_is_named_and_used_when_it_is_mended()
    {
        SecureKafka kafka = Own(await SecureKafka.StartAsync("--tls"));
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "tls");
        using var expired = new Certificates(serverExpired: true);
        using var good = new Certificates();
        string ca = Folder.Write("ca.pem", await ReadAsync(expired.CaFile, good.CaFile));
        Mosquitto broker = await MosquittoAsync();
        // The cluster tells its clients 127.0.0.1, which every certificate here carries; by its own name it is asked through the proxy.
        TcpProxy proxy = Own(new TcpProxy(kafka.TlsPort));
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(broker.Url).Add(Name, "fleet/#", $"localhost:{proxy.Port}", topic, (_, config) =>
        {
            config["tls"] = new JsonObject { ["ca_file"] = ca };
            config["properties"] = new JsonObject { ["reconnect.backoff.max.ms"] = "500" };
        }).Write(Folder));
        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port });
        // Its own certificate is of an authority that the bridge does not know.
        await bridge.WaitForAsync(Name, "comes from no authority");

        await ShowAsync(expired.ServerKeyFile, expired.ServerCertFile, "has expired");
        await ShowAsync(good.ClientKeyFile, good.ClientCertFile, "not for localhost");
        await ShowAsync(good.ServerKeyFile, good.ServerCertFile, "works again");

        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await CheckAsync(ledger, bridge, repeats: 0, fleet);

        async Task ShowAsync(string key, string certificate, string word)
        {
            int said = bridge.Log.Count;
            await kafka.Server.StopAsync();
            await System.IO.File.WriteAllTextAsync(kafka.KeyStore, await ReadAsync(key, certificate), Cancelled);
            await kafka.Server.StartAgainAsync();
            await bridge.WaitForAsync(Name, word, said);
        }
    }

    [Theory]
    [Fault(27)]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public async Task a_password_that_kafka_refuses_is_named_without_being_shown_and_works_when_kafka_has_it(string mechanism)
    {
        const string Password = "not-yet-known-to-kafka";
        SecureKafka kafka = Own(await SecureKafka.StartAsync("--sasl"));
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "sasl");
        Mosquitto broker = await MosquittoAsync();
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka.Sasl, topic, (_, config) => config["properties"] = new JsonObject
        {
            ["security.protocol"] = "SASL_PLAINTEXT",
            ["sasl.mechanism"] = mechanism,
            ["sasl.username"] = "alice",
            ["sasl.password"] = Password,
            ["reconnect.backoff.max.ms"] = "500",
        }).Write(Folder));
        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port });
        await bridge.WaitForAsync(Name, "authentication failed");
        await AssertDoesNotSpinAsync(bridge);

        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.Bootstrap }).SetLogHandler((_, _) => { }).Build();
        await admin.AlterUserScramCredentialsAsync([
            new UserScramCredentialUpsertion
            {
                User = "alice",
                ScramCredentialInfo = new ScramCredentialInfo { Mechanism = mechanism == "SCRAM-SHA-256" ? ScramMechanism.ScramSha256 : ScramMechanism.ScramSha512, Iterations = 4096 },
                Password = System.Text.Encoding.UTF8.GetBytes(Password),
            },
        ]);
        await bridge.WaitForAsync(Name, "works again");

        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await CheckAsync(ledger, bridge, repeats: 0, fleet);
        Assert.DoesNotContain(Password, bridge.Log.Text, StringComparison.Ordinal);
    }

    private static async Task<string> ReadAsync(params string[] files)
    {
        var text = new System.Text.StringBuilder();
        foreach (string file in files) text.AppendLine(await System.IO.File.ReadAllTextAsync(file, Cancelled));
        return text.ToString();
    }
}
