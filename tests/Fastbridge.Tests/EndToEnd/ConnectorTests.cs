using System.Text;
using System.Text.Json.Nodes;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>Several connectors, filters of every kind, keys, formats, TLS: what a connectors file can say, as a user would see it.</summary>
public class ConnectorTests(Lab lab) : EndToEndTest(lab)
{
    [Fact]
    public async Task connectors_take_what_their_filters_match_and_nothing_else()
    {
        string kafka = await Lab.KafkaAsync();
        string one = await KafkaTopics.CreateAsync(kafka, "one"), two = await KafkaTopics.CreateAsync(kafka, "two"), three = await KafkaTopics.CreateAsync(kafka, "three");
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url)
            .Add("plus", "a/+/0", kafka, one)
            .Add("hash", "b/#", kafka, two)
            .Add("list", "", kafka, three, (connector, _) => connector["topic_id"] = new JsonArray("a/0/1", "b/4/2"))
            .Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file, "plus", "hash", "list");

        Fleet a = await SendAsync(new FleetOptions { Port = broker.Port, Root = "a", Messages = 300 });
        Fleet b = await SendAsync(new FleetOptions { Port = broker.Port, Root = "b", Messages = 300, FirstPublisher = 4 });
        using var plus = new Ledger(kafka, one);
        using var hash = new Ledger(kafka, two);
        using var list = new Ledger(kafka, three);
        await hash.ReadAllAsync([b]);
        // A third of each publisher's messages go to each of its topics.
        await plus.ReadCountAsync(4 * 100);
        await list.ReadCountAsync(100 + 100);
        await EndAsync(bridge);
        await Task.WhenAll(plus.ReadToEndAsync(), hash.ReadToEndAsync(), list.ReadToEndAsync());

        hash.Check([b]);
        Assert.Equal((400, 400, 0), (plus.Count, plus.Different, plus.Reordered));
        Assert.Equal((200, 200, 0), (list.Count, list.Different, list.Reordered));
        Assert.Equal(4 * 300, a.Acknowledged);
    }

    /// <summary>What a user writes first; the name has ::1 before 127.0.0.1, where nobody listens.</summary>
    [Fact]
    public async Task localhost_is_found_where_only_its_second_address_listens()
    {
        Mosquitto broker = await MosquittoAsync();
        string url = broker.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(url).Add(Name, "fleet/#", "127.0.0.1:1", "nowhere").Write(Folder));
        await EndAsync(bridge);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task members_of_a_shared_subscription_divide_the_messages(int version)
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "shared");
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url, version).Add("first", "$share/g/fleet/#", kafka, topic).Add("second", "$share/g/fleet/#", kafka, topic).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file, "first", "second");

        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port });
        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();

        // Order is not promised across two connections.
        Assert.Equal((4000, 4000, 0), (ledger.Count, ledger.Different, ledger.LostCount([fleet])));
    }

    [Fact]
    public async Task topic_and_key_templates_and_raw_payloads_arrive_as_written()
    {
        string kafka = await Lab.KafkaAsync();
        string root = KafkaTopics.UniqueName("site");
        await KafkaTopics.CreateNamedAsync(kafka, $"{root}.0.0");
        await KafkaTopics.CreateNamedAsync(kafka, $"{root}.0.1");
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url).Add(Name, $"{root}/#", kafka, "${topic}", (connector, config) =>
        {
            connector["format"] = "raw";
            connector["headers"] = "mqtt";
            config["key"] = "${topic}";
        }).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);

        await SendAsync(new FleetOptions { Port = broker.Port, Publishers = 1, Topics = 2, Messages = 20, Root = root });
        using var ledger = new Ledger(kafka, $"{root}.0.1", raw: true);
        var records = new List<LedgerRecord>();
        ledger.OnRecord = records.Add;
        await ledger.ReadCountAsync(10);
        await EndAsync(bridge);

        Assert.All(records, r => Assert.Equal($"{root}/0/1", Encoding.UTF8.GetString(r.Key!)));
        Assert.All(records, r => Assert.Equal($"{root}/0/1", Encoding.UTF8.GetString(r.Headers.GetLastBytes("mqtt.topic"))));
        Assert.All(records, r => Assert.Equal("1", Encoding.UTF8.GetString(r.Headers.GetLastBytes("mqtt.qos"))));
        Assert.Equal(Enumerable.Range(0, 10).Select(n => $"0:{(2 * n) + 1}".PadRight(64)), records.Select(r => Encoding.UTF8.GetString(r.Value)));
    }

    [Fact]
    [Fault(17)]
    public async Task any_bytes_arrive_byte_for_byte()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "bytes", 1, ("max.message.bytes", "8000000"));
        Mosquitto broker = await MosquittoAsync();
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(broker.Url).Add(Name, "bytes", kafka, topic).Write(Folder));

        var random = new Random(7);
        byte[][] payloads = [.. new[] { 0, 1, 2, 3, 255, 256, 16_383, 65_536, 1_000_000 }.Select(size =>
        {
            byte[] payload = new byte[size];
            random.NextBytes(payload);
            return payload;
        })];
        using (RawMqtt publisher = await RawMqtt.ConnectAsync(broker.Port, "bytes", cleanSession: true, TestContext.Current.CancellationToken))
        {
            byte[] packet = new byte[1_000_100];
            for (int n = 0; n < payloads.Length; n++)
            {
                int length = RawMqtt.WritePublish(packet, "bytes"u8, payloads[n], qos: 1, (ushort)(n + 1), duplicate: false, retain: false);
                await publisher.SendAsync(packet.AsMemory(0, length), TestContext.Current.CancellationToken);
                await publisher.ReadAsync(TestContext.Current.CancellationToken).AsTask().Guarded();
            }
        }

        using var ledger = new Ledger(kafka, topic);
        var records = new List<LedgerRecord>();
        ledger.OnRecord = records.Add;
        await ledger.ReadCountAsync(payloads.Length);
        await EndAsync(bridge);
        FaultReport.Book(payloads.Length, 0, records.Count - payloads.Length, 0);

        for (int n = 0; n < payloads.Length; n++)
        {
            JsonNode record = JsonNode.Parse(records[n].Value)!;
            Assert.Equal(payloads[n], Convert.FromBase64String((string)record["payload"]!));
            Assert.Equal(payloads[n], Convert.FromBase64String((string)record["data"]!));
            Assert.Equal("bytes", (string)record["topic"]!);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task tls_with_a_client_certificate_carries_messages(int version)
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "tls");
        using var certificates = new Certificates();
        Mosquitto broker = await MosquittoAsync(MosquittoOptions.Keeping with { Tls = certificates, RequireClientCertificate = true });
        var file = new BridgeFile(broker.TlsUrl, version);
        file.Mqtt["tls"] = new JsonObject { ["ca_file"] = certificates.CaFile, ["cert_file"] = certificates.ClientCertFile, ["key_file"] = certificates.ClientKeyFile };
        BridgeProcess bridge = await StartSubscribedAsync(file.Add(Name, "fleet/#", kafka, topic).Write(Folder));

        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port });
        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);

        ledger.Check([fleet]);
    }

    [Fact]
    public async Task a_server_whose_certificate_has_expired_is_refused_and_the_reason_said()
    {
        using var certificates = new Certificates(serverExpired: true);
        Mosquitto broker = await MosquittoAsync(MosquittoOptions.Keeping with { Tls = certificates });
        var file = new BridgeFile(broker.TlsUrl);
        file.Mqtt["tls"] = new JsonObject { ["ca_file"] = certificates.CaFile };

        BridgeProcess bridge = Start(file.Add(Name, "fleet/#", "127.0.0.1:1", "t").Write(Folder));

        await bridge.Log.WaitForAsync([$"{Name}:", "certificate"]);
        await EndAsync(bridge);
        Assert.DoesNotContain(bridge.Log.Lines, l => l.Contains("subscribed", StringComparison.Ordinal));
    }
}
