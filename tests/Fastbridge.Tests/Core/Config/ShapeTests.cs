using Fastbridge.Core.Config;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Core.Config;

/// <summary>The three shapes of the file, and of a connector's config.</summary>
public sealed class ShapeTests
{
    /// <summary>The reference page's complete connector, word for word.</summary>
    private const string ReferencePage = """
        {
          "cluster_name": "default",
          "connector_name": "kafka_connector_01",
          "connector_type": "Kafka",
          "config": "{\"bootstrap_servers\": \"localhost:9092\", \"topic\": \"mqtt_messages\", \"key\": \"sensor_data\"}",
          "topic_id": "sensor/data",
          "status": "Idle",
          "broker_id": null,
          "create_time": 1640995200,
          "update_time": 1640995200
        }
        """;

    [Theory]
    [InlineData(ReferencePage)]
    [InlineData("[" + ReferencePage + "]")]
    [InlineData("{\"connectors\": [" + ReferencePage + "]}")]
    public void Accepts_the_reference_page_in_every_shape(string json)
    {
        BridgeConfig bridge = Files.Valid(json);
        ConnectorConfig connector = Assert.Single(bridge.Connectors);
        Assert.Equal("kafka_connector_01", connector.Name);
        Assert.Equal("default", connector.ClusterName);
        Assert.True(connector.Enabled);
        Assert.Null(connector.BrokerId);
        Assert.Equal(new DateTimeOffset(2022, 1, 1, 0, 0, 0, TimeSpan.Zero), connector.CreateTime);
        Assert.Equal(connector.CreateTime, connector.UpdateTime);
        Assert.Equal("localhost:9092", connector.Kafka.BootstrapServers);
        Assert.Equal("mqtt_messages", connector.Kafka.Topic);
        Assert.Equal("sensor_data", connector.Kafka.Key);
        Assert.Equal("localhost", connector.Mqtt.Host);
        Assert.Equal(1883, connector.Mqtt.Port);
        Assert.Equal("fastbridge-gateway-ee6b92f5-kafka_connector_01", connector.Mqtt.ClientId);
        var subscription = Assert.Single(connector.Mqtt.Subscriptions);
        Assert.Equal("sensor/data", subscription.Filter);
        Assert.Equal(QoS.AtLeastOnce, subscription.QoS);
        Assert.Equal("/nowhere/fastbridge-state", bridge.StateDir);
    }

    [Theory]
    [InlineData("a\\nb", "\"a\\u000Ab\": a connector's name has no control characters; leave them out")]
    [InlineData("a\\u0085", "\"a\\u0085\": a connector's name has no control characters; leave them out")]
    [InlineData("\\u2028", "\"\\u2028\": a connector's name has no control characters; leave them out")]
    [InlineData(" a", "\" a\": a connector's name does not begin or end with a blank; write \"a\"")]
    [InlineData("a\u00A0", "\"a\u00A0\": a connector's name does not begin or end with a blank; write \"a\"")]
    public void Rejects_names_that_look_like_others_or_break_a_line(string name, string fault) =>
        Files.Rejects(Files.One().Replace("\"connector_name\": \"a\"", $"\"connector_name\": \"{name}\"", StringComparison.Ordinal), "connectors[0].connector_name: " + fault);

    [Fact]
    public void Accepts_names_of_any_other_characters() =>
        Assert.Equal("ä b/'c\"🚀", Files.Connector(Files.One().Replace("\"connector_name\": \"a\"", "\"connector_name\": \"ä b/'c\\\"🚀\"", StringComparison.Ordinal)).Name);

    [Fact]
    public void Accepts_comments_trailing_commas_and_a_byte_order_mark()
    {
        string json = "\uFEFF// mine\n[ /* one */ " + ReferencePage.Replace("1640995200\n}", "1640995200,\n}", StringComparison.Ordinal) + ", ]";
        Assert.Equal("kafka_connector_01", Files.Connector(json).Name);
    }

    [Theory]
    [InlineData("""{"Kafka": {"bootstrap_servers": "k:1", "topic": "x"}}""")]
    [InlineData("""{"kafka": {"bootstrap_servers": "k:1", "topic": "x"}}""")]
    [InlineData("""{"bootstrap_servers": "k:1", "topic": "x"}""")]
    [InlineData(""" "{\"bootstrap_servers\": \"k:1\", \"topic\": \"x\"}" """)]
    [InlineData(""" "{\"Kafka\": {\"bootstrap_servers\": \"k:1\", /* c */ \"topic\": \"x\",}}" """)]
    public void Accepts_a_config_in_every_shape(string config)
    {
        ConnectorConfig connector = Files.Connector($$"""{"connector_name": "a", "topic_id": "b", "config": {{config}}}""");
        Assert.Equal("k:1", connector.Kafka.BootstrapServers);
        Assert.Equal("x", connector.Kafka.Topic);
        Assert.Null(connector.Kafka.Key);
    }

    [Fact]
    public void Accepts_what_the_newer_api_lists()
    {
        ConnectorConfig connector = Files.Connector("""
            [{"tenant": "plant", "connector_name": "a", "connector_type": "kafka", "config":
              "{\"Kafka\":{\"bootstrap_servers\":\"k:9092\",\"topic\":\"x\",\"key\":\"\",\"compression_type\":\"none\",\"batch_size\":16384,\"linger_ms\":5,\"acks\":\"1\",\"retries\":3,\"message_timeout_ms\":30000,\"cleanup_timeout_secs\":10}}",
              "topic_name": "s/+", "status": "Stop", "broker_id": "-", "create_time": "2024-01-01 10:00:00", "update_time": "2024-01-01 10:00:01"}]
            """);
        Assert.Equal("plant", connector.ClusterName);
        Assert.False(connector.Enabled);
        Assert.Null(connector.BrokerId);
        Assert.Equal(1704103200, connector.CreateTime!.Value.ToUnixTimeSeconds());
        Assert.Equal(1704103201, connector.UpdateTime!.Value.ToUnixTimeSeconds());
        Assert.Equal("s/+", connector.Mqtt.Subscriptions[0].Filter);
        Assert.Equal("", connector.Kafka.Key);
        Assert.Equal(1, connector.Kafka.Acks);
        Assert.Equal(16384, connector.Kafka.BatchSize);
    }

    [Theory]
    [InlineData("Idle", true)]
    [InlineData("Running", true)]
    [InlineData("Error", true)]
    [InlineData("Stop", false)]
    [InlineData("Stopped", false)]
    [InlineData("stopped", false)]
    public void Accepts_every_status(string status, bool enabled) =>
        Assert.Equal(enabled, Files.Connector(Files.One($"\"status\": \"{status}\",")).Enabled);

    [Theory]
    [InlineData("5", "expected an object with \"connectors\", a list of connectors or one connector, found the number 5")]
    [InlineData("null", "expected an object with \"connectors\", a list of connectors or one connector, found null")]
    [InlineData("{}", "\"connectors\" is missing; the connectors")]
    [InlineData("[1]", "[0]: expected a connector, an object, found the number 1")]
    [InlineData("""{"connectors": {"a": 1}}""", "connectors: expected a list of objects, found an object; write [ ] around it")]
    [InlineData("""{"conectors": []}""", "conectors: unknown key; did you mean \"connectors\"?")]
    [InlineData("""{"connectors": [], "mqtt": []}""", "mqtt: expected an object, found a list")]
    [InlineData("""{"connectors": [], "mqtt": {"qos": 3}}""", "mqtt.qos: 3: expected a whole number from 0 to 2")]
    public void Rejects_other_shapes(string json, string fault) => Files.Rejects(json, fault);

    [Theory]
    [InlineData("[1]", "expected an object, or JSON of one in a text, found a list")]
    [InlineData("\"[]\"", "expected an object, or JSON of one in a text, found a list")]
    [InlineData("\"\"", "is empty; name at least bootstrap_servers and topic")]
    [InlineData("\"{\\\"topic\\\": \"", "no valid JSON: at byte 11 the text ends too early; it was cut off, or a closing bracket or quote is missing")]
    [InlineData("\"{topic: 1}\"", "no valid JSON: at byte 2 unexpected \"t\"; texts and names stand in double quotes; else there is true, false and null")]
    [InlineData("\"${env:BROKEN}\"", "no valid JSON: at byte 2 unexpected \"h\"; texts and names stand in double quotes; else there is true, false and null")]
    public void Rejects_a_config_that_is_none(string config, string fault) =>
        Files.Rejects($$"""[{"connector_name": "a", "topic_id": "b", "config": {{config}}}]""", "[0].config: " + fault);

    [Fact]
    public void Rejects_a_config_text_of_more_than_4096_characters()
    {
        string config = "{\\\"bootstrap_servers\\\": \\\"k:1\\\", \\\"topic\\\": \\\"x\\\"" + new string(' ', 4096) + "}";
        Files.Rejects(
            $$"""[{"connector_name": "a", "topic_id": "b", "config": "{{config}}"}]""",
            "[0].config: the text has 4138 characters, 4096 are the most; write it as an object, which has no such bound");
    }

    [Fact]
    public void Warns_of_a_file_without_connectors()
    {
        LoadResult result = Files.Parse("""{"connectors": []}""");
        Assert.Empty(result.Config!.Connectors);
        Assert.Equal("/nowhere/c.json:1:2: connectors: there is no connector in the file, so nothing is bridged", Assert.Single(result.Warnings));
    }
}
