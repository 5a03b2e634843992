using System.Text.Json;
using System.Text.Json.Nodes;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;
using static Fastbridge.Tests.Support.ServerPackets;

namespace Fastbridge.Tests.FaultMatrix;

/// <summary>A broker that breaks the rules (rows 12, 13, 14 and 16): the test plays it, the bridge is the published executable with a real Kafka.</summary>
[Collection(FaultTests.Name)]
public class BrokerFaultTests(Lab lab) : FaultTest(lab)
{
    [Theory]
    [Fault(12)]
    [InlineData(0x80, "code 0x80")]
    [InlineData(0x87, "code 0x87")]
    [InlineData(0, "only QoS 0")]
    public async Task a_subscription_that_is_not_granted_is_an_error_until_it_is(byte code, string word)
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "granted");
        await using var broker = new ScriptedBroker();
        BridgeProcess bridge = Start(File(broker, kafka, topic));
        ScriptedLink link = await broker.AcceptAsync();
        ClientSubscribe subscribe = ServerCodec.DecodeSubscribe(await link.ReadAsync(PacketType.Subscribe), MqttVersion.V5);
        await link.SendAsync(SubAck(MqttVersion.V5, subscribe.PacketId, [code]));
        string line = await bridge.WaitForAsync(Name, word);
        Assert.Contains(" error ", line, StringComparison.Ordinal);

        // Refused, it is asked for again on the next connection, though the session is there.
        link.Reset();
        link = await broker.AcceptAsync(sessionPresent: true);
        await link.GrantAsync();
        await bridge.WaitForAsync(Name, "subscribed");
        await link.SendAsync(Publish(MqttVersion.V5, "fleet/0/0", "0:0"u8.ToArray(), 1, 1));
        await link.ReadAsync(PacketType.PubAck);
        using var ledger = new Ledger(kafka, topic);
        await UntilInKafkaAsync(ledger, 1);
        FaultReport.Book(1, 1 - ledger.Different, ledger.Count - 1, ledger.Reordered);
        await bridge.StopAsync(UnixSignal.Kill);
    }

    [Fact]
    [Fault(13)]
    public async Task packets_broken_at_random_end_connections_and_nothing_else()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "broken");
        await using var broker = new ScriptedBroker();
        BridgeProcess bridge = Start(File(broker, kafka, topic));
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        Note($"seed {seed}");
        byte[] sound = Publish(MqttVersion.V5, "fleet/0/0", "x"u8.ToArray(), 1, 7, false, false, UserProperty("a", "b"), UInt16Property(0x23, 3));
        for (int round = 0; round < FaultForm.Pick(100, 3000); round++)
        {
            ScriptedLink link = await broker.AcceptAsync(sessionPresent: round > 0);
            byte[] broken = [.. sound];
            for (int n = random.Next(1, 4); n > 0; n--) broken[random.Next(broken.Length)] = (byte)random.Next(256);
            try
            {
                // What is a whole packet by chance is followed by one that never is: QoS 3.
                await link.SendAsync(broken[..random.Next(1, broken.Length + 1)], [0x36, 5, 0, 1, (byte)'a', 0, 1]);
            }
            catch (IOException)
            {
                // It was refused before it was whole.
            }

            await link.DisposeAsync();
        }

        // Payloads that were broken into sound packets may stand in Kafka; this one carries a number.
        await SpeakAsync(broker, "fleet/0/0", "0:0");
        Assert.False(bridge.Process.HasExited);
        using var ledger = new Ledger(kafka, topic);
        await UntilInKafkaAsync(ledger, 1);
        FaultReport.Book(1, 1 - ledger.Different, 0, ledger.Reordered);
        await bridge.StopAsync(UnixSignal.Kill);
    }

    [Theory]
    [Fault(14)]
    [InlineData("32FFFFFF7F000174000900")] // PUBLISH, "t", identifier 9: read past, the sender may mean it
    [InlineData("90FFFFFF7F000100")] // SUBACK: closed at once
    [InlineData("20FFFFFF7F0000")] // a second CONNACK
    public async Task a_length_of_256_MB_costs_no_memory_and_the_next_connection_works(string hex)
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "claim");
        await using var broker = new ScriptedBroker();
        BridgeProcess bridge = Start(File(broker, kafka, topic));
        ScriptedLink link = await broker.AcceptAsync();
        await link.GrantAsync();
        double before = bridge.Process.MemoryMb;
        try
        {
            await link.SendAsync(Convert.FromHexString(hex));
            byte[] megabyte = new byte[1_048_576];
            for (int n = 0; n < FaultForm.Pick(32, 200); n++) await link.SendAsync(megabyte);
        }
        catch (IOException)
        {
            // Closed, as it should be where the packet is no PUBLISH.
        }

        double grown = bridge.Process.PeakMemoryMb - before;
        Note($"grown by {grown:F1} MB");
        Assert.True(grown < 30, $"the memory has grown by {grown:F1} MB");
        link.Reset();
        await SpeakAsync(broker, "fleet/0/0", "0:0");
        using var ledger = new Ledger(kafka, topic);
        await UntilInKafkaAsync(ledger, 1);
        FaultReport.Book(1, 1 - ledger.Different, ledger.Count - 1, ledger.Reordered);
        await bridge.StopAsync(UnixSignal.Kill);
    }

    [Fact]
    [Fault(16)]
    public async Task an_alias_storm_with_remaps_gives_every_record_its_topic()
    {
        int count = FaultForm.Pick(5000, 200_000);
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "alias");
        await using var broker = new ScriptedBroker();
        BridgeProcess bridge = Start(File(broker, kafka, topic));
        ScriptedLink link = await broker.AcceptAsync();
        await link.GrantAsync();
        var random = new Random(16);
        var map = new Dictionary<ushort, string>();
        string[] topics = new string[count];
        Task acks = Task.Run(() => link.ReadAcksAsync(count), Cancelled);
        for (int n = 0; n < count; n++)
        {
            ushort alias = (ushort)random.Next(1, 1025);
            string fresh = $"fleet/0/{random.Next(50)}-{new string('x', random.Next(40))}";
            bool known = map.TryGetValue(alias, out string? before) && random.Next(3) > 0;
            if (!known) map[alias] = fresh;
            topics[n] = known ? before! : fresh;
            byte[] payload = System.Text.Encoding.ASCII.GetBytes(FormattableString.Invariant($"0:{n}"));
            await link.SendAsync(Publish(MqttVersion.V5, known ? "" : fresh, payload, 1, (ushort)((n % 65_535) + 1), false, false, UInt16Property(0x23, alias)));
        }

        await acks;
        int wrong = 0;
        using var ledger = new Ledger(kafka, topic);
        ledger.OnRecord = record =>
        {
            JsonNode json = JsonNode.Parse(record.Value)!;
            string payload = System.Text.Encoding.ASCII.GetString(json["payload"].Deserialize<byte[]>()!);
            if ((string)json["topic"]! != topics[int.Parse(payload[2..], System.Globalization.CultureInfo.InvariantCulture)]) wrong++;
        };
        await UntilInKafkaAsync(ledger, count);
        FaultReport.Book(count, count - ledger.Different, ledger.Count - ledger.Different, ledger.Reordered);
        await bridge.StopAsync(UnixSignal.Kill);
        Assert.Equal((count, 0, 0), (ledger.Count, ledger.Reordered, wrong));
    }

    private string File(ScriptedBroker broker, string kafka, string topic)
    {
        var file = new BridgeFile($"mqtt://127.0.0.1:{broker.Port}");
        // The broker misbehaves again and again: without these the waits would be all of the test.
        file.Mqtt["connect_timeout"] = 120;
        file.Mqtt["reconnect_delay"] = 0.01;
        file.Mqtt["reconnect_delay_max"] = 0.02;
        return file.Add(Name, "fleet/#", kafka, topic).Write(Folder);
    }

    /// <summary>A conversation without fault: one message, acknowledged.</summary>
    private static async Task SpeakAsync(ScriptedBroker broker, string topic, string payload)
    {
        ScriptedLink link = await broker.AcceptAsync();
        await link.GrantAsync();
        await link.SendAsync(Publish(MqttVersion.V5, topic, System.Text.Encoding.ASCII.GetBytes(payload), 1, 1));
        ClientPacket packet = await link.ReadAsync(PacketType.PubAck);
        Assert.Equal(1, ServerCodec.DecodeAck(packet).PacketId);
    }

    private static async Task UntilInKafkaAsync(Ledger ledger, int different)
    {
        while (ledger.Different < different) await ledger.ReadCountAsync(ledger.Count + 1);
        await ledger.ReadToEndAsync();
    }
}
