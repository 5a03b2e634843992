using System.Diagnostics;
using System.Text.Json.Nodes;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.FaultMatrix;

/// <summary>Kafka away for long, without and with a disk buffer (row 18; the long form is ten minutes at 5,000 a second), and a disk that fills under the buffer (row 29).</summary>
[Collection(FaultTests.Name)]
public class OutageTests(Lab lab) : FaultTest(lab)
{
    /// <summary>As in <c>KafkaOutageTests</c>: runtime, a full window, bookkeeping; with a buffer its pages as well. Ten minutes of messages would be gigabytes.</summary>
    private const double BoundedMemoryMb = 130;

    [Theory]
    [Fault(18)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task kafka_away_for_long_leaves_the_memory_as_it_was_and_gets_everything_once_and_in_order(bool buffered)
    {
        int rate = FaultForm.Pick(1_000, 5_000);
        TimeSpan outage = TimeSpan.FromSeconds(FaultForm.Pick(5, 600));
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "away");
        Mosquitto broker = await MosquittoAsync(new MosquittoOptions { MaxQueued = 0 });
        string file = new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka.Bootstrap, topic, (connector, config) =>
        {
            if (buffered) connector["buffer"] = new JsonObject { ["when"] = "kafka_down", ["max_bytes"] = 16L << 30 };
            AskingOften(connector, config);
        }).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = rate, Size = 256 });
        using (var before = new Ledger(kafka.Bootstrap, topic)) await before.ReadCountAsync(rate);

        await kafka.StopAsync();
        if (buffered) await bridge.WaitForAsync(Name, "go by the disk buffer");
        await fleet.WaitForAsync(fleet.Acknowledged + (int)(rate * outage.TotalSeconds / 10));
        double early = bridge.Process.PeakMemoryMb;
        double busy = await bridge.Process.BusyAsync(outage * 0.9);
        double late = bridge.Process.PeakMemoryMb;

        var drain = Stopwatch.StartNew();
        await kafka.StartAgainAsync();
        await fleet.StopAsync();
        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await CheckAsync(ledger, bridge, repeats: 0, fleet); // Neither crash nor lost link: nothing may come twice.
        Note($"Kafka away for {outage.TotalSeconds:F0} s at {rate} a second, {(buffered ? "with" : "without")} a buffer: peak {early:F0} MB at a tenth of it, {late:F0} MB at its end; "
            + $"CPU {busy:P0} of a core; all in Kafka {drain.Elapsed.TotalSeconds:F0} s after it was started");
        Assert.True(late <= BoundedMemoryMb, $"peak memory is {late:F0} MB");
        if (!buffered) Assert.True(busy < SpinningCpu, $"the bridge uses {busy:P0} of a core with nothing that it could do");
    }

    [Fact]
    [Fault(29)]
    public async Task a_disk_that_fills_under_the_buffer_holds_the_rest_at_the_broker_and_all_arrives_in_order()
    {
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "small");
        Mosquitto broker = await MosquittoAsync();
        using var disk = new SmallDisk(Folder.File("small"), "20m");
        string file = new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka.Bootstrap, topic, (connector, config) =>
        {
            connector["buffer"] = new JsonObject { ["path"] = disk.Path, ["when"] = "kafka_down", ["max_bytes"] = 1L << 30 };
            AskingOften(connector, config);
        }).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        List<Fleet> fleets = [];
        for (int round = 0; round < FaultForm.Pick(1, 6); round++)
        {
            await kafka.StopAsync();
            int said = bridge.Log.Count;
            // 40 MB of records for 20 MB of disk.
            fleets.Add(await SendAsync(new FleetOptions { Port = broker.Port, Messages = 12_000, Size = 256, FirstPublisher = 4 * round }));
            await bridge.Log.WaitForAsync([$"{Name}:", "space left"], said);
            await AssertDoesNotSpinAsync(bridge);
            if (round % 2 == 1)
            {
                await bridge.StopAsync(UnixSignal.Kill);
                bridge = await StartSubscribedAsync(file);
            }

            await kafka.StartAgainAsync();
            using var part = new Ledger(kafka.Bootstrap, topic);
            await part.ReadAllAsync(fleets, TestTools.Guard);
            Assert.Equal(0, part.LostCount(fleets));
        }

        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await CheckAsync(ledger, bridge, FaultForm.IsLong ? AnyRepeats : 0, [.. fleets]);
    }
}
