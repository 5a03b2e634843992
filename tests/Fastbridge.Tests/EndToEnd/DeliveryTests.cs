using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>Every QoS in both versions, through every broker, into Kafka: nothing lost, nothing twice, nothing out of order.</summary>
public class DeliveryTests(Lab lab) : EndToEndTest(lab)
{
    public static TheoryData<string, int, int> Ways
    {
        get
        {
            var ways = new TheoryData<string, int, int>();
            foreach (string broker in new[] { "mosquitto as installed", "mosquitto without limits", "HiveMQ" })
            {
                foreach (int qos in new[] { 0, 1, 2 })
                {
                    foreach (int version in new[] { 4, 5 }) ways.Add(broker, qos, version);
                }
            }

            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task every_message_becomes_one_record_in_order(string brokerName, int qos, int version)
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "delivery");
        (int port, string url) = brokerName switch
        {
            "HiveMQ" => await HiveMqAsync(),
            "mosquitto as installed" => await MosquittoAddressAsync(MosquittoOptions.AsInstalled),
            _ => await MosquittoAddressAsync(MosquittoOptions.Keeping),
        };
        string root = KafkaTopics.UniqueName("fleet");
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(url, version, qos).Add(Name, $"{root}/#", kafka, topic).Write(Folder));

        Fleet fleet = await SendAsync(new FleetOptions
        {
            Port = port,
            Qos = qos,
            Root = root,
            // As installed, mosquitto queues 1000 for a client and drops what is above. QoS 0 is dropped by brokers as soon as a socket is full: so few
            // fit into it while the bridge gets no turn.
            Messages = brokerName == "mosquitto as installed" || qos == 0 ? 240 : 1000,
            Rate = qos == 0 ? 2000 : 0,
        });
        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();

        ledger.Check([fleet]);
        Assert.Equal(fleet.Acknowledged, ledger.Count);
    }

    /// <summary>A backlog far above what is in flight at a time, as after a weekend without the bridge.</summary>
    [Theory]
    [InlineData(4, null)]
    [InlineData(5, null)]
    [InlineData(4, 1000)]
    [InlineData(5, 1000)]
    [InlineData(4, 0)]
    [InlineData(5, 0)]
    public async Task what_was_published_while_the_bridge_was_away_is_delivered_when_it_returns(int version, int? maxInflight)
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "away");
        Mosquitto broker = await MosquittoAsync(MosquittoOptions.Keeping with { MaxInflight = maxInflight });
        string file = new BridgeFile(broker.Url, version).Add(Name, "fleet/#", kafka, topic).Write(Folder);
        await EndAsync(await StartSubscribedAsync(file));

        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 8_000 }); // All of them stay in a mock cluster, which keeps 5 MB a partition.
        BridgeProcess bridge = Start(file);
        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadAllAsync([fleet]);
        string[] said = [.. bridge.Log.Lines];
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();

        ledger.Check([fleet]);
        Assert.DoesNotContain(said, l => l.Contains("lost", StringComparison.Ordinal));
    }

    private async Task<(int Port, string Url)> HiveMqAsync()
    {
        HiveMq broker = await Lab.HiveMqAsync();
        return (broker.Port, broker.Url);
    }

    private async Task<(int Port, string Url)> MosquittoAddressAsync(MosquittoOptions options)
    {
        Mosquitto broker = await MosquittoAsync(options);
        return (broker.Port, broker.Url);
    }
}
