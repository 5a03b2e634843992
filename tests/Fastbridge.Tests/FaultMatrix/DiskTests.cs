using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.FaultMatrix;

/// <summary>A full disk under dead letters and under the log (row 29), on a small file system in memory, which only root can mount.</summary>
[Collection(FaultTests.Name)]
public class DiskTests(Lab lab) : FaultTest(lab)
{
    [Theory]
    [Fault(29)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task dead_letters_on_a_full_disk_hold_their_message_and_go_in_when_there_is_room(int qos)
    {
        string kafka = await Lab.KafkaAsync();
        // Room for every batch of the small records, and for none of the large.
        string topic = await KafkaTopics.CreateAsync(kafka, "full", 1, ("max.message.bytes", "200000"));
        Mosquitto broker = await MosquittoAsync();
        using var disk = new SmallDisk(StateDir, "1m");
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(broker.Url, qos: qos).Add(Name, "#", kafka, topic).Write(Folder));
        Fleet before = await SendAsync(new FleetOptions { Port = broker.Port, Qos = qos, Messages = 100 });
        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadAllAsync([before]);
        disk.Fill();
        int said = bridge.Log.Count;

        Fleet large = await SendAsync(new FleetOptions { Port = broker.Port, Qos = qos, Messages = 1, Publishers = 1, Root = "large", Size = 200_000, FirstPublisher = 10 });
        await bridge.Log.WaitForAsync([$"{Name}:", "held", "cannot be written"], said);
        Fleet after = await SendAsync(new FleetOptions { Port = broker.Port, Qos = qos, Messages = 100, FirstPublisher = 20 });
        await AssertDoesNotSpinAsync(bridge, FaultForm.Pick(2, 30));
        Assert.DoesNotContain(bridge.Log.Lines.Skip(said), l => l.Contains("put away", StringComparison.Ordinal));

        disk.Free();
        await bridge.WaitForAsync(Name, "put away", said);
        await CheckAsync(ledger, bridge, repeats: 0, before, after);
        Assert.Equal(1, large.Acknowledged);
        string letter = Assert.Single(Directory.GetFiles(StateDir, "dead-letters-*.jsonl"));
        Assert.Contains("large/10/0", Assert.Single(await File.ReadAllLinesAsync(letter, Cancelled)), StringComparison.Ordinal);
    }

    [Fact]
    [Fault(29)]
    public async Task a_log_on_a_full_disk_stops_no_message_and_is_written_again_when_there_is_room()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "log");
        Mosquitto broker = await MosquittoAsync();
        TcpProxy proxy = Own(new TcpProxy(broker.Port));
        using var disk = new SmallDisk(Folder.File("log"), "64k");
        string log = Path.Combine(Folder.File("log"), "bridge.log");
        BridgeProcess bridge = StartThrough("sh", ["-c", "log=$1; shift; exec \"$@\" 2>>\"$log\"", "sh", log], new BridgeFile(proxy.Url).Add(Name, "fleet/#", kafka, topic).Write(Folder));
        await UntilAsync(() => File.Exists(log) && File.ReadAllText(log).Contains("subscribed", StringComparison.Ordinal), "subscribed");
        disk.Fill();

        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = 1000 });
        using var ledger = new Ledger(kafka, topic);
        for (int cut = 0; cut < FaultForm.Pick(3, 8); cut++)
        {
            // Each has something to say.
            int accepted = proxy.Accepted;
            proxy.Cut();
            await UntilAsync(() => proxy.Accepted > accepted, "connected again");
            await ledger.ReadCountAsync(ledger.Count + 300);
        }

        long written = new FileInfo(log).Length;
        disk.Free();
        int connections = proxy.Accepted;
        proxy.Cut();
        await UntilAsync(() => proxy.Accepted > connections, "connected again");
        await UntilAsync(() => new FileInfo(log).Length > written, "the log goes on");
        await fleet.StopAsync();
        await CheckAsync(ledger, bridge, AnyRepeats, fleet);
        Assert.EndsWith("left to the broker\n", await File.ReadAllTextAsync(log, Cancelled), StringComparison.Ordinal);
    }
}
