using System.Text.Json.Nodes;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>Kafka is not there, goes away, comes back (fault matrix, rows 18, 19 and 25). Each test has a Kafka of its own to stop.</summary>
[Collection(HeavyTests.Name)]
public class KafkaOutageTests(Lab lab) : EndToEndTest(lab)
{
    /// <summary>A bridge with its window full and Kafka away: runtime, 16 MB of records in librdkafka, its bookkeeping. Without bounds it would be far more.</summary>
    private const double BoundedMemoryMb = 100;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task kafka_that_comes_later_gets_everything(int qos)
    {
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "later");
        await kafka.StopAsync();
        Mosquitto broker = await MosquittoAsync();
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(broker.Url, qos: qos).Add(Name, "fleet/#", kafka.Bootstrap, topic).Write(Folder));
        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port, Qos = qos });

        await kafka.StartAgainAsync();

        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();
        ledger.Check([fleet]);
    }

    [Theory]
    [Fault(18)]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    public async Task kafka_that_goes_away_under_load_and_returns_gets_everything_once(bool kill, int qos)
    {
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "outage");
        Mosquitto broker = await MosquittoAsync();
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(broker.Url, qos: qos).Add(Name, "fleet/#", kafka.Bootstrap, topic, AskingOften).Write(Folder));
        // At QoS 2 the queue stays below the number of packet identifiers: beyond it mosquitto 2.0.11 gives one identifier to two messages in flight.
        int rate = qos == 2 ? 1000 : 10_000;
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Qos = qos, Messages = 1_000_000, Rate = rate, Size = 256 });
        using (var before = new Ledger(kafka.Bootstrap, topic)) await before.ReadCountAsync(5000);
        int said = bridge.Log.Count;

        await (kill ? kafka.KillAsync() : kafka.StopAsync());
        await bridge.WaitForAsync(Name, "kafka", said);
        await fleet.WaitForAsync(fleet.Acknowledged + (3 * rate));
        // Long: a minute. At QoS 2 half of it, which fills half the packet identifiers.
        await Task.Delay(TimeSpan.FromSeconds(FaultForm.Pick(0, qos == 2 ? 27 : 57)), TestContext.Current.CancellationToken);
        string[] during = [.. bridge.Log.Lines.Skip(said)];
        double memory = bridge.Process.PeakMemoryMb;
        await kafka.StartAgainAsync();
        await fleet.StopAsync();

        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();
        Note($"{fleet.Acknowledged} messages; {during.Length} lines while Kafka was away; peak {memory:F0} MB");
        ledger.Check([fleet]);
        Assert.True(during.Length <= 3, "said more than once:\n" + string.Join('\n', during));
    }

    [Fact]
    [Fault(18)]
    public async Task memory_is_bounded_while_kafka_is_away()
    {
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url).Add(Name, "fleet/#", $"127.0.0.1:{Ports.Free()}", "nowhere").Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);

        // 60 MB of payloads: 160 MB of records, ten windows.
        await SendAsync(new FleetOptions { Port = broker.Port, Messages = 15_000, Size = 1000 });
        double idle = await bridge.Process.BusyAsync(TimeSpan.FromSeconds(3));
        double memory = bridge.Process.PeakMemoryMb;
        Note($"peak {memory:F0} MB, CPU {idle:P0} while it waits");

        Assert.True(memory <= BoundedMemoryMb, $"peak memory is {memory:F0} MB");
        // A full window stops reading and does not spin.
        Assert.True(idle < 0.5, $"the bridge uses {idle:P0} of a core with nothing to do");
        await bridge.StopAsync(UnixSignal.Kill);
    }

    [Fact]
    [Fault(25)]
    public async Task a_connector_whose_topic_does_not_exist_holds_up_no_other_and_recovers()
    {
        RealKafka kafka = Own(await RealKafka.StartAsync("auto.create.topics.enable=false"));
        string good = await KafkaTopics.CreateAsync(kafka.Bootstrap, "good");
        string missing = KafkaTopics.UniqueName("missing");
        Mosquitto broker = await MosquittoAsync();
        // librdkafka believes in a new topic for half a minute; here it shall look sooner.
        string file = new BridgeFile(broker.Url)
            .Add("stuck", "s/#", kafka.Bootstrap, missing, (_, config) => config["properties"] = new JsonObject { ["topic.metadata.propagation.max.ms"] = "1000" })
            .Add("healthy", "h/#", kafka.Bootstrap, good).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file, "stuck", "healthy");

        Fleet held = await SendAsync(new FleetOptions { Port = broker.Port, Root = "s" });
        Fleet passing = await SendAsync(new FleetOptions { Port = broker.Port, Root = "h", FirstPublisher = 4, Messages = 5000 });
        using var healthy = new Ledger(kafka.Bootstrap, good);
        await healthy.ReadAllAsync([passing]);
        healthy.Check([passing]);
        await bridge.Log.WaitForAsync(["stuck:", missing]);

        await KafkaTopics.CreateNamedAsync(kafka.Bootstrap, missing);
        using var late = new Ledger(kafka.Bootstrap, missing);
        await late.ReadAllAsync([held]);
        await EndAsync(bridge);
        await late.ReadToEndAsync();
        late.Check([held]);
    }

    [Fact]
    public async Task a_connector_whose_kafka_is_away_holds_up_no_other()
    {
        string kafka = await Lab.KafkaAsync();
        string good = await KafkaTopics.CreateAsync(kafka, "good");
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url).Add("stuck", "#", $"127.0.0.1:{Ports.Free()}", "nowhere").Add("healthy", "fleet/#", kafka, good).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file, "stuck", "healthy");

        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 5000 });

        using var ledger = new Ledger(kafka, good);
        await ledger.ReadAllAsync([fleet]);
        ledger.Check([fleet]);
        await bridge.StopAsync(UnixSignal.Kill);
    }

    /// <summary>The last broker of a cluster that is shut down lists none in its last answers. A client that believed it would have nobody left to ask.</summary>
    [Fact]
    public async Task kafka_that_answers_without_brokers_while_it_ends_is_found_again()
    {
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "alone");
        Mosquitto broker = await MosquittoAsync();
        // Asked all the time, it is surely asked then.
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka.Bootstrap, topic, (_, config) => config["properties"] = new JsonObject
        {
            ["topic.metadata.refresh.interval.ms"] = "10",
            ["reconnect.backoff.max.ms"] = "500",
        }).Write(Folder));
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = 1000 });
        using var ledger = new Ledger(kafka.Bootstrap, topic);
        for (int round = 0; round < 3; round++)
        {
            await ledger.ReadCountAsync(ledger.Count + 500);
            await kafka.StopAsync();
            await kafka.StartAgainAsync();
        }

        await ledger.ReadCountAsync(ledger.Count + 500);
        await fleet.StopAsync();
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();
        ledger.Check([fleet]);
    }
}
