using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>The end of a bridge: by signal, in good order and at once, and by force (fault matrix, rows 1, 2 and 3).</summary>
[Collection(HeavyTests.Name)]
public class ShutdownTests(Lab lab) : EndToEndTest(lab)
{
    [Theory]
    [Fault(2)]
    [InlineData(UnixSignal.Terminate, 1, 4)]
    [InlineData(UnixSignal.Terminate, 1, 5)]
    [InlineData(UnixSignal.Terminate, 2, 4)]
    [InlineData(UnixSignal.Terminate, 2, 5)]
    [InlineData(UnixSignal.Interrupt, 1, 5)]
    public async Task a_signal_under_load_loses_and_repeats_nothing(UnixSignal signal, int qos, int version)
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "signal");
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url, version, qos).Add(Name, "fleet/#", kafka, topic).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Qos = qos, Messages = 1_000_000, Rate = 8000 });
        using var ledger = new Ledger(kafka, topic);
        for (int round = 1; round <= 3; round++)
        {
            await ledger.ReadCountAsync(ledger.Count + 2000);
            (int code, TimeSpan took) = await bridge.StopAsync(signal);
            Note($"{signal} to exit: {took.TotalMilliseconds:F0} ms");
            Assert.Equal(0, code);
            Assert.True(took < TimeSpan.FromSeconds(10), $"the bridge took {took.TotalSeconds:F1} s to end, 10 s are promised");
            bridge = await StartSubscribedAsync(file);
        }

        await fleet.StopAsync();
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();

        ledger.Check([fleet]);
    }

    [Fact]
    public async Task a_second_signal_ends_at_once()
    {
        Mosquitto broker = await MosquittoAsync();
        // Nothing listens there: what is under way cannot be flushed, so the first signal's shutdown waits for its deadline.
        string file = new BridgeFile(broker.Url).Add(Name, "fleet/#", $"127.0.0.1:{Ports.Free()}", "nowhere").Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        await SendAsync(new FleetOptions { Port = broker.Port });
        int said = bridge.Log.Count;

        bridge.Process.Signal(UnixSignal.Terminate);
        await bridge.Log.WaitForAsync(_ => true, "(a word about the shutdown)", said);
        (int code, TimeSpan took) = await bridge.StopAsync();

        Note($"exit code {code}, second SIGTERM to exit: {took.TotalMilliseconds:F0} ms");
        Assert.NotEqual(0, code);
        // The first would have taken its whole deadline; this is a bound for "did not wait for it", not a measure of speed.
        Assert.True(took < TimeSpan.FromSeconds(4), $"the second signal took {took.TotalSeconds:F1} s");
    }

    [Fact]
    public async Task a_signal_while_kafka_is_away_ends_in_time_and_loses_nothing()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "away");
        Mosquitto broker = await MosquittoAsync();
        var away = new BridgeFile(broker.Url).Add(Name, "fleet/#", $"127.0.0.1:{Ports.Free()}", topic);
        var back = new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka, topic);
        back.Mqtt["client_id"] = away.Mqtt["client_id"]!.DeepClone();
        BridgeProcess bridge = await StartSubscribedAsync(away.Write(Folder));
        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port });

        (int code, TimeSpan took) = await bridge.StopAsync();
        Note($"exit code {code} after {took.TotalSeconds:F1} s");
        Assert.True(took < TimeSpan.FromSeconds(15), $"the bridge took {took.TotalSeconds:F1} s to end; 10 s are promised");

        BridgeProcess second = await StartSubscribedAsync(back.Write(Folder));
        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(second);
        ledger.Check([fleet]);
    }

    [Theory]
    [Fault(1)]
    [InlineData(1, 4)]
    [InlineData(1, 5)]
    [InlineData(2, 4)]
    [InlineData(2, 5)]
    public async Task kill_9_under_load_loses_nothing_and_keeps_the_order(int qos, int version)
    {
        const int Kills = 5;
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "kill");
        Mosquitto broker = await MosquittoAsync(MosquittoOptions.Keeping with { MaxInflight = null });
        string file = new BridgeFile(broker.Url, version, qos).Add(Name, "fleet/#", kafka, topic).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Qos = qos, Messages = 1_000_000, Rate = 8000 });
        using var ledger = new Ledger(kafka, topic);
        for (int kill = 0; kill < Kills; kill++)
        {
            await ledger.ReadCountAsync(ledger.Count + 1000);
            await bridge.StopAsync(UnixSignal.Kill);
            bridge = await StartSubscribedAsync(file);
        }

        await fleet.StopAsync();
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();

        Note($"{fleet.Acknowledged} messages, {ledger.Count} records");
        ledger.Check([fleet], AnyRepeats);
    }

    [Fact]
    [Fault(3)]
    public async Task a_bridge_frozen_beyond_its_keep_alive_reconnects_and_loses_nothing()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "frozen");
        Mosquitto broker = await MosquittoAsync();
        var file = new BridgeFile(broker.Url);
        file.Mqtt["keep_alive"] = 2;
        BridgeProcess bridge = await StartSubscribedAsync(file.Add(Name, "fleet/#", kafka, topic).Write(Folder));
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = 2000 });
        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadCountAsync(500);
        int said = bridge.Log.Count;

        bridge.Process.Signal(UnixSignal.Stop);
        // One and a half keep alives later the broker gives the client up.
        await broker.Log.WaitForAsync(["exceeded timeout"]);
        bridge.Process.Signal(UnixSignal.Continue);

        await bridge.WaitForAsync(Name, "lost", said);
        await bridge.WaitForAsync(Name, "connected", said);
        await fleet.StopAsync();
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);
        ledger.Check([fleet], AnyRepeats);
    }
}
