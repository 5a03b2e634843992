using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.FaultMatrix;

/// <summary>Another client with the bridge's identifier (row 11). On HiveMQ: mosquitto 2.0.11 closes the older connection without a word.</summary>
[Collection(FaultTests.Name)]
public class TakeOverTests(Lab lab) : FaultTest(lab)
{
    [Fact]
    [Fault(11)]
    public async Task a_second_client_with_our_identifier_is_said_backed_off_from_and_costs_nothing_it_does_not_acknowledge()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "thief");
        HiveMq broker = await Lab.HiveMqAsync();
        string root = KafkaTopics.UniqueName("taken");
        var file = new BridgeFile(broker.Url);
        // A session that was taken is not fought for: the wait is half of this and more.
        file.Mqtt["reconnect_delay_max"] = 4;
        BridgeProcess bridge = await StartSubscribedAsync(file.Add(Name, $"{root}/#", kafka, topic).Write(Folder));
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Root = root, Messages = 1_000_000, Rate = 1000, Window = 100 });
        using var ledger = new Ledger(kafka, topic);
        for (int round = 0; round < FaultForm.Pick(1, 5); round++)
        {
            await ledger.ReadCountAsync(ledger.Count + 200);
            int said = bridge.Log.Count;
            using RawMqtt thief = await RawMqtt.ConnectAsync(broker.Port, $"{file.Mqtt["client_id"]}-{Name}", cleanSession: false, Cancelled);
            await bridge.Log.WaitForAsync([$"{Name}:", "lost", "another client"], said);
            // Backed off, the bridge leaves the other client its session for a while, then it comes back.
            await bridge.WaitForAsync(Name, "connected to", said);
        }

        await fleet.StopAsync();
        await CheckAsync(ledger, bridge, AnyRepeats, fleet);
    }
}
