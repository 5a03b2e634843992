using Fastbridge.Core.Config;
using Fastbridge.Core.Config.Reading;

namespace Fastbridge.Tests.Core.Config;

/// <summary>How faults read: one line each, all at once, in the order of the file, with places, nearest names and remedies.</summary>
public sealed class FaultTests
{
    [Fact]
    public void Reports_all_faults_at_once_in_the_order_of_the_file()
    {
        LoadResult result = Files.Parse("""
            {
              "mqtt": { "keep_alive": 70000, "cleint_id": "x" },
              "connectors": [
                { "connector_name": "a", "topic_id": "a/#/b", "config": "{\"bootstrap_servers\": \"k\", \"topic\": \"ü\", \"acks\": 2}" },
                { "connector_name": "a", "topic_id": ["x", "x"], "config": { "topic": "t", "properties": { "acks": 1 } } }
              ],
              "state": 1
            }
            """);
        Assert.Null(result.Config);
        Assert.Equal(
            [
                "/nowhere/c.json:2:13: mqtt.keep_alive: 70000: expected a whole number from 0 to 65535",
                "/nowhere/c.json:2:34: mqtt.cleint_id: unknown key; did you mean \"client_id\"?",
                "/nowhere/c.json:4:30: connectors[0].topic_id: \"a/#/b\": '#' must be the last level; write \"a/#\"",
                "/nowhere/c.json:4:61: connectors[0].config.bootstrap_servers: \"k\": the port is missing; write host:9092",
                "/nowhere/c.json:4:61: connectors[0].config.topic: \"ü\" cannot be a Kafka topic: \"ü\" at character 1; use letters, digits, '.', '_' and '-'",
                "/nowhere/c.json:4:61: connectors[0].config.acks: 2: expected one of all, -1, 1, 0",
                "/nowhere/c.json:5:7: connectors[1].connector_name: \"a\": connectors[0] has this name too; give each connector a name of its own",
                "/nowhere/c.json:5:48: connectors[1].topic_id[1]: \"x\": the same filter as connectors[1].topic_id[0]; remove one",
                "/nowhere/c.json:5:54: connectors[1].config: \"bootstrap_servers\" is missing; Kafka's brokers, host:port, comma separated",
                "/nowhere/c.json:5:96: connectors[1].config.properties.acks: this property is the bridge's own; write \"acks\" beside \"properties\"",
                "/nowhere/c.json:7:3: state: unknown key; did you mean \"state_dir\"?",
            ],
            result.Faults.Select(f => f.ToString()));
    }

    [Theory]
    [InlineData("\"failure\": {},", "connectors[0].failure: unknown key; did you mean \"failure_strategy\"?")]
    [InlineData("\"bootstrap_servers\": \"x\",", "connectors[0].bootstrap_servers: unknown key; it belongs in \"config\"")]
    [InlineData("\"keep_alive\": 1,", "connectors[0].keep_alive: unknown key; it belongs in \"mqtt\"")]
    [InlineData("\"topicId\": 1,", "connectors[0].topicId: unknown key; did you mean \"topic_id\"?")]
    [InlineData("\"conector_type\": 1,", "connectors[0].conector_type: unknown key; did you mean \"connector_type\"?")]
    [InlineData("\"a\\n\\\"b\": 1,", "connectors[0][\"a\\u000A\"b\"]: unknown key; ")]
    public void Names_the_nearest_known_key(string member, string fault) =>
        Assert.StartsWith(fault, Assert.Single(Files.Faults(Files.One(member))), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "\"security.protocol\": \"SSL\"", "connectors[0].config[\"security.protocol\"]: unknown key; librdkafka's own stand in \"properties\"")]
    [InlineData("", "\"compression\": \"SSL\"", "connectors[0].config.compression: unknown key; did you mean \"compression_type\"?")]
    [InlineData("\"tls\": {\"cafile\": 1}", "", "mqtt.tls.cafile: unknown key; did you mean \"ca_file\"?")]
    [InlineData("\"will\": {\"topic\": \"x\", \"wait\": 1}", "", "mqtt.will.wait: unknown key; known in \"mqtt.will\": topic, ")]
    [InlineData("\"will\": {\"topic\": \"x\", \"delay\": 1}", "", "mqtt.will.delay: unknown key; did you mean \"delay_interval\"?")]
    [InlineData("\"pasword\": \"hunter2\"", "", "mqtt.pasword: unknown key; did you mean \"password\"?")]
    public void Names_the_nearest_known_key_in_inner_objects(string mqtt, string kafka, string fault) =>
        Assert.StartsWith(fault, Assert.Single(Files.Faults(Files.One(mqtt: mqtt, kafka: kafka))), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "\"qos\": 1, \"qos\": 2", "", "mqtt.qos: the key stands twice in this object (first in line 3); remove one")]
    [InlineData("", "", "\"linger_ms\": 1, \"linger_ms\": 1", "connectors[0].config.linger_ms: the key stands twice in this object (first in line 5); remove one")]
    [InlineData("", "", "\"properties\": {\"a\": 1, \"a\": 1}", "connectors[0].config.properties.a: the key stands twice in this object (first in line 5); remove one")]
    [InlineData("\"headers\": {\"h\": \"1\", \"h\": \"2\"},", "", "", "connectors[0].headers.h: the key stands twice in this object (first in line 4); remove one")]
    [InlineData("\"tenant\": \"x\", \"cluster_name\": \"x\",", "", "", "connectors[0].tenant: the same as \"cluster_name\", which stands here too; remove one")]
    public void Rejects_doubles(string connector, string mqtt, string kafka, string fault) => Files.Rejects(Files.One(connector, mqtt, kafka), fault);

    [Theory]
    [InlineData("", ":1:1: there is nothing in it; write {\"connectors\": []} or a connector")]
    [InlineData(" \n// only this\n", ":3:1: the text ends too early; it was cut off, or a closing bracket or quote is missing")]
    [InlineData("{\"connectors\": [", ":1:17: the text ends too early; it was cut off, or a closing bracket or quote is missing")]
    [InlineData("{\n  \"a\": 1\n  \"b\": 2\n}", ":3:3: unexpected \"; a comma is missing before it, or a colon behind a name")]
    [InlineData("{'a': 1}", ":1:2: texts stand in double quotes; write \" for '")]
    [InlineData("{\"ü\": True}", ":1:7: unexpected \"T\"; texts and names stand in double quotes; else there is true, false and null")]
    [InlineData("{\"a\": \"x\ny\"}", ":1:9: a line break, tab or other control character stands inside a text; write \\n, \\t or \\u00XX, or close the text")]
    [InlineData("{\"a\": \"C:\\dir\"}", ":1:11: \"d\" is no escape in JSON; write \\\\ for a backslash")]
    [InlineData("{\"a\": }", ":1:7: unexpected }; a value or its opening bracket is missing before it")]
    [InlineData("{\"a\" = 1}", ":1:6: unexpected =; write : between a name and its value")]
    [InlineData("{\"a\": ${env:X}}", ":1:7: unexpected \"$\"; texts and names stand in double quotes; else there is true, false and null")]
    [InlineData("[] []", ":1:4: unexpected [; a comma is missing before it, or a colon behind a name")]
    [InlineData("{\"a\": \"\\ud800\"}", ":1:7: a \\u escape in this text is half of a surrogate pair; write the character itself")]
    public void Says_where_and_why_a_text_is_no_json(string json, string fault) =>
        Assert.Equal("/nowhere/c.json" + fault, Assert.Single(Files.Parse(json).Faults).ToString());

    [Fact]
    public void Rejects_brackets_nested_too_deep()
    {
        Assert.Equal(
            "/nowhere/c.json:1:65: brackets are nested more than 64 deep; is it the right file?",
            Assert.Single(Files.Parse(new string('[', 1_000_000)).Faults).ToString());
        Files.Rejects(Files.One(kafka: $"\"properties\": {{\"a\": {new string('[', 50)}{new string(']', 50)}}}"), "connectors[0].config.properties.a: expected a text, a number, true or false, found a list");
    }

    [Fact]
    public void Counts_what_is_beyond_a_thousand_faults()
    {
        LoadResult result = Files.Parse($"[{string.Join(',', Enumerable.Repeat("1", 2500))}]");
        Assert.Equal(1001, result.Faults.Length);
        Assert.Equal("/nowhere/c.json: and 1500 faults more; mend the first ones and look again", result.Faults[^1].ToString());
    }

    [Theory]
    [InlineData("clientId", "client_id")]
    [InlineData("cleint_id", "client_id")]
    [InlineData("KEEPALIVE", "keep_alive")]
    [InlineData("keep_alvie", "keep_alive")]
    [InlineData("x", null)]
    [InlineData("username2", "username")]
    [InlineData("zzzzzz", null)]
    [InlineData("keep", "keep_alive")]
    [InlineData("kee", null)]
    public void Finds_the_nearest_name(string name, string? nearest) =>
        Assert.Equal(nearest, Nearest.Of(name, ["username", "client_id", "keep_alive", "qos"]));
}
