using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>The MQTT broker stops, dies, forgets (fault matrix, rows 4, 5 and 11).</summary>
[Collection(HeavyTests.Name)]
public class MqttOutageTests(Lab lab) : EndToEndTest(lab)
{
    [Theory]
    [Fault(4)]
    [InlineData(1, 4)]
    [InlineData(1, 5)]
    [InlineData(2, 5)]
    public async Task a_broker_that_restarts_with_its_sessions_costs_nothing(int qos, int version)
    {
        Course course = await CourseAsync("restart", qos, version);
        BridgeProcess bridge = await StartSubscribedAsync(course.File);
        Fleet fleet = StartFleet(course, rate: 5000);
        for (int round = 0; round < FaultForm.Pick(2, 8); round++)
        {
            await course.Ledger.ReadCountAsync(course.Ledger.Count + 1000);
            int said = bridge.Log.Count;
            await course.Broker.StopAsync();
            await bridge.WaitForAsync(Name, "lost", said);
            await course.Broker.StartAgainAsync();
            await bridge.WaitForAsync(Name, "connected to", said);
        }

        // What was acknowledged while the broker ended comes again after the restart.
        await FinishAsync(course, bridge, fleet, AnyRepeats);
    }

    [Fact]
    [Fault(4)]
    public async Task hivemq_killed_under_load_costs_nothing()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "hivemq-kill");
        HiveMq broker = Own(await HiveMq.StartAsync());
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka, topic).Write(Folder));
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = 2000, Window = 100 });
        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadCountAsync(1000);
        int said = bridge.Log.Count;

        await broker.KillAsync();
        await bridge.WaitForAsync(Name, "lost", said);
        await broker.StartAgainAsync();
        await bridge.WaitForAsync(Name, "connected to", said);
        await fleet.WaitForAsync(fleet.Acknowledged + 1000);
        await fleet.StopAsync();

        await ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();
        Note($"{fleet.Acknowledged} messages, {ledger.Count} records");
        // HiveMQ's disk is a moment behind its acknowledgements: of what was in flight to it when it was killed it may forget some. What the bridge was given is in Kafka.
        await bridge.WaitForAsync(Name, $"stopped; {ledger.Count} received, {ledger.Count} delivered, 0 left");
        ledger.Check([fleet], AnyRepeats, forgotten: 100);
    }

    [Fact]
    [Fault(5)]
    public async Task a_broker_that_forgot_the_session_is_subscribed_again_and_the_loss_is_said()
    {
        Course course = await CourseAsync("forgot", options: MosquittoOptions.Keeping with { Persistence = false });
        Mosquitto broker = course.Broker;
        BridgeProcess bridge = await StartSubscribedAsync(course.File);
        int said = bridge.Log.Count;

        await broker.KillAsync();
        await bridge.WaitForAsync(Name, "lost", said);
        await broker.StartAgainAsync();
        await bridge.WaitForAsync(Name, "subscribed", said);

        await bridge.Log.WaitForAsync([$"{Name}:", "had no session of ours"], said);
        await FinishAsync(course, bridge, await SendAsync(new FleetOptions { Port = broker.Port }));
    }

    [Fact]
    public async Task a_broker_that_comes_later_is_found()
    {
        Course course = await CourseAsync("found");
        await course.Broker.StopAsync();
        BridgeProcess bridge = Start(course.File);
        await bridge.WaitForAsync(Name, "retrying");

        await course.Broker.StartAgainAsync();
        await bridge.WaitForAsync(Name, "subscribed");

        await FinishAsync(course, bridge, await SendAsync(new FleetOptions { Port = course.Broker.Port }));
    }

    /// <summary>On HiveMQ: mosquitto 2.0.11 closes the older connection without a word (no DISCONNECT 0x8E).</summary>
    [Fact]
    [Fault(11)]
    public async Task a_taken_over_session_is_said_and_not_fought_over()
    {
        HiveMq broker = await Lab.HiveMqAsync();
        var file = new BridgeFile(broker.Url);
        BridgeProcess bridge = await StartSubscribedAsync(file.Add(Name, "taken/#", "127.0.0.1:1", "nowhere").Write(Folder));
        int said = bridge.Log.Count;

        using RawMqtt thief = await RawMqtt.ConnectAsync(broker.Port, $"{file.Mqtt["client_id"]}-{Name}", cleanSession: false, TestContext.Current.CancellationToken);

        await bridge.Log.WaitForAsync([$"{Name}:", "lost", "another client"], said);
        await bridge.StopAsync(UnixSignal.Kill);
    }
}
