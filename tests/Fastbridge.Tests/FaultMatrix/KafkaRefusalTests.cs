using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Fastbridge.Kafka.Mock;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.FaultMatrix;

/// <summary>Kafka moves, refuses and deletes (rows 22, 23 and 25).</summary>
[Collection(FaultTests.Name)]
public class KafkaRefusalTests(Lab lab) : FaultTest(lab)
{
    [Fact]
    [Fault(22)]
    public async Task leaders_that_move_under_load_are_not_noticed()
    {
        using var kafka = new MockKafka(3);
        string topic = KafkaTopics.UniqueName("leaders");
        kafka.CreateTopic(topic, 3);
        Mosquitto broker = await MosquittoAsync();
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka.BootstrapServers, topic).Write(Folder));
        int said = bridge.Log.Count;
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = FaultForm.Pick(1500, 10_000), Rate = 2000 });
        using var ledger = new Ledger(kafka.BootstrapServers, topic);
        for (int move = 0; move < FaultForm.Pick(6, 40); move++)
        {
            await Task.Delay(300, Cancelled);
            kafka.SetLeader(topic, move % 3, 1 + ((move + 1) % 3));
        }

        await fleet.CompleteAsync();
        await ledger.ReadAllAsync([fleet], TestTools.Guard);
        string[] lines = [.. bridge.Log.Lines.Skip(said)];
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();
        ledger.Check([fleet]);
        Assert.Empty(lines);
    }

    /// <summary>The mock checks no sequences: with more than one request in flight its error would be covered up by the next one's success.</summary>
    [Fact]
    [Fault(23)]
    public async Task a_fatal_error_rebuilds_the_producer_under_load_and_loses_nothing()
    {
        using var kafka = new MockKafka();
        string topic = KafkaTopics.UniqueName("fatal");
        kafka.CreateTopic(topic, 1);
        Mosquitto broker = await MosquittoAsync();
        string file = new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka.BootstrapServers, topic, (_, config) =>
            config["properties"] = new JsonObject { ["max.in.flight.requests.per.connection"] = "1" }).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        // Each rebuild waits twice as long as the one before, and the mock keeps 5 MB of a partition: what has waited must not push out what is not read yet.
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = FaultForm.Pick(1000, 100) });
        using var ledger = new Ledger(kafka.BootstrapServers, topic);
        for (int round = 0; round < FaultForm.Pick(2, 10); round++)
        {
            await ledger.ReadCountAsync(ledger.Count + FaultForm.Pick(500, 100));
            int said = bridge.Log.Count;
            kafka.FailProduce(ErrorCode.OutOfOrderSequenceNumber);
            await bridge.WaitForAsync(Name, "rebuilt", said);
            await bridge.WaitForAsync(Name, "works again", said);
        }

        await fleet.StopAsync();
        await CheckAsync(ledger, bridge, repeats: 0, fleet);
    }

    [Fact]
    [Fault(25)]
    public async Task a_denied_topic_holds_its_messages_until_it_is_allowed()
    {
        SecureKafka kafka = Own(await SecureKafka.StartAsync("--sasl", "--acl"));
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "denied");
        Mosquitto broker = await MosquittoAsync();
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka.Sasl, topic, (_, config) => config["properties"] = new JsonObject
        {
            ["security.protocol"] = "SASL_PLAINTEXT",
            ["sasl.mechanism"] = "PLAIN",
            ["sasl.username"] = "alice",
            ["sasl.password"] = "alice-secret",
        }).Write(Folder));
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = 1000 });
        using var ledger = new Ledger(kafka.Bootstrap, topic);
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.Bootstrap }).SetLogHandler((_, _) => { }).Build();
        for (int round = 0; round < FaultForm.Pick(1, 5); round++)
        {
            await ledger.ReadCountAsync(ledger.Count + 500);
            int said = bridge.Log.Count;
            AclBinding denied = new()
            {
                Pattern = new ResourcePattern { Type = ResourceType.Topic, Name = topic, ResourcePatternType = ResourcePatternType.Literal },
                Entry = new AccessControlEntry { Principal = "User:alice", Host = "*", Operation = AclOperation.Write, PermissionType = AclPermissionType.Deny },
            };
            await admin.CreateAclsAsync([denied]);
            await bridge.WaitForAsync(Name, "held", said);
            await AssertDoesNotSpinAsync(bridge);
            await admin.DeleteAclsAsync([denied.ToFilter()]);
            await bridge.WaitForAsync(Name, "goes on", said);
        }

        await fleet.StopAsync();
        await CheckAsync(ledger, bridge, repeats: 0, fleet);
    }

    [Fact]
    [Fault(25)]
    public async Task a_topic_deleted_under_the_bridge_holds_what_comes_until_it_is_there_again()
    {
        RealKafka kafka = Own(await RealKafka.StartAsync("auto.create.topics.enable=false"));
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "deleted");
        Mosquitto broker = await MosquittoAsync();
        // librdkafka believes in a new topic for half a minute; here it shall look sooner.
        string file = new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka.Bootstrap, topic, (_, config) =>
            config["properties"] = new JsonObject { ["topic.metadata.propagation.max.ms"] = "1000" }).Write(Folder);
        BridgeProcess bridge = await StartSubscribedAsync(file);
        Fleet before = await SendAsync(new FleetOptions { Port = broker.Port });
        using (var first = new Ledger(kafka.Bootstrap, topic))
        {
            await first.ReadAllAsync([before]);
            first.Check([before]);
        }

        await KafkaTopics.DeleteAsync(kafka.Bootstrap, topic);
        int said = bridge.Log.Count;
        Fleet after = await SendAsync(new FleetOptions { Port = broker.Port, FirstPublisher = 10 });
        await bridge.WaitForAsync(Name, "held", said);
        await KafkaTopics.CreateNamedAsync(kafka.Bootstrap, topic);

        using var ledger = new Ledger(kafka.Bootstrap, topic);
        await CheckAsync(ledger, bridge, repeats: 0, after);
    }
}
