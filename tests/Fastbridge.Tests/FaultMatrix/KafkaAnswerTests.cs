using System.Text.Json.Nodes;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.FaultMatrix;

/// <summary>Kafka answers late, or not at all (rows 19, 20, 21 and 26), on a real Kafka, in rows 20 and 21 behind a proxy.</summary>
[Collection(FaultTests.Name)]
public class KafkaAnswerTests(Lab lab) : FaultTest(lab)
{
    [Fact]
    [Fault(19)]
    public async Task kafka_away_past_the_time_out_of_every_record_brings_no_ack_and_everything_in_order()
    {
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "timeout");
        Mosquitto broker = await MosquittoAsync();
        TcpProxy mqtt = Own(new TcpProxy(broker.Port));
        var bridgeFile = new BridgeFile(mqtt.Url);
        bridgeFile.Mqtt["keep_alive"] = 0; // What goes to the broker is acks and nothing else.
        string file = bridgeFile
            .Add(Name, "fleet/#", kafka.Bootstrap, topic, (_, config) => config["properties"] = Properties(("message.timeout.ms", "1000"), ("reconnect.backoff.max.ms", "500")))
            .Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = 2000 });
        using (var before = new Ledger(kafka.Bootstrap, topic)) await before.ReadCountAsync(1000);
        int said = bridge.Log.Count;
        await kafka.StopAsync();
        await bridge.WaitForAsync(Name, "kafka", said);

        // Reports of what Kafka had come through first. Two seconds are two time-outs: acks that those bring would never end.
        long acks = -1;
        for (DateTime deadline = DateTime.UtcNow + TestTools.Guard; acks != mqtt.Up.Forwarded;)
        {
            Assert.True(DateTime.UtcNow < deadline, "acks go on without Kafka");
            acks = mqtt.Up.Forwarded;
            await Task.Delay(2000, Cancelled);
        }

        await Task.Delay(TimeSpan.FromSeconds(FaultForm.Pick(4, 60)), Cancelled);
        Assert.Equal(acks, mqtt.Up.Forwarded);

        await fleet.StopAsync();
        await AssertDoesNotSpinAsync(bridge);
        await kafka.StartAgainAsync();
        using var ledger = new Ledger(kafka.Bootstrap, topic);
        // What was in flight when Kafka went may stand there already.
        await CheckAsync(ledger, bridge, AnyRepeats, fleet);
    }

    [Fact]
    [Fault(20)]
    public async Task an_answer_lost_behind_its_append_repeats_nothing()
    {
        (RealKafka kafka, TcpProxy proxy) = await ProxiedAsync();
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "answer");
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url)
            .Add(Name, "fleet/#", kafka.Bootstrap, topic, (_, config) => config["properties"] = Properties(("reconnect.backoff.max.ms", "200")))
            .Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = FaultForm.Pick(3000, 10_000) });
        int cuts = FaultForm.Pick(6, 60);
        for (int cut = 0; cut < cuts; cut++)
        {
            // An answer to Produce has some 60 bytes: this many are the answers to dozens of requests since the last cut.
            long mark = proxy.Down.Forwarded;
            await UntilAsync(() => proxy.Down.Forwarded > mark + 4000, "Kafka answers again after the cut");
            int accepted = proxy.Accepted;
            proxy.Down.CutAfter(0);
            await UntilAsync(() => proxy.Accepted > accepted, "the bridge connects to Kafka again");
        }

        await fleet.StopAsync();
        Note($"{cuts} answers cut, {proxy.Accepted} connections to Kafka");
        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await CheckAsync(ledger, bridge, repeats: 0, fleet);
    }

    [Fact]
    [Fault(21)]
    public async Task a_round_trip_above_the_time_out_of_records_loses_nothing()
    {
        (RealKafka kafka, TcpProxy proxy) = await ProxiedAsync();
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "late");
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url)
            .Add(Name, "fleet/#", kafka.Bootstrap, topic, (_, config) =>
                config["properties"] = Properties(("message.timeout.ms", "1500"), ("socket.timeout.ms", "1000"), ("reconnect.backoff.max.ms", "200")))
            .Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = 500 });
        for (int round = 0; round < FaultForm.Pick(2, 8); round++)
        {
            long mark = proxy.Down.Forwarded;
            await UntilAsync(() => proxy.Down.Forwarded > mark + 2000, "Kafka answers in time");
            proxy.Down.DelayMs = 3000;
            await Task.Delay(4000, Cancelled);
            proxy.Down.DelayMs = 0;
        }

        await fleet.StopAsync();
        using var ledger = new Ledger(kafka.Bootstrap, topic);
        // What was appended and not answered in time is produced again.
        await CheckAsync(ledger, bridge, AnyRepeats, fleet);
    }

    [Fact]
    [Fault(26)]
    public async Task a_producer_queue_that_is_full_stops_the_reading_and_does_not_spin()
    {
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "queue");
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url)
            .Add(Name, "fleet/#", kafka.Bootstrap, topic, (_, config) => config["properties"] = Properties(("queue.buffering.max.messages", "50"), ("reconnect.backoff.max.ms", "500")))
            .Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = FaultForm.Pick(5000, 100_000) });
        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await ledger.ReadCountAsync(500);
        int said = bridge.Log.Count;
        await kafka.StopAsync();
        await bridge.WaitForAsync(Name, "kafka", said);

        await AssertDoesNotSpinAsync(bridge, FaultForm.Pick(2, 10));

        await kafka.StartAgainAsync();
        await fleet.CompleteAsync();
        await CheckAsync(ledger, bridge, repeats: 0, fleet);
    }

    /// <summary>A Kafka that all its clients reach only through the proxy, for that is the address that it tells them.</summary>
    private async Task<(RealKafka Kafka, TcpProxy Proxy)> ProxiedAsync()
    {
        TcpProxy? proxy = null;
        RealKafka kafka = await RealKafka.StartAsync((port, _) =>
        {
            proxy = Own(new TcpProxy(port));
            return [$"advertised.listeners=PLAINTEXT://127.0.0.1:{proxy.Port}"];
        });
        return (Own(kafka), proxy!);
    }

    private static JsonObject Properties(params (string Name, string Value)[] properties) =>
        new(properties.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)p.Value)));
}
