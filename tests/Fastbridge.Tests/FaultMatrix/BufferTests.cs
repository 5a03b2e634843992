using System.Text.Json.Nodes;
using Fastbridge.Core.Config;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.FaultMatrix;

/// <summary>The disk buffer under kill -9 (row 31); what a torn or damaged file costs, byte by byte, is tested on the log itself.</summary>
[Collection(FaultTests.Name)]
public class BufferTests(Lab lab) : FaultTest(lab)
{
    /// <summary>
    /// Every second round Kafka is away, so that all goes by the disk and is acknowledged from there; every third leaves half a record behind the last whole
    /// one, as a power cut in the middle of a write does.
    /// </summary>
    [Fact]
    [Fault(31)]
    public async Task a_bridge_killed_while_it_writes_its_buffer_replays_all_that_it_acknowledged_in_order()
    {
        int kills = FaultForm.Pick(4, 30);
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "buffer");
        Mosquitto broker = await MosquittoAsync();
        string folder = Directory.CreateDirectory(Folder.File("buffer")).FullName;
        string file = new BridgeFile(broker.Url)
            .Add(Name, "fleet/#", kafka.Bootstrap, topic, (connector, config) =>
            {
                connector["buffer"] = new JsonObject { ["path"] = folder, ["when"] = "always" };
                AskingOften(connector, config);
            })
            .Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = FaultForm.Pick(2000, 10_000) });
        var random = new Random(31);
        for (int kill = 0; kill < kills; kill++)
        {
            bool away = kill % 2 == 0;
            if (away) await kafka.StopAsync();
            await Task.Delay(random.Next(300, 1500), Cancelled);
            await bridge.StopAsync(UnixSignal.Kill);
            if (kill % 3 == 0) Tear(folder, random);
            bridge = await StartSubscribedAsync(file);
            if (away) await kafka.StartAgainAsync();
        }

        await fleet.StopAsync();
        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await CheckAsync(ledger, bridge, AnyRepeats, fleet);
    }

    private static void Tear(string folder, Random random)
    {
        string? newest = Directory.GetFiles(folder, "*.log").Max();
        if (newest is null) return;
        byte[] half = new byte[random.Next(1, 200)];
        random.NextBytes(half);
        using FileStream segment = File.Open(newest, FileMode.Append);
        segment.Write(half);
    }
}
