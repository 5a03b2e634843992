using Fastbridge.Core.Config;
using Fastbridge.Core.Live;

namespace Fastbridge.Tests.Core.Config;

/// <summary><c>status_topic</c>: the topic, the connection, and what is refused.</summary>
public class StatusTopicTests
{
    [Fact]
    public void it_has_the_files_server_and_credentials_a_client_id_of_its_own_and_no_session()
    {
        StatusTopicConfig status = Read("gw/${client_id}/status", """ "server": "mqtts://h:7", "client_id": "g1", "username": "u", "password": "p", "will": {"topic": "w"} """)!;
        Assert.Equal(("gw/g1/status", "g1.status", "h", 7, "u"), (status.Topic, status.Mqtt.ClientId, status.Mqtt.Host, status.Mqtt.Port, status.Mqtt.Username));
        Assert.Equal((true, 0u, 0, null), (status.Mqtt.CleanStart, status.Mqtt.SessionExpiryInterval, status.Mqtt.Subscriptions.Length, status.Mqtt.Will));
        Assert.NotNull(status.Mqtt.Tls);
    }

    [Theory]
    [InlineData("a/+", "+ and no #")]
    [InlineData("a/#", "+ and no #")]
    [InlineData("a/${topic}", "only ${client_id}")]
    [InlineData("a/${client_id", "only ${client_id}")]
    public void a_topic_that_cannot_be_published_to_is_one_fault(string topic, string named) =>
        Assert.Contains(named, Assert.Single(Files.Faults(Files.One(file: $"\"status_topic\": \"{topic}\","))), StringComparison.Ordinal);

    [Fact]
    public void a_connector_that_has_its_client_id_is_a_fault() =>
        Assert.Contains("status_topic has this client id", Assert.Single(Files.Faults(Files.One(
            "\"mqtt\": {\"client_id\": \"g1.status\"},", "\"client_id\": \"g1\"", file: "\"status_topic\": \"s\","))), StringComparison.Ordinal);

    [Fact]
    public void a_password_alone_is_a_fault_in_3_1_1() =>
        Assert.Contains(Files.Faults(Files.One("\"mqtt\": {\"username\": \"u\"},", "\"protocol_version\": 4, \"password\": \"p\"", file: "\"status_topic\": \"s\",")),
            f => f.Contains("MQTT 3.1.1 allows no password", StringComparison.Ordinal));

    [Fact]
    public void it_is_the_same_as_long_as_nothing_of_it_changes()
    {
        const string mqtt = """ "server": "h", "client_id": "g1", "username": "u", "password": "p" """;
        Assert.True(ConnectorComparison.Same(Read("s", mqtt), Read("s", mqtt)));
        Assert.False(ConnectorComparison.Same(Read("s", mqtt), Read("t", mqtt)));
        Assert.False(ConnectorComparison.Same(Read("s", mqtt), Read("s", mqtt.Replace("\"p\"", "\"q\"", StringComparison.Ordinal))));
        Assert.False(ConnectorComparison.Same(Read("s", mqtt), null));
        Assert.True(ConnectorComparison.Same((StatusTopicConfig?)null, null));
    }

    private static StatusTopicConfig? Read(string topic, string mqtt) => Files.Valid(Files.One(mqtt: mqtt, file: $"\"status_topic\": \"{topic}\",")).StatusTopic;
}
