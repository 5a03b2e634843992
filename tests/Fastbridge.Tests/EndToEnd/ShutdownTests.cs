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
        Course course = await CourseAsync("signal", qos, version);
        BridgeProcess bridge = await StartPatientAsync();
        Fleet fleet = StartFleet(course, rate: 8000);
        for (int round = 1; round <= FaultForm.Pick(3, 15); round++)
        {
            await course.Ledger.ReadCountAsync(course.Ledger.Count + 2000);
            (int code, TimeSpan took) = await bridge.StopAsync(signal);
            Note($"{signal} to exit: {took.TotalMilliseconds:F0} ms");
            Assert.Equal(0, code);
            bridge = await StartPatientAsync();
        }

        await FinishAsync(course, bridge, fleet);

        // What is in flight at the deadline comes again, and on a busy machine Kafka may not keep up with the usual one.
        async Task<BridgeProcess> StartPatientAsync()
        {
            BridgeProcess started = Start(course.File, new Dictionary<string, string?> { ["FASTBRIDGE_DRAIN_SECONDS"] = "100" });
            await started.WaitForSubscriptionAsync(Name);
            return started;
        }
    }

    [Fact]
    public async Task a_second_signal_ends_at_once()
    {
        Mosquitto broker = await MosquittoAsync();
        // Nothing listens there: what is under way cannot be flushed, so the first signal's shutdown waits for its deadline.
        string file = new BridgeFile(broker.Url).Add(Name, "fleet/#", $"127.0.0.1:{Ports.Free()}", "nowhere").Write(Folder);
        BridgeProcess bridge = Start(file, new Dictionary<string, string?> { ["FASTBRIDGE_DRAIN_SECONDS"] = "3600" });
        await bridge.WaitForSubscriptionAsync(Name);
        await SendAsync(new FleetOptions { Port = broker.Port });
        int said = bridge.Log.Count;

        bridge.Process.Signal(UnixSignal.Terminate);
        await bridge.Log.WaitForAsync(_ => true, "(a word about the shutdown)", said);
        (int code, TimeSpan took) = await bridge.StopAsync();

        // The first alone would have taken its whole deadline, an hour.
        Note($"exit code {code}, second SIGTERM to exit: {took.TotalMilliseconds:F0} ms");
        Assert.NotEqual(0, code);
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
        // 10 s are promised of a machine that has time; what counts here is that it does not wait for Kafka, which never comes.

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
        Course course = await CourseAsync("kill", qos, version, MosquittoOptions.Keeping with { MaxInflight = null });
        BridgeProcess bridge = await StartSubscribedAsync(course.File);
        Fleet fleet = StartFleet(course, rate: 8000);
        for (int kill = 0; kill < Kills; kill++)
        {
            await course.Ledger.ReadCountAsync(course.Ledger.Count + 1000);
            await bridge.StopAsync(UnixSignal.Kill);
            bridge = await StartSubscribedAsync(course.File);
        }

        await FinishAsync(course, bridge, fleet, AnyRepeats);
    }

    [Fact]
    [Fault(3)]
    public async Task a_bridge_frozen_beyond_its_keep_alive_reconnects_and_loses_nothing()
    {
        Course course = await CourseAsync("frozen", keepAlive: 2);
        BridgeProcess bridge = await StartSubscribedAsync(course.File);
        Fleet fleet = StartFleet(course, rate: 2000);
        await course.Ledger.ReadCountAsync(500);
        int said = bridge.Log.Count;

        bridge.Process.Signal(UnixSignal.Stop);
        // One and a half keep alives later the broker gives the client up.
        await course.Broker.Log.WaitForAsync(["exceeded timeout"]);
        bridge.Process.Signal(UnixSignal.Continue);

        await bridge.WaitForAsync(Name, "lost", said);
        await bridge.WaitForAsync(Name, "connected to", said);
        await FinishAsync(course, bridge, fleet, AnyRepeats);
    }
}
