using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.FaultMatrix;

/// <summary>Everything dies under load, at random (row 1; the rows' own faults one by one are in <c>EndToEnd</c>).</summary>
[Collection(FaultTests.Name)]
public class KillTests(Lab lab) : FaultTest(lab)
{
    /// <summary>
    /// The bridge and Kafka by kill -9; mosquitto by SIGTERM, for killed it forgets what it had acknowledged. Which kill also takes Kafka or mosquitto is
    /// drawn, but the first two are given, so that the quick form has both.
    /// </summary>
    [Fact]
    [Fault(1)]
    public async Task bridge_kafka_and_broker_killed_at_random_under_load_lose_nothing_and_keep_the_order()
    {
        int kills = FaultForm.Pick(3, 50);
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "chaos");
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka.Bootstrap, topic, AskingOften).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = FaultForm.Pick(2000, 20_000), Size = FaultForm.Pick(64, 256) });
        int kafkaKills = 0, restarts = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            await Task.Delay(random.Next(200, 1500), Cancelled);
            await bridge.StopAsync(UnixSignal.Kill);
            int draw = kill < 2 ? kill : random.Next(8);
            Task? kafkaBack = draw == 0 ? RestartAsync(kafka) : null;
            if (draw == 1)
            {
                await broker.StopAsync();
                await broker.StartAgainAsync();
                restarts++;
            }

            bridge = await StartSubscribedAsync(file);
            if (kafkaBack is null) continue;
            await kafkaBack;
            kafkaKills++;
        }

        await fleet.StopAsync();
        Note($"seed {seed}: {kills} kills of the bridge, {kafkaKills} of Kafka, {restarts} restarts of mosquitto");
        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await CheckAsync(ledger, bridge, AnyRepeats, fleet);
    }

    /// <summary>mosquitto 2.0.11 does not keep Receive Maximum, so its repeats say nothing of the bridge's; HiveMQ keeps it.</summary>
    [Fact]
    [Fault(1)]
    public async Task a_broker_that_keeps_receive_maximum_repeats_at_most_that_for_each_killed_bridge()
    {
        const int ReceiveMaximum = 1_000;
        int kills = FaultForm.Pick(3, 20);
        HiveMq broker = await Lab.HiveMqAsync();
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "repeats");
        string root = topic.Replace('.', '-');
        var connectors = new BridgeFile(broker.Url).Add(Name, $"{root}/#", kafka, topic);
        connectors.Mqtt["receive_maximum"] = ReceiveMaximum;
        string file = connectors.Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Root = root, Messages = 1_000_000, Rate = FaultForm.Pick(1_000, 5_000) });
        using var ledger = new Ledger(kafka, topic);
        for (int kill = 0; kill < kills; kill++)
        {
            await ledger.ReadCountAsync(ledger.Count + 1_000);
            await bridge.StopAsync(UnixSignal.Kill);
            bridge = await StartSubscribedAsync(file);
        }

        await fleet.StopAsync();
        await CheckAsync(ledger, bridge, kills * ReceiveMaximum, fleet);
    }

    private static async Task RestartAsync(RealKafka kafka)
    {
        await kafka.KillAsync();
        await kafka.StartAgainAsync();
    }
}
