using System.Text;
using Confluent.Kafka;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Checking;
using Fastbridge.Kafka.Producing;
using Fastbridge.Kafka.Reading;
using Fastbridge.Kafka.Security;
using Fastbridge.Mqtt;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Kafka.Security;

/// <summary>OAUTHBEARER against a real Kafka and a token server in the test's process.</summary>
public class TokenTests(ListenersOfKafka listeners) : IClassFixture<ListenersOfKafka>
{
    private const string Secret = "a s3cret+";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_token_is_fetched_as_the_file_says_and_records_arrive_and_are_read(bool tls)
    {
        using var certificates = new Certificates();
        await using var server = new TokenServer(tls ? certificates : null);
        KafkaConfig config = Config(server, $"\"scope\": \"a b\", \"audience\": \"kafka/1\", \"extensions\": {{\"traceId\": \"x y\"}}{(tls ? $", \"ca_file\": \"{certificates.CaFile}\"" : "")}");
        string topic = await KafkaTopics.CreateAsync(listeners.Kafka.Bootstrap, "token");
        await DeliverAsync(config, topic);
        (string head, string body) = server.Requests[0];
        Assert.StartsWith("POST /token HTTP/1.1\r\n", head, StringComparison.Ordinal);
        Assert.Contains($"\r\nAuthorization: Basic {Convert.ToBase64String("c%20l:a%20s3cret%2B"u8)}\r\n", head, StringComparison.Ordinal);
        Assert.Equal("grant_type=client_credentials&scope=a%20b&audience=kafka%2F1", body);

        await foreach (KafkaRecord record in KafkaReader.ReadAsync(config.BootstrapServers, topic, 1, config.Properties, TestContext.Current.CancellationToken).WithCancellation(TestContext.Current.CancellationToken))
            Assert.Equal("value", Encoding.UTF8.GetString(record.Value!));
        using var backlog = new KafkaBacklog(config.BootstrapServers, topic, "tokens", config.Properties, TestTools.Guard);
        Assert.Single(backlog.Read(all: false, TestContext.Current.CancellationToken));
        Assert.All(await CheckAsync(config, topic), f => Assert.True(f.Level == Fastbridge.Core.Checking.FindingLevel.Ok, $"{f.What}: {f.Text}"));
    }

    [Fact]
    public async Task a_short_lived_token_is_renewed_before_it_ends()
    {
        await using var server = new TokenServer { Answer = _ => (200, TokenServer.Token(lifeSeconds: 2)) };
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using IRecordSink sink = factory.Open(Config(server), new RecordingListener());
        await server.UntilAsync(3);
    }

    [Theory]
    [InlineData(401, "{\"error\": \"invalid_client\", \"error_description\": \"not c l with a s3cret+\"}", "HTTP 401 invalid_client (not c l with ***); check sasl.client_id and sasl.client_secret")]
    [InlineData(302, "", "HTTP 302; write the address")]
    [InlineData(200, "{\"access_token\": \"\u00e4\"}", "the token cannot be used: it holds characters that SASL does not carry")]
    public async Task a_token_server_that_refuses_is_named_and_asked_again(int status, string body, string line)
    {
        bool good = false;
        await using var server = new TokenServer();
        server.Answer = _ => Volatile.Read(ref good) ? (200, TokenServer.Token()) : (status, body);
        KafkaConfig config = Config(server);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new RecordingListener();
        await using IRecordSink sink = factory.Open(config, listener);
        string expected = $"authentication failed: token server localhost:{server.Port}: {line}";
        await listener.Until(l => l.States.Length > 0);
        Assert.StartsWith(expected, Assert.Single(listener.States), StringComparison.Ordinal);
        Assert.Contains(await CheckAsync(config, listeners.Topic), f => $"{f.Text}; {f.Remedy}".StartsWith(expected, StringComparison.Ordinal));
        KafkaException refused = Assert.Throws<KafkaException>(() => new KafkaBacklog(config.BootstrapServers, listeners.Topic, "g", config.Properties, TestTools.Guard));
        if (status != 200)
            Assert.StartsWith(expected["authentication failed: ".Length..], refused.Error.Reason, StringComparison.Ordinal);

        Volatile.Write(ref good, true);
        Assert.Equal(ProduceStatus.Queued, sink.Produce(sink.GetTopic(listeners.Topic), 1, "value", "k"));
        await listener.Until(l => l.Delivered.Length == 1 && l.States[^1] is null);
    }

    [Fact]
    public async Task a_token_that_kafka_refuses_is_no_matter_of_the_token_server()
    {
        await using var server = new TokenServer { Answer = _ => (200, "{\"access_token\": \"no-token-of-its\"}") };
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new RecordingListener();
        await using IRecordSink sink = factory.Open(Config(server), listener);
        await listener.Until(l => l.States.Any(s => s?.StartsWith($"authentication failed at {listeners.Kafka.Sasl}: it refuses the token: ", StringComparison.Ordinal) == true));
        Assert.DoesNotContain(listener.States, s => s?.Contains("no-token-of-its", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("good", "other", "localhost", "its certificate (issued by CN=fastbridge test authority) comes from no authority that is trusted here; name its authority's file in sasl.ca_file, which is ")]
    [InlineData("expired", "expired", "localhost", "its certificate has expired: it is valid from ")]
    [InlineData("early", "early", "localhost", "its certificate is not valid yet: it is valid from ")]
    [InlineData("good", "good", "127.0.0.2", "its certificate is for localhost, 127.0.0.1, not for 127.0.0.2; write sasl.token_url with a name that it carries")]
    [InlineData("good", "no PEM", "localhost", "; check sasl.ca_file")]
    [InlineData("no TLS", "good", "localhost", "TLS failed: ")]
    [InlineData("away", "good", "localhost", "Connection refused; check sasl.token_url, and that the token server runs")]
    public async Task what_is_wrong_on_the_way_to_the_token_server_is_told_apart(string shown, string trusted, string host, string words)
    {
        using Certificates good = new(), other = new(), expired = new(serverExpired: true), early = new(serverNotYet: true);
        using var folder = new TempFolder("token");
        Certificates Of(string name) => name switch { "other" => other, "expired" => expired, "early" => early, _ => good };
        await using var server = new TokenServer(shown == "no TLS" ? null : Of(shown), host == "localhost" ? "127.0.0.1" : host);
        if (shown == "away")
            await server.DisposeAsync();
        string ca = trusted == "no PEM" ? folder.Write("ca.pem", "half") : Of(trusted).CaFile;
        var settings = new TokenSettings(new Uri($"https://{host}:{server.Port}/token"), "c", Secret, null, null, [], ca);
        var e = await Assert.ThrowsAsync<TokenException>(() => TokenRequest.RunAsync(settings, TestContext.Current.CancellationToken)).Guarded();
        Assert.StartsWith($"token server {host}:{server.Port}: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task while_the_token_lives_a_failed_renewal_is_a_warning_and_no_fault()
    {
        await using var server = new TokenServer { Answer = n => n == 0 ? (200, TokenServer.Token()) : (503, "") };
        NativeProducer native = NativeProducer.Create(ProducerSettings.From(Config(server)));
        try
        {
            var warned = new TaskCompletionSource<string>();
            native.FetchToken(null);
            await server.UntilAsync(1);
            // Asked while the first is being taken over, it does nothing.
            using var guard = new CancellationTokenSource(TestTools.Guard);
            while (!warned.Task.IsCompleted)
            {
                native.FetchToken(warned.SetResult);
                await Task.WhenAny(warned.Task, Task.Delay(50, guard.Token));
                guard.Token.ThrowIfCancellationRequested();
            }

            Assert.Equal($"token server localhost:{server.Port}: HTTP 503; it is asked again", await warned.Task);
        }
        finally
        {
            native.Destroy();
        }
    }

    private async Task DeliverAsync(KafkaConfig config, string topic)
    {
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new RecordingListener();
        await using IRecordSink sink = factory.Open(config, listener);
        Assert.Equal(ProduceStatus.Queued, sink.Produce(sink.GetTopic(topic), 1, "value", "k"));
        await listener.Until(l => l.Delivered.SequenceEqual([1]));
        Assert.DoesNotContain(listener.States, s => s is not null);
    }

    private static async Task<Fastbridge.Core.Checking.Finding[]> CheckAsync(KafkaConfig config, string topic)
    {
        var connector = new ConnectorConfig { Name = "c", Mqtt = new MqttClientOptions(), Kafka = config with { BatchSize = 1_000_000, Topic = topic } };
        return [.. await KafkaProbe.RunAsync([connector], TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken).WaitAsync(TestTools.Guard, TestContext.Current.CancellationToken)];
    }

    private KafkaConfig Config(TokenServer server, string more = "\"scope\": \"a\"") => Core.Config.Files.Connector(Core.Config.Files.One(kafka: $$"""
        "bootstrap_servers": "{{listeners.Kafka.Sasl}}", "properties": {"reconnect.backoff.max.ms": 500},
        "sasl": {"mechanism": "OAUTHBEARER", "token_url": "{{server.Url}}", "client_id": "c l", "client_secret": "{{Secret}}", {{more}}}
        """)).Kafka;
}
