using System.Collections.Immutable;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Fastbridge.Core.Checking;
using Fastbridge.Core.Config;
using Fastbridge.Kafka.Checking;
using Fastbridge.Mqtt;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Cli;

/// <summary><c>check</c> with users: a real Kafka with SASL, access rules and no topics made by themselves.</summary>
public class CheckRightsTests
{
    private static ConnectorConfig Connector(string name, string bootstrap, string topic, string user, string password) => new()
    {
        Name = name,
        Mqtt = new MqttClientOptions(),
        Kafka = new KafkaConfig
        {
            BootstrapServers = bootstrap,
            Topic = topic,
            Properties = new Dictionary<string, string>
            {
                ["security.protocol"] = "sasl_plaintext",
                ["sasl.mechanism"] = "PLAIN",
                ["sasl.username"] = user,
                ["sasl.password"] = password,
            }.ToImmutableSortedDictionary(StringComparer.Ordinal),
        },
    };

    [Fact]
    public async Task a_wrong_password_a_topic_that_is_not_there_and_rights_that_lack_are_failures_with_remedies()
    {
        await using SecureKafka kafka = await SecureKafka.StartAsync("--sasl", "--acl", "auto.create.topics.enable=false", "allow.everyone.if.no.acl.found=false");
        string plain = kafka.Bootstrap, sasl = kafka.Sasl;
        await KafkaTopics.CreateNamedAsync(plain, "open");
        await KafkaTopics.CreateNamedAsync(plain, "readable");
        await KafkaTopics.CreateNamedAsync(plain, "hidden");
        await AllowAsync(plain, ("open", AclOperation.Write), ("readable", AclOperation.Read), ("missing", AclOperation.Describe));
        Finding[] findings = [.. await KafkaProbe.RunAsync(
            [
                Connector("open", sasl, "open", "alice", "alice-secret"), Connector("readable", sasl, "readable", "alice", "alice-secret"),
                Connector("hidden", sasl, "hidden", "alice", "alice-secret"), Connector("missing", sasl, "missing", "alice", "alice-secret"),
                Connector("stranger", sasl, "open", "alice", "not-the-secret"),
            ],
            TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken).WaitAsync(TestTools.Guard, TestContext.Current.CancellationToken)];
        Assert.Equal([("open", FindingLevel.Ok, "permitted"), ("readable", FindingLevel.Fail, "not permitted to this user")],
            findings.Where(f => f.What.StartsWith("write ", StringComparison.Ordinal)).Select(f => (f.Connectors.Single(), f.Level, f.Text)));
        Assert.Equal((FindingLevel.Fail, "this user may not see it"), Level(findings, "topic hidden"));
        Assert.Equal(FindingLevel.Fail, Level(findings, "topic missing").Level);
        Assert.Contains("auto.create.topics.enable is off", Level(findings, "topic missing").Text, StringComparison.Ordinal);
        Finding stranger = Assert.Single(findings, f => f.Connectors.Contains("stranger"));
        Assert.Equal(("connect", FindingLevel.Fail), (stranger.What, stranger.Level));
        Assert.Contains("sasl.password", stranger.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(findings, f => (f.Text + f.Remedy).Contains("-secret", StringComparison.Ordinal));
    }

    private static (FindingLevel Level, string Text) Level(Finding[] findings, string what)
    {
        Finding finding = Assert.Single(findings, f => f.What == what);
        return (finding.Level, finding.Text);
    }

    private static async Task AllowAsync(string bootstrap, params (string Topic, AclOperation Operation)[] rules)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build();
        var bindings = rules.Select(r => new AclBinding
        {
            Pattern = new ResourcePattern { Type = ResourceType.Topic, Name = r.Topic, ResourcePatternType = ResourcePatternType.Literal },
            Entry = new AccessControlEntry { Principal = "User:alice", Host = "*", Operation = r.Operation, PermissionType = AclPermissionType.Allow },
        }).Append(new AclBinding
        {
            Pattern = new ResourcePattern { Type = ResourceType.Broker, Name = "kafka-cluster", ResourcePatternType = ResourcePatternType.Literal },
            Entry = new AccessControlEntry { Principal = "User:alice", Host = "*", Operation = AclOperation.DescribeConfigs, PermissionType = AclPermissionType.Allow },
        });
        await admin.CreateAclsAsync(bindings);
    }
}
