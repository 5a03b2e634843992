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
        Course course = await CourseAsync("flap", qos, version, MosquittoOptions.Keeping with { MaxInflight = 2000 }, proxied: true, kafka: kafka.Bootstrap);
        BridgeProcess bridge = await StartSubscribedAsync(course.File);
        await kafka.StopAsync();
        Fleet fleet = StartFleet(new FleetOptions { Port = course.Broker.Port, Qos = qos, Messages = FaultForm.Pick(2000, 8000), Rate = 2000, Size = 256 });
        for (int cut = 0; cut < FaultForm.Pick(12, 40); cut++)
        {
            await Task.Delay(300, TestContext.Current.CancellationToken);
            course.Proxy.Cut();
        }

        await fleet.CompleteAsync();
        double memory = bridge.Process.PeakMemoryMb;
        await kafka.StartAgainAsync();

        Note($"{course.Proxy.Accepted} connections, peak {memory:F0} MB");
        await FinishAsync(course, bridge, fleet);
        Assert.True(memory <= 100, $"peak memory is {memory:F0} MB");
    }

    [Theory]
    [Fault(7)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task a_link_cut_inside_packets_again_and_again_loses_nothing(int qos)
    {
        // Each doubles the wait for the next attempt, until a stable minute: more of them would only wait.
        int cuts = FaultForm.Pick(6, 12);
        Course course = await CourseAsync("cut", qos, proxied: true);
        TcpProxy proxy = course.Proxy;
        BridgeProcess bridge = await StartSubscribedAsync(course.File);
        // The waits grow to half a minute. At QoS 2 mosquitto 2.0.11 must not have more than 65,535 to send then: it uses identifiers twice, and its session is done for.
        Fleet fleet = StartFleet(course, rate: FaultForm.IsLong && qos == 2 ? 1000 : 4000);
        for (int cut = 0; cut < cuts; cut++)
        {
            int said = bridge.Log.Count;
            // A prime number of bytes a time: sooner or later at every place of a packet.
            (cut % 2 == 0 ? proxy.Down : proxy.Up).CutAfter(cut % 2 == 0 ? 997 : 13);
            await bridge.WaitForAsync(Name, "connected to", said);
        }

        Note($"{proxy.Accepted} connections");
        await FinishAsync(course, bridge, fleet, AnyRepeats);
    }

    [Fact]
    [Fault(8)]
    public async Task one_byte_segments_change_nothing()
    {
        Course course = await CourseAsync("segments", qos: 2, proxied: true);
        course.Proxy.Down.OneByteSegments = true;
        course.Proxy.Up.OneByteSegments = true;
        BridgeProcess bridge = await StartSubscribedAsync(course.File);

        Fleet fleet = await SendAsync(new FleetOptions { Port = course.Broker.Port, Messages = FaultForm.Pick(100, 2000), Qos = 2 });

        await FinishAsync(course, bridge, fleet);
    }

    [Fact]
    [Fault(6)]
    public async Task a_half_open_connection_is_found_by_keep_alive()
    {
        Course course = await CourseAsync("half-open", proxied: true, keepAlive: 2);
        TcpProxy proxy = course.Proxy;
        BridgeProcess bridge = await StartSubscribedAsync(course.File);
        int said = bridge.Log.Count;

        proxy.Down.Swallow = true;
        proxy.Up.Swallow = true;
        // The next connection must not lose its CONNECT, too.
        proxy.Refuse = true;
        Fleet fleet = await SendAsync(new FleetOptions { Port = course.Broker.Port, Messages = FaultForm.Pick(100, 20_000) });
        await bridge.WaitForAsync(Name, "no answer to PINGREQ", said);
        proxy.Down.Swallow = false;
        proxy.Up.Swallow = false;
        proxy.Refuse = false;

        // A machine that stands still for longer than the broker's patience, three seconds, brings repeats before the swallowing or after it.
        await FinishAsync(course, bridge, fleet, AnyRepeats);
    }

    [Fact]
    [Fault(10)]
    public async Task acknowledgements_lost_on_the_way_bring_repeats_and_no_loss()
    {
        Course course = await CourseAsync("acks", options: MosquittoOptions.Keeping with { MaxInflight = 500 }, proxied: true);
        TcpProxy proxy = course.Proxy;
        BridgeProcess bridge = await StartSubscribedAsync(course.File);

        proxy.Up.Swallow = true;
        Fleet fleet = StartFleet(new FleetOptions { Port = course.Broker.Port, Messages = 500, Window = 400 });
        // A record stands in Kafka before its ack is written: that acks were lost, only the proxy can tell.
        await course.Ledger.ReadUntilAsync(() => course.Ledger.Count >= 500 && proxy.Up.Swallowed > 0, "500 records, and acks on their way to the broker");
        proxy.Up.Swallow = false;
        proxy.Cut();

        await fleet.CompleteAsync();
        await course.Ledger.ReadUntilAsync(() => course.Ledger.Repeats([fleet]) > 0, "a message that comes again, because its ack was lost");
        // Not one ack arrived, so every message that mosquitto sent may come again; once it has a queue it does not keep to its in-flight limit.
        await FinishAsync(course, bridge, fleet, repeats: fleet.Acknowledged);
    }

    [Fact]
    [Fault(9)]
    public async Task a_slow_link_holds_back_and_stays_alive()
    {
        // 400,000 bytes take 16 s, more than the 15 s after which a silent client is given up, and less than a busy machine stands still.
        Course course = await CourseAsync("slow", proxied: true, keepAlive: 10);
        BridgeProcess bridge = await StartSubscribedAsync(course.File);
        int said = bridge.Log.Count;
        course.Proxy.Down.BytesPerSecond = 25_000;

        Fleet fleet = await SendAsync(new FleetOptions { Port = course.Broker.Port, Messages = FaultForm.Pick(500, 5000), Size = 200 });
        await course.Ledger.ReadAllAsync([fleet]);

        Assert.DoesNotContain(bridge.Log.Lines.Skip(said), l => l.Contains("lost", StringComparison.OrdinalIgnoreCase));
        await FinishAsync(course, bridge, fleet);
    }
}
