using System.Security.Cryptography;
using Confluent.Kafka;
using Fastbridge.Core.Checking;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Checking;
using Fastbridge.Kafka.Reading;
using Fastbridge.Mqtt;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Kafka.Security;

/// <summary>A real Kafka with every listener that it has.</summary>
public sealed class ListenersOfKafka : IAsyncLifetime
{
    public SecureKafka Kafka { get; private set; } = null!;

    public string Topic { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Kafka = await SecureKafka.StartAsync("--tls", "--sasl");
        Topic = await KafkaTopics.CreateAsync(Kafka.Bootstrap, "listeners");
        using RSA key = RSA.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(Kafka.TlsFile("client.key")));
        await File.WriteAllTextAsync(Kafka.TlsFile("client.encrypted"), key.ExportEncryptedPkcs8PrivateKeyPem("key-s3cret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000)));
        await File.WriteAllTextAsync(Kafka.TlsFile("client.both"), await File.ReadAllTextAsync(Kafka.TlsFile("client.pem")) + await File.ReadAllTextAsync(Kafka.TlsFile("client.key")));
    }

    public ValueTask DisposeAsync() => Kafka is null ? ValueTask.CompletedTask : Kafka.DisposeAsync();
}

/// <summary>Right and wrong credentials at each listener: a record arrives, or one line says which broker, which check, what to do; live and in <c>check</c>.</summary>
public class ListenerTests(ListenersOfKafka listeners) : IClassFixture<ListenersOfKafka>
{
    private const string ByAuthority = "\"ca_file\": \"TLS/ca.pem\"";
    private const string Alice = "\"username\": \"alice\", \"password\": \"alice-secret\"";

    [Theory]
    [InlineData("TLS", "\"tls\": {" + ByAuthority + "}")]
    [InlineData("TLS", "\"tls\": {\"insecure\": true}")]
    [InlineData("TLS-NUMBER", "\"tls\": {" + ByAuthority + ", \"verify_hostname\": false}")]
    [InlineData("MTLS", "\"tls\": {" + ByAuthority + ", \"cert_file\": \"TLS/client.pem\", \"key_file\": \"TLS/client.key\"}")]
    [InlineData("MTLS", "\"tls\": {" + ByAuthority + ", \"cert_file\": \"TLS/client.pem\", \"key_file\": \"TLS/client.encrypted\", \"key_password\": \"key-s3cret\"}")]
    [InlineData("MTLS", "\"tls\": {" + ByAuthority + ", \"cert_file\": \"TLS/client.both\"}")]
    [InlineData("SASL", "\"sasl\": {\"mechanism\": \"PLAIN\", " + Alice + "}")]
    [InlineData("SASL", "\"sasl\": {\"mechanism\": \"SCRAM-SHA-256\", " + Alice + "}")]
    [InlineData("SASL", "\"sasl\": {\"mechanism\": \"SCRAM-SHA-512\", " + Alice + "}")]
    [InlineData("SASLTLS", "\"tls\": {" + ByAuthority + "}, \"sasl\": {\"mechanism\": \"PLAIN\", " + Alice + "}")]
    [InlineData("SASLTLS", "\"tls\": {" + ByAuthority + "}, \"sasl\": {\"mechanism\": \"SCRAM-SHA-512\", " + Alice + "}")]
    public async Task a_record_arrives(string listener, string security)
    {
        KafkaConfig config = Config(listener, security);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listening = new RecordingListener();
        await using IRecordSink sink = factory.Open(config, listening);
        Assert.Equal(ProduceStatus.Queued, sink.Produce(sink.GetTopic(listeners.Topic), 1, "value", "k"));
        await listening.Until(l => l.Delivered.SequenceEqual([1]));
        Assert.DoesNotContain(listening.States, s => s is not null);
        Assert.All(await CheckAsync(config), f => Assert.True(f.Level == FindingLevel.Ok, $"{f.What}: {f.Text}"));
    }

    [Theory]
    [InlineData("TLS", "\"tls\": {\"ca_file\": \"TLS/unknown-ca.pem\"}", "TLS failed at localhost:PORT: its certificate (issued by CN=ca) comes from no authority that is trusted here; name its authority's file in tls.ca_file (ssl.ca.location), which is ")]
    [InlineData("TLS-NUMBER", "\"tls\": {" + ByAuthority + "}", "TLS failed at 127.1:PORT: its certificate is for localhost, 127.0.0.1, not for 127.1; name the broker in ")]
    [InlineData("MTLS", "\"tls\": {" + ByAuthority + "}", "TLS failed at localhost:PORT: it asks for a client certificate; set tls.cert_file and tls.key_file")]
    [InlineData("MTLS", "\"tls\": {" + ByAuthority + ", \"cert_file\": \"TLS/stranger.pem\", \"key_file\": \"TLS/stranger.key\"}", "TLS failed at localhost:PORT: it refuses our client certificate; check tls.cert_file")]
    [InlineData("PLAIN", "\"tls\": {}", "no Kafka broker can be reached: 127.0.0.1:PORT ended the connection in the TLS handshake; does that port speak TLS, ")]
    [InlineData("TLS", "\"acks\": \"all\"", "no Kafka broker can be reached: localhost:PORT ended the connection at the first request; does that port want TLS? Then add tls")]
    [InlineData("SASL", "\"acks\": \"all\"", "no Kafka broker can be reached: 127.0.0.1:PORT ended the connection at the first request; does that port want a login? Then add sasl")]
    [InlineData("PLAIN", "\"sasl\": {\"mechanism\": \"PLAIN\", " + Alice + "}", "authentication failed at 127.0.0.1:PORT: that port asks for no login; name the port of its SASL listener")]
    [InlineData("SASL", "\"sasl\": {\"mechanism\": \"PLAIN\", \"username\": \"alice\", \"password\": \"wrong-s3cret\"}", "authentication failed at 127.0.0.1:PORT: Authentication failed: Invalid username or password; check sasl.mechanism, sasl.username and sasl.password")]
    [InlineData("SASL", "\"sasl\": {\"mechanism\": \"SCRAM-SHA-256\", \"username\": \"alice\", \"password\": \"wrong-s3cret\"}", "authentication failed at 127.0.0.1:PORT: Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256; check sasl.mechanism, ")]
    [InlineData("SASL", "\"sasl\": {\"mechanism\": \"SCRAM-SHA-512\", \"username\": \"nobody\", \"password\": \"wrong-s3cret\"}", "authentication failed at 127.0.0.1:PORT: Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512; check ")]
    [InlineData("SASLTLS", "\"tls\": {" + ByAuthority + "}, \"sasl\": {\"mechanism\": \"SCRAM-SHA-256\", " + Alice + "}", "authentication failed at localhost:PORT: it does not know SCRAM-SHA-256, but ")]
    public async Task one_line_says_what_is_wrong(string listener, string security, string line)
    {
        KafkaConfig config = Config(listener, security);
        string expected = line.Replace("PORT", config.BootstrapServers.Split(':')[^1], StringComparison.Ordinal);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listening = new RecordingListener();
        await using IRecordSink sink = factory.Open(config, listening);
        await listening.Until(l => l.States.Any(s => s?.StartsWith(expected, StringComparison.Ordinal) == true));
        Assert.All(listening.States, s => Assert.False(s is null || s.Contains("s3cret", StringComparison.Ordinal) || s.Contains('\n', StringComparison.Ordinal), s));

        Finding found = Assert.Single(await CheckAsync(config));
        Assert.Equal(("connect", FindingLevel.Fail), (found.What, found.Level));
        string said = $"{found.Text}; {found.Remedy}";
        Assert.True(said.Contains(expected.Replace("no Kafka broker can be reached: ", "", StringComparison.Ordinal), StringComparison.Ordinal), said);
    }

    [Theory]
    [InlineData("SASL", "\"sasl\": {\"mechanism\": \"PLAIN\", \"username\": \"alice\", \"password\": \"wrong-s3cret\"}", "authentication failed at ")]
    [InlineData("TLS", "\"tls\": {\"ca_file\": \"TLS/unknown-ca.pem\"}", "its certificate is not trusted here; fastbridge check says why")]
    public void a_reader_of_dead_letters_says_it_too(string listener, string security, string words)
    {
        KafkaConfig config = Config(listener, security);
        using var backlog = new KafkaBacklog(config.BootstrapServers, listeners.Topic, "g", config.Properties, TimeSpan.FromSeconds(2));
        var e = Assert.Throws<KafkaException>(() => backlog.Read(all: true, TestContext.Current.CancellationToken));
        Assert.Contains(words, e.Error.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", e.Error.Reason, StringComparison.Ordinal);
    }

    private async Task<Finding[]> CheckAsync(KafkaConfig config)
    {
        var connector = new ConnectorConfig { Name = "c", Mqtt = new MqttClientOptions(), Kafka = config with { BatchSize = 1_000_000, Topic = listeners.Topic } };
        return [.. await KafkaProbe.RunAsync([connector], TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken).WaitAsync(TestTools.Guard, TestContext.Current.CancellationToken)];
    }

    /// <summary>As a file would say it.</summary>
    private KafkaConfig Config(string listener, string security)
    {
        string at = listener switch
        {
            "TLS" => $"localhost:{listeners.Kafka.TlsPort}",
            "TLS-NUMBER" => $"127.1:{listeners.Kafka.TlsPort}",
            "MTLS" => listeners.Kafka.MutualTls,
            "SASL" => listeners.Kafka.Sasl,
            "SASLTLS" => listeners.Kafka.SaslTls,
            _ => listeners.Kafka.Bootstrap,
        };
        return Core.Config.Files.Connector(Core.Config.Files.One(kafka: $"\"bootstrap_servers\": \"{at}\", {security.Replace("TLS/", listeners.Kafka.TlsFile("x")[..^1], StringComparison.Ordinal)}, \"properties\": {{\"reconnect.backoff.max.ms\": 500}}")).Kafka;
    }
}
