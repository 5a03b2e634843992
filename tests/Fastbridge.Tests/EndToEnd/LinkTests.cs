using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>A bad line between broker and bridge (fault matrix, rows 6 to 10), through a proxy that is unkind on demand.</summary>
[Collection(HeavyTests.Name)]
public class LinkTests(Lab lab) : EndToEndTest(lab)
{
    [Theory]
    [Fault(7)]
    [InlineData(1, 4)]
    [InlineData(1, 5)]
    [InlineData(2, 4)]
    [InlineData(2, 5)]
    public async Task a_flapping_link_while_kafka_is_away_neither_fills_the_memory_nor_repeats(int qos, int version)
    {
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "flap");
        Mosquitto broker = await MosquittoAsync(MosquittoOptions.Keeping with { MaxInflight = 2000 });
        TcpProxy proxy = Own(new TcpProxy(broker.Port));
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(proxy.Url, version, qos).Add(Name, "fleet/#", kafka.Bootstrap, topic).Write(Folder));
        await kafka.StopAsync();
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Qos = qos, Messages = 2000, Rate = 2000, Size = 256 });
        for (int cut = 0; cut < 12; cut++)
        {
            await Task.Delay(300, TestContext.Current.CancellationToken);
            proxy.Cut();
        }

        await fleet.CompleteAsync();
        double memory = bridge.Process.PeakMemoryMb;
        await kafka.StartAgainAsync();

        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await ledger.ReadAllAsync([fleet], TestTools.Guard);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();
        Note($"{proxy.Accepted} connections, peak {memory:F0} MB, {ledger.Count} records of {fleet.Acknowledged} messages");
        Assert.True(memory <= 100, $"peak memory is {memory:F0} MB");
        ledger.Check([fleet]);
    }

    [Theory]
    [Fault(7)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task a_link_cut_inside_packets_again_and_again_loses_nothing(int qos)
    {
        // Each doubles the wait for the next attempt, until a stable minute: more of them would only wait.
        const int Cuts = 6;
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "cut");
        Mosquitto broker = await MosquittoAsync();
        TcpProxy proxy = Own(new TcpProxy(broker.Port));
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(proxy.Url, qos: qos).Add(Name, "fleet/#", kafka, topic).Write(Folder));
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Qos = qos, Messages = 1_000_000, Rate = 4000 });
        for (int cut = 0; cut < Cuts; cut++)
        {
            int said = bridge.Log.Count;
            // A prime number of bytes a time: sooner or later at every place of a packet.
            (cut % 2 == 0 ? proxy.Down : proxy.Up).CutAfter(cut % 2 == 0 ? 997 : 13);
            await bridge.WaitForAsync(Name, "connected", said);
        }

        await fleet.StopAsync();
        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();
        Note($"{fleet.Acknowledged} messages, {ledger.Count} records, {proxy.Accepted} connections");
        ledger.Check([fleet], AnyRepeats);
    }

    [Fact]
    [Fault(8)]
    public async Task one_byte_segments_change_nothing()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "segments");
        Mosquitto broker = await MosquittoAsync();
        TcpProxy proxy = Own(new TcpProxy(broker.Port));
        proxy.Down.OneByteSegments = true;
        proxy.Up.OneByteSegments = true;
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(proxy.Url, qos: 2).Add(Name, "fleet/#", kafka, topic).Write(Folder));

        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 100, Qos = 2 });

        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);
        ledger.Check([fleet]);
    }

    [Fact]
    [Fault(6)]
    public async Task a_half_open_connection_is_found_by_keep_alive()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "half-open");
        Mosquitto broker = await MosquittoAsync();
        TcpProxy proxy = Own(new TcpProxy(broker.Port));
        var file = new BridgeFile(proxy.Url);
        file.Mqtt["keep_alive"] = 2;
        BridgeProcess bridge = await StartSubscribedAsync(file.Add(Name, "fleet/#", kafka, topic).Write(Folder));
        int said = bridge.Log.Count;

        proxy.Down.Swallow = true;
        proxy.Up.Swallow = true;
        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 100 });
        await bridge.WaitForAsync(Name, "lost", said);
        proxy.Down.Swallow = false;
        proxy.Up.Swallow = false;

        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadAllAsync([fleet], TestTools.Guard);
        await EndAsync(bridge);
        ledger.Check([fleet]);
    }

    [Fact]
    [Fault(10)]
    public async Task acknowledgements_lost_on_the_way_bring_repeats_and_no_loss()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "acks");
        Mosquitto broker = await MosquittoAsync(MosquittoOptions.Keeping with { MaxInflight = 500 });
        TcpProxy proxy = Own(new TcpProxy(broker.Port));
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(proxy.Url).Add(Name, "fleet/#", kafka, topic).Write(Folder));

        proxy.Up.Swallow = true;
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 500, Window = 400 });
        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadCountAsync(500);
        proxy.Up.Swallow = false;
        proxy.Cut();

        await fleet.CompleteAsync();
        await ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();
        // Not one ack arrived, so every message that mosquitto sent may come again; once it has a queue it does not keep to its in-flight limit.
        Assert.InRange(ledger.Repeats([fleet]), 1, fleet.Acknowledged);
        ledger.Check([fleet], repeats: fleet.Acknowledged);
    }

    [Fact]
    [Fault(9)]
    public async Task a_slow_link_holds_back_and_stays_alive()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "slow");
        Mosquitto broker = await MosquittoAsync();
        TcpProxy proxy = Own(new TcpProxy(broker.Port));
        var file = new BridgeFile(proxy.Url);
        file.Mqtt["keep_alive"] = 2;
        BridgeProcess bridge = await StartSubscribedAsync(file.Add(Name, "fleet/#", kafka, topic).Write(Folder));
        int said = bridge.Log.Count;
        proxy.Down.BytesPerSecond = 50_000;

        Fleet fleet = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 500, Size = 200 });
        using var ledger = new Ledger(kafka, topic);
        await ledger.ReadAllAsync([fleet], TestTools.Guard);

        Assert.DoesNotContain(bridge.Log.Lines.Skip(said), l => l.Contains("lost", StringComparison.OrdinalIgnoreCase));
        await EndAsync(bridge);
        ledger.Check([fleet]);
    }
}
