using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Fastbridge.Core.Checking;
using Fastbridge.Core.Config;
using Fastbridge.Kafka.Checking;
using Fastbridge.Kafka.Mock;
using Fastbridge.Mqtt;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Cli;

/// <summary><c>check</c> at the Kafka end: on a mock cluster, on sockets that do not answer, and on a real Kafka with access rules.</summary>
public class CheckKafkaTests(Lab lab)
{
    /// <summary>Of what answers: a limit that is not met.</summary>
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(60);

    private static ConnectorConfig Connector(string name, string bootstrap, string topic, int? batch = null, params (string Name, string Value)[] properties) => new()
    {
        Name = name,
        Mqtt = new MqttClientOptions(),
        Kafka = new KafkaConfig
        {
            BootstrapServers = bootstrap,
            Topic = topic,
            BatchSize = batch,
            Properties = properties.ToImmutableSortedDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal),
        },
    };

    private static async Task<Finding[]> RunAsync(TimeSpan timeout, params ConnectorConfig[] connectors) =>
        [.. await KafkaProbe.RunAsync([.. connectors], timeout, TestContext.Current.CancellationToken).WaitAsync(TestTools.Guard, TestContext.Current.CancellationToken)];

    private static Finding Of(Finding[] findings, string what) => Assert.Single(findings, f => f.What == what);

    [Fact]
    public async Task a_cluster_and_a_topic_are_found_and_equal_ends_asked_once()
    {
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 3);
        Finding[] findings = await RunAsync(Ample, Connector("a", kafka.BootstrapServers, "t"), Connector("b", kafka.BootstrapServers, "${topic}"), Connector("c", kafka.BootstrapServers, "t"));
        Assert.Equal((FindingLevel.Ok, "1 broker"), (Of(findings, "connect").Level, Of(findings, "connect").Text));
        Assert.Equal(["a", "b", "c"], Of(findings, "connect").Connectors);
        Assert.Equal((FindingLevel.Ok, "3 partitions"), (Of(findings, "topic t").Level, Of(findings, "topic t").Text));
        Assert.Equal(["a", "c"], Of(findings, "topic t").Connectors);
        Assert.Equal((FindingLevel.Ok, "b"), (Of(findings, "topic ${topic}").Level, Of(findings, "topic ${topic}").Connectors.Single()));
        Assert.DoesNotContain(findings, f => f.Level == FindingLevel.Fail);
    }

    [Fact]
    public async Task nothing_that_listens_is_a_failure_with_a_remedy_long_before_the_timeout()
    {
        Finding connect = Assert.Single(await RunAsync(TimeSpan.FromMinutes(10), Connector("a", $"127.0.0.1:{Ports.Free()}", "t")));
        Assert.Equal(("connect", FindingLevel.Fail), (connect.What, connect.Level));
        Assert.Contains("Connection refused", connect.Text, StringComparison.Ordinal);
        Assert.Contains("bootstrap_servers", connect.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_black_hole_ends_with_the_timeout()
    {
        using var hole = new TcpListener(IPAddress.Loopback, 0);
        hole.Start();
        string address = $"127.0.0.1:{((IPEndPoint)hole.LocalEndpoint).Port}";
        Finding connect = Assert.Single(await RunAsync(TimeSpan.FromSeconds(1), Connector("a", address, "t")));
        Assert.Equal(("connect", FindingLevel.Fail), (connect.What, connect.Level));
    }

    [Fact]
    public async Task settings_that_librdkafka_refuses_together_are_a_failure_of_their_connector_only()
    {
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 1);
        Finding[] findings = await RunAsync(Ample,
            Connector("bad", kafka.BootstrapServers, "t", null, ("ssl.ca.location", "/nowhere/ca.pem"), ("security.protocol", "ssl")), Connector("good", kafka.BootstrapServers, "t"));
        Assert.Equal((FindingLevel.Fail, "bad"), (Of(findings, "settings").Level, Of(findings, "settings").Connectors.Single()));
        Assert.Equal((FindingLevel.Ok, "good"), (Of(findings, "connect").Level, Of(findings, "connect").Connectors.Single()));
    }

    [Fact]
    public async Task a_missing_topic_is_not_created_by_asking_and_a_small_limit_is_a_warning()
    {
        if (!TestTools.HasKafkaScript && TestTools.KafkaAddress is null)
            TestTools.Skip($"a real Kafka is needed: set {TestTools.ToolsSetting} or {TestTools.KafkaSetting}");
        string kafka = await lab.KafkaAsync();
        string small = await KafkaTopics.CreateAsync(kafka, "small", 2, ("max.message.bytes", "20000"));
        string missing = KafkaTopics.UniqueName("missing");
        Finding[] findings = await RunAsync(Ample, Connector("a", kafka, small), Connector("b", kafka, small, 10_000), Connector("c", kafka, missing));
        Assert.DoesNotContain(findings, f => f.Level == FindingLevel.Fail);
        Assert.Equal("2 partitions", Of(findings, $"topic {small}").Text);
        Assert.Equal("permitted", Of(findings, $"write {small}").Text);
        Assert.Equal([("a", FindingLevel.Warn), ("b", FindingLevel.Ok)], findings.Where(f => f.What == $"record size {small}").Select(f => (f.Connectors.Single(), f.Level)));
        Assert.Contains("set batch_size to 20000 or less", findings.Single(f => f.What == $"record size {small}" && f.Connectors[0] == "a").Remedy, StringComparison.Ordinal);
        Assert.Equal(FindingLevel.Warn, Of(findings, $"topic {missing}").Level);
        Assert.Contains("creates it at the first record", Of(findings, $"topic {missing}").Text, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() => KafkaTopics.Partitions(kafka, missing));
    }
}
