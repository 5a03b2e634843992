using System.Globalization;
using System.Text.Json.Nodes;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.FaultMatrix;

/// <summary>The machine itself is at fault: names, descriptors, the clock (rows 28 and 30).</summary>
[Collection(FaultTests.Name)]
public class MachineTests(Lab lab) : FaultTest(lab)
{
    /// <summary>In a mount namespace of its own the bridge sees this test's /etc/hosts, and a name server that is not there.</summary>
    [Fact]
    [Fault(28)]
    public async Task names_that_do_not_resolve_are_said_and_asked_for_again_until_they_do()
    {
        await RequireAsync("a mount namespace (root)", "unshare", "--mount", "true");
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "names");
        Mosquitto broker = await MosquittoAsync();
        string hosts = Folder.Write("hosts", "127.0.0.1 localhost\n"), resolver = Folder.Write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
        var file = new BridgeFile($"mqtt://broker.fastbridge.test:{broker.Port}");
        file.Mqtt["reconnect_delay_max"] = 0.5;
        string config = file.Add(Name, "fleet/#", $"kafka.fastbridge.test:{kafka.Split(':')[1]}", topic, (_, c) =>
            c["properties"] = new JsonObject { ["reconnect.backoff.max.ms"] = "500" }).Write(Folder);
        BridgeProcess bridge = StartThrough(
            "unshare",
            ["--mount", "sh", "-c", "mount --bind \"$1\" /etc/hosts && mount --bind \"$2\" /etc/resolv.conf && shift 2 && exec \"$@\"", "sh", hosts, resolver],
            config);
        await bridge.WaitForAsync(Name, "broker.fastbridge.test");
        await bridge.WaitForAsync(Name, "kafka.fastbridge.test");
        await AssertDoesNotSpinAsync(bridge, FaultForm.Pick(2, 60));

        // The same file, for the mount holds on to it.
        await File.WriteAllTextAsync(hosts, "127.0.0.1 localhost broker.fastbridge.test kafka.fastbridge.test\n", Cancelled);

        await bridge.WaitForAsync(Name, "subscribed");
        await bridge.WaitForAsync(Name, "works again");
        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port });
        using var ledger = new Ledger(kafka, topic);
        await CheckAsync(ledger, bridge, repeats: 0, fleet);
    }

    [Fact]
    [Fault(30)]
    public async Task without_file_descriptors_it_waits_says_so_and_goes_on_when_there_are_some()
    {
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "descriptors");
        Mosquitto broker = await MosquittoAsync();
        TcpProxy proxy = Own(new TcpProxy(broker.Port));
        var file = new BridgeFile(proxy.Url);
        file.Mqtt["reconnect_delay_max"] = 0.5;
        BridgeProcess bridge = await StartSubscribedAsync(file.Add(Name, "fleet/#", kafka.Bootstrap, topic, (_, config) =>
            config["properties"] = new JsonObject { ["reconnect.backoff.max.ms"] = "500" }).Write(Folder));
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = 2000 });
        using var ledger = new Ledger(kafka.Bootstrap, topic);
        for (int round = 0; round < FaultForm.Pick(1, 10); round++)
        {
            await ledger.ReadCountAsync(ledger.Count + 500);
            string pid = bridge.Process.Id.ToString(CultureInfo.InvariantCulture);
            await RequireAsync("a limit on another process", "prlimit", "--pid", pid, "--nofile=8:");
            int said = bridge.Log.Count;
            proxy.Cut();
            await kafka.StopAsync();
            await bridge.WaitForAsync(Name, "too many open files", said);
            await kafka.StartAgainAsync();
            await AssertDoesNotSpinAsync(bridge);
            Assert.False(bridge.Process.HasExited);

            await RunAsync("prlimit", "--pid", pid, "--nofile=1024:");
            await bridge.WaitForAsync(Name, "connected to", said);
            await bridge.WaitForAsync(Name, "works again", said); // Else the next round's fault is still this one's, and said already.
        }

        await fleet.StopAsync();
        await CheckAsync(ledger, bridge, AnyRepeats, fleet);
    }

    [Fact]
    [Fault(30)]
    public async Task a_clock_that_jumps_an_hour_to_and_fro_changes_nothing()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "clock");
        ClockShift clock = Own(await ClockShift.StartAsync());
        Mosquitto broker = await MosquittoAsync();
        TcpProxy proxy = Own(new TcpProxy(broker.Port));
        var file = new BridgeFile(proxy.Url);
        file.Mqtt["keep_alive"] = 10;
        BridgeProcess bridge = StartThrough("env", [], file.Add(Name, "fleet/#", kafka, topic).Write(Folder), clock.Environment);
        await bridge.WaitForSubscriptionAsync(Name);
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = 1000 });
        using var ledger = new Ledger(kafka, topic);
        // More than an hour ahead of its own clock Kafka takes no record: that is DeadLetterTests' matter.
        foreach (int hours in FaultForm.IsLong ? new[] { 1, 0, -1, 0, -24, 0, 1 } : [1, -1])
        {
            await ledger.ReadCountAsync(ledger.Count + 500);
            int said = bridge.Log.Count;
            clock.Seconds = 3600 * hours;
            // What measures by the wrong clock would give the link up at once, or ping without end.
            await Task.Delay(3000, Cancelled);
            Assert.Empty(bridge.Log.Lines.Skip(said));

            // The line of a cut shows that the clock did jump.
            proxy.Cut();
            string line = await bridge.WaitForAsync(Name, "lost", said);
            DateTime told = DateTime.Parse(line[..line.IndexOf(' ', StringComparison.Ordinal)], CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
            Assert.InRange((told - DateTime.UtcNow).TotalHours, hours - 0.1, hours + 0.1);
            await bridge.WaitForAsync(Name, "connected to", said);
        }

        await fleet.StopAsync();
        await ledger.ReadAllAsync([fleet], TestTools.Guard);
        // mosquitto may still repeat what it had queued when the link was cut: the last jump is looked at when that is over.
        for (int before = -1; before != ledger.Count;)
        {
            before = ledger.Count;
            await Task.Delay(2000, Cancelled);
            await ledger.ReadToEndAsync();
        }

        // In the silence it pings, by a clock that was set back an hour just now.
        int quiet = bridge.Log.Count;
        long sent = proxy.Up.Forwarded;
        await UntilAsync(() => proxy.Up.Forwarded > sent, "a PINGREQ");
        clock.Seconds = 7200;
        await AssertDoesNotSpinAsync(bridge);
        Assert.Empty(bridge.Log.Lines.Skip(quiet));
        await CheckAsync(ledger, bridge, AnyRepeats, fleet);
    }
}
