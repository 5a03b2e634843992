using System.Globalization;

namespace Fastbridge.Tests.Support;

/// <summary>The lab on trial: what counts losses must itself lose nothing, and must see each kind of fault.</summary>
public class LabTests(Lab lab)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task a_fleet_reaches_a_subscriber_complete_and_in_order(int qos)
    {
        await using Mosquitto broker = await Mosquitto.StartAsync(MosquittoOptions.Keeping);
        await using RawSubscriber subscriber = await RawSubscriber.StartAsync(broker.Port, "fleet/#", qos);
        await using Fleet fleet = await Fleet.SendAsync(new FleetOptions { Port = broker.Port, Publishers = 3, Messages = 700, Qos = qos });

        await subscriber.WaitForAsync(2100);

        Assert.Equal(2100, fleet.Acknowledged);
        Assert.Equal(0, fleet.Resent);
        foreach (int publisher in Enumerable.Range(0, 3))
        {
            string head = $" {publisher}:";
            IEnumerable<int> sequence = subscriber.Received.Lines.Where(l => l.Contains(head, StringComparison.Ordinal))
                .Select(l => int.Parse(l[(l.IndexOf(':', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture));
            Assert.Equal(Enumerable.Range(0, 700), sequence);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task a_fleet_outlives_its_broker(int qos)
    {
        await using Mosquitto broker = await Mosquitto.StartAsync(MosquittoOptions.Keeping);
        await using Fleet fleet = new Fleet(new FleetOptions { Port = broker.Port, Messages = 1000, Qos = qos, Rate = 4000 }).Start();
        await fleet.WaitForAsync(500);
        await broker.StopAsync();
        await broker.StartAgainAsync();

        await fleet.CompleteAsync();

        Assert.Equal(4000, fleet.Acknowledged);
    }

    [Fact]
    public async Task a_fleet_keeps_its_pace_and_stops_when_told()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using Fleet fleet = new Fleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = 1000 }).Start();

        await fleet.WaitForAsync(100);
        await fleet.StopAsync();

        Assert.InRange(fleet.Acknowledged, 100, 999_999);
        Assert.Equal(fleet.Publishers.Sum(p => p.SentCount), fleet.Acknowledged);
    }

    [Fact]
    public async Task a_proxy_passes_a_stream_byte_by_byte_and_cuts_it_inside_a_packet()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using var proxy = new TcpProxy(broker.Port);
        proxy.Down.OneByteSegments = true;
        await using RawSubscriber subscriber = await RawSubscriber.StartAsync(proxy.Port, "fleet/#", qos: 1);
        await using Fleet fleet = await Fleet.SendAsync(new FleetOptions { Port = broker.Port, Publishers = 1, Messages = 20 });
        await subscriber.WaitForAsync(20);

        proxy.Down.CutAfter(10);
        await using Fleet more = await Fleet.SendAsync(new FleetOptions { Port = broker.Port, Publishers = 1, Messages = 20, FirstPublisher = 1 });

        await Assert.ThrowsAsync<InvalidOperationException>(() => subscriber.WaitForAsync(21));
        Assert.Equal(1, proxy.Accepted);
    }

    [Fact]
    public async Task a_proxy_swallows_one_direction_and_leaves_the_connection_open()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using var proxy = new TcpProxy(broker.Port);
        await using RawSubscriber behind = await RawSubscriber.StartAsync(proxy.Port, "fleet/#", qos: 0, "behind");
        await using RawSubscriber control = await RawSubscriber.StartAsync(broker.Port, "fleet/#", qos: 0);

        proxy.Down.Swallow = true;
        await using Fleet fleet = await Fleet.SendAsync(new FleetOptions { Port = broker.Port, Publishers = 1, Messages = 10 });
        await control.WaitForAsync(10);
        Assert.Equal(0, behind.Received.Count);
        Assert.Equal(1, proxy.Open);

        proxy.Cut();
        await Assert.ThrowsAsync<InvalidOperationException>(() => behind.WaitForAsync(1));
    }

    [Fact]
    public async Task a_ledger_names_what_is_lost_repeated_and_reordered()
    {
        string kafka = await lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "ledger", partitions: 1);
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using Fleet fleet = await Fleet.SendAsync(new FleetOptions { Port = broker.Port, Publishers = 1, Messages = 5, Topics = 1 });
        using (var producer = new Confluent.Kafka.ProducerBuilder<byte[], byte[]>(new Confluent.Kafka.ProducerConfig { BootstrapServers = kafka }).Build())
        {
            foreach (string payload in new[] { "0:0", "0:2", "0:1", "0:2", "0:4", "no fleet's" })
            {
                await producer.ProduceAsync(topic, new() { Key = "fleet/0/0"u8.ToArray(), Value = System.Text.Encoding.ASCII.GetBytes(payload) }, TestContext.Current.CancellationToken);
            }
        }

        using var ledger = new Ledger(kafka, topic, raw: true);
        await ledger.ReadAllAsync([fleet], TimeSpan.Zero);

        Assert.Equal((6, 4, 1, 1, 1, 1), (ledger.Count, ledger.Different, ledger.LostCount([fleet]), ledger.Repeats([fleet]), ledger.Reordered, ledger.Foreign.Count));
        string message = Assert.ThrowsAny<Exception>(() => ledger.Check([fleet])).Message;
        Assert.Matches(@"lost 1 \(0:3 of fleet/0/0\); repeated 1 \(allowed 0\) \(0:2 at \d/3, copy 2\); reordered 1 \(0:1 at \d/2, behind 0:2\)", message);
    }

    [Fact]
    public async Task hivemq_takes_a_fleet()
    {
        HiveMq broker = await lab.HiveMqAsync();
        await using Fleet fleet = await Fleet.SendAsync(new FleetOptions { Port = broker.Port, Messages = 200, Qos = 2, Root = "lab" });
        Assert.Equal(800, fleet.Acknowledged);
    }

    [Fact]
    public async Task a_line_log_fails_at_the_end_of_the_output_and_not_at_the_guard()
    {
        await using ChildProcess child = ChildProcess.Start("sh", ["-c", "echo one; echo two >&2; exit 3"]);
        await child.Output.WaitForAsync(["one"]);
        Assert.Equal(3, await child.WaitForExitAsync());
        string message = (await Assert.ThrowsAsync<InvalidOperationException>(() => child.Error.WaitForAsync(["three"]))).Message;
        Assert.Contains("two", message, StringComparison.Ordinal);
    }
}
