using Fastbridge.Core.Config;
using Fastbridge.Core.Config.Validation;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Core.Config;

/// <summary>The mqtt object: addresses, the merge of the file's with a connector's own, client ids, warnings.</summary>
public sealed class MqttTests
{
    [Theory]
    [InlineData("mqtt://h", "h", 1883, false)]
    [InlineData("mqtt://h:7/", "h", 7, false)]
    [InlineData("TCP://h", "h", 1883, false)]
    [InlineData("mqtts://h", "h", 8883, true)]
    [InlineData("ssl://10.0.0.1:65535", "10.0.0.1", 65535, true)]
    [InlineData("h:1", "h", 1, false)]
    [InlineData("broker.example.com", "broker.example.com", 1883, false)]
    [InlineData("mqtt://[::1]:9", "::1", 9, false)]
    [InlineData("[fe80::1]", "fe80::1", 1883, false)]
    public void Accepts_addresses(string server, string host, int port, bool tls)
    {
        ConnectorConfig connector = Files.Connector(Files.One(mqtt: $"\"server\": \"{server}\""));
        Assert.Equal((host, port, tls), (connector.Mqtt.Host, connector.Mqtt.Port, connector.Mqtt.Tls is not null));
    }

    [Theory]
    [InlineData("ws://h/a b", "the path holds a blank, a # or a character beyond ASCII; write it percent-encoded, as %20")]
    [InlineData("wss://h/a#b", "the path holds a blank, a # or a character beyond ASCII; write it percent-encoded, as %20")]
    [InlineData("ws:///mqtt", "the host is missing; write mqtt://HOST:PORT, mqtts://HOST:PORT for TLS, ws://HOST:PORT/PATH, wss://HOST:PORT/PATH, or HOST:PORT")]
    [InlineData("http://h", "the scheme before :// is none that is known; write mqtt://HOST:PORT, mqtts://HOST:PORT for TLS, ws://HOST:PORT/PATH, wss://HOST:PORT/PATH, or HOST:PORT")]
    [InlineData("mqtt://h/x", "an MQTT address has no path; write mqtt://HOST:PORT, mqtts://HOST:PORT for TLS, ws://HOST:PORT/PATH, wss://HOST:PORT/PATH, or HOST:PORT")]
    [InlineData("mqtt://", "the host is missing; write mqtt://HOST:PORT, mqtts://HOST:PORT for TLS, ws://HOST:PORT/PATH, wss://HOST:PORT/PATH, or HOST:PORT")]
    [InlineData(":1883", "the host is missing; write mqtt://HOST:PORT, mqtts://HOST:PORT for TLS, ws://HOST:PORT/PATH, wss://HOST:PORT/PATH, or HOST:PORT")]
    [InlineData("h:", "the port is no number from 1 to 65535")]
    [InlineData("h:0", "the port is no number from 1 to 65535")]
    [InlineData("h:65536", "the port is no number from 1 to 65535")]
    [InlineData("::1", "more than one colon; write an IPv6 address in brackets: [::1]:1883")]
    [InlineData("[::1", "the IPv6 address has no closing bracket, or no colon behind it; write [::1]:1883")]
    [InlineData("[h]:1", "what stands in brackets is no IPv6 address; write mqtt://HOST:PORT, mqtts://HOST:PORT for TLS, ws://HOST:PORT/PATH, wss://HOST:PORT/PATH, or HOST:PORT")]
    [InlineData("a b:1", "the host holds blanks or is longer than 253 characters; write mqtt://HOST:PORT, mqtts://HOST:PORT for TLS, ws://HOST:PORT/PATH, wss://HOST:PORT/PATH, or HOST:PORT")]
    public void Rejects_addresses(string server, string fault) =>
        Files.Rejects(Files.One(mqtt: $"\"server\": \"{server}\""), $"mqtt.server: \"{server}\": {fault}");

    [Theory]
    [InlineData("ws://h", "ws://h:80/mqtt")]
    [InlineData("wss://h", "wss://h:443/mqtt")]
    [InlineData("WSS://[::1]:8/", "wss://[::1]:8/")]
    [InlineData("ws://h:1/a/b?sig=%2Fx@y", "ws://h:1/a/b")]
    [InlineData("ws://h?x=1", "ws://h:80/mqtt")]
    public void Accepts_web_sockets_and_shows_no_query(string server, string address)
    {
        Fastbridge.Mqtt.MqttClientOptions mqtt = Files.Connector(Files.One(mqtt: $"\"server\": \"{server}\"")).Mqtt;
        Assert.Equal(address, mqtt.Servers[0].Address(mqtt.Tls is not null));
        if (server.Contains('?', StringComparison.Ordinal))
            Assert.EndsWith(server[server.IndexOf('?', StringComparison.Ordinal)..], mqtt.WebSocketPath, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[\"mqtts://a\", \"mqtt://b\"]", "mqtt.server[1]: \"mqtt://b\": is not encrypted, while another server in the list is: when that one is away, all would be sent in the clear; write mqtts:// or wss:// for all, or for none")]
    [InlineData("[\"a:1\", \"mqtt://a:1\"]", "mqtt.server[1]: \"mqtt://a:1\": the same server stands before it; remove one")]
    [InlineData("[]", "mqtt.server: the list is empty; name at least one, or leave the key out")]
    [InlineData("[\"a\", 5]", "mqtt.server[1]: expected a text or a list of texts of 1 to 4096 characters, found the number 5; write it in double quotes")]
    public void Rejects_lists_of_servers(string servers, string fault) => Files.Rejects(Files.One(mqtt: $"\"server\": {servers}"), fault);

    [Fact]
    public void Tls_makes_a_whole_list_encrypted() =>
        Assert.Equal(
            ["mqtts://a:8883", "mqtts://b:1", "wss://c:443/mqtt"],
            Files.Connector(Files.One(mqtt: "\"server\": [\"a\", \"b:1\", \"wss://c\"], \"tls\": {}")).Mqtt.Servers.Select(s => s.Address(true)));

    [Theory]
    [InlineData("socks4://h:1", "the scheme of a proxy is socks5, socks5h or http; write socks5://HOST:PORT, socks5h://HOST:PORT or http://HOST:PORT, with USER:PASSWORD@ before the host where it asks for them")]
    [InlineData("http://h", "the port is missing, as HTTP proxies have none of their own; write socks5://HOST:PORT, socks5h://HOST:PORT or http://HOST:PORT, with USER:PASSWORD@ before the host where it asks for them")]
    [InlineData("http://h:1/x", "a proxy's address has no path; write socks5://HOST:PORT, socks5h://HOST:PORT or http://HOST:PORT, with USER:PASSWORD@ before the host where it asks for them")]
    public void Rejects_proxies(string proxy, string fault) => Files.Rejects(Files.One(mqtt: $"\"proxy\": \"{proxy}\""), $"mqtt.proxy: \"{proxy}\": {fault}");

    [Theory]
    [InlineData("\"proxy\": \"http://user:hunter2@h\"")]
    [InlineData("\"proxy\": \"http://:hunter2@h:1\"")]
    [InlineData("\"server\": \"ws://h/a b?sig=hunter2\"")]
    [InlineData("\"server\": [\"wss://h/?sig=hunter2\", \"ws://h/?sig=hunter2\"]")]
    [InlineData("\"server\": \"ws://h\", \"headers\": {\"X-Key\": \"hunter2\\n\"}")]
    [InlineData("\"server\": \"ws://h\", \"headers\": {\"Sec-WebSocket-Key\": \"hunter2\"}")]
    [InlineData("\"server\": \"ws://h\", \"headers\": {\"a b\": \"hunter2\"}")]
    [InlineData("\"server\": \"ws://h\", \"headers\": [\"hunter2\"]")]
    public void Faults_show_no_secret(string mqtt) => Assert.DoesNotContain("hunter2", Assert.Single(Files.Faults(Files.One(mqtt: mqtt))), StringComparison.Ordinal);

    [Fact]
    public void Lays_a_connectors_own_object_over_the_files()
    {
        BridgeConfig bridge = Files.Valid("""
            {
              "mqtt": { "server": "mqtts://h:1", "keep_alive": 5, "username": "u", "tls": { "server_name": "n", "insecure": true }, "qos": 2, "will": { "topic": "w", "qos": 1 } },
              "connectors": [
                { "connector_name": "a", "topic_id": "x", "config": {"bootstrap_servers": "k:1", "topic": "t"} },
                { "connector_name": "b", "topic_id": "x", "config": {"bootstrap_servers": "k:1", "topic": "t"}, "qos": 0,
                  "mqtt": { "server": "h:2", "keep_alive": null, "tls": null, "will": {"retain": true} } },
                { "connector_name": "c", "topic_id": "x", "config": {"bootstrap_servers": "k:1", "topic": "t"},
                  "mqtt": { "tls": {"insecure": false}, "qos": 1, "will": null } }
              ]
            }
            """);
        var (a, b, c) = (bridge.Connectors[0].Mqtt, bridge.Connectors[1].Mqtt, bridge.Connectors[2].Mqtt);
        Assert.Equal((1, (ushort)5, "u", "n", true), (a.Port, a.KeepAlive, a.Username, a.Tls!.ServerName, a.Tls.Insecure));
        Assert.Equal((2, (ushort)60, "u", null), (b.Port, b.KeepAlive, b.Username, b.Tls));
        Assert.Equal(("w", true, QoS.AtLeastOnce), (b.Will!.Topic, b.Will.Retain, b.Will.QoS));
        Assert.Equal((1, (ushort)5, "n", false), (c.Port, c.KeepAlive, c.Tls!.ServerName, c.Tls.Insecure));
        Assert.Null(c.Will);
        Assert.Equal([QoS.ExactlyOnce, QoS.AtMostOnce, QoS.AtLeastOnce], bridge.Connectors.Select(x => x.Mqtt.Subscriptions[0].QoS));
    }

    [Fact]
    public void Reports_a_fault_of_the_files_object_once() =>
        Files.Rejects(
            """
            { "mqtt": { "keep_alive": -1 }, "connectors": [
              { "connector_name": "a", "topic_id": "x", "config": {"bootstrap_servers": "k:1", "topic": "t"}, "mqtt": {"keep_alive": 1} },
              { "connector_name": "b", "topic_id": "x", "config": {"bootstrap_servers": "k:1", "topic": "t"}, "mqtt": {} },
              { "connector_name": "c", "topic_id": "x", "config": {"bootstrap_servers": "k:1", "topic": "t"} } ] }
            """,
            "mqtt.keep_alive: -1: expected a whole number from 0 to 65535");

    [Theory]
    [InlineData("plain-name_1.x", "p-plain-name_1.x")]
    [InlineData("a/b", "p-a%2Fb")]
    [InlineData("a b", "p-a%20b")]
    [InlineData("\"+#%", "p-%22%2B%23%25")]
    [InlineData("Größe 🌡", "p-Gr%C3%B6%C3%9Fe%20%F0%9F%8C%A1")]
    public void Makes_client_ids_that_brokers_trust(string name, string clientId) => Assert.Equal(clientId, ClientIds.ForConnector("p", name));

    [Fact]
    public void Rejects_a_client_id_that_becomes_too_long() =>
        Files.Rejects(
            Files.One(mqtt: $"\"client_id\": \"{new string('p', 65_534)}\""),
            "connectors[0]: the client id made of mqtt.client_id and connector_name is longer than the 65535 bytes that MQTT can carry; shorten mqtt.client_id");

    [Fact]
    public void Tells_machines_of_one_name_apart()
    {
        Assert.Equal("fastbridge-gateway-ee6b92f5", ClientIds.DefaultPrefix(Files.Machine));
        Assert.NotEqual("fastbridge-gateway-ee6b92f5", ClientIds.DefaultPrefix(Files.Machine with { MachineId = "1" }));
        Assert.Equal("fastbridge-my%20box", ClientIds.DefaultPrefix(Files.Machine with { HostName = "my box", MachineId = null }));
    }

    [Theory]
    [InlineData("a", "", "a", "", "[1].connector_name: \"a\": [0] has this name too; give each connector a name of its own")]
    [InlineData("a", "\"client_id\": \"x\"", "b", "\"client_id\": \"x\"", "[1].mqtt.client_id: \"x\": [0] connects to the same server with the same client id; give each connector a client_id of its own, or leave it out")]
    [InlineData("a", "\"client_id\": \"fastbridge-gateway-ee6b92f5-b\"", "b", "", "[1].connector_name: \"b\": [0] connects to the same server with the same client id; give each connector a client_id of its own, or leave it out")]
    [InlineData("a", "\"client_id\": \"x\", \"server\": \"LOCALHOST\"", "b", "\"client_id\": \"x\"", "[1].mqtt.client_id: \"x\": [0] connects to the same server with the same client id; give each connector a client_id of its own, or leave it out")]
    public void Rejects_names_and_client_ids_that_stand_twice(string first, string firstMqtt, string second, string secondMqtt, string fault) =>
        Files.Rejects(Two(first, firstMqtt, second, secondMqtt), fault);

    [Fact]
    public void Accepts_one_client_id_at_two_servers() =>
        Files.Valid(Two("a", "\"client_id\": \"x\"", "b", "\"client_id\": \"x\", \"server\": \"other\""));

    [Fact]
    public void Rejects_one_client_id_where_two_lists_share_a_server() =>
        Files.Rejects(
            Two("a", "\"client_id\": \"x\", \"server\": [\"one\", \"two\"]", "b", "\"client_id\": \"x\", \"server\": [\"three\", \"two\"]"),
            "[1].mqtt.client_id: \"x\": [0] connects to the same server with the same client id; give each connector a client_id of its own, or leave it out");

    [Theory]
    [InlineData("", "\"tls\": {\"insecure\": true}", "", "mqtt.tls.insecure: true: any certificate is accepted: who stands in between can read and change all messages; name the authority in ca_file")]
    [InlineData("", "\"server\": \"mqtt://h\", \"tls\": {}", "", "mqtt.server: \"mqtt://h\": TLS is used, as there is a \"tls\" object; write mqtts:// to say so, or \"tls\": null for none")]
    [InlineData("", "\"headers\": {\"A\": \"b\"}", "", "mqtt.headers: without a ws:// or wss:// server they are not sent; remove them, or write the server's address with ws:// or wss://")]
    [InlineData("", "\"clean_start\": true", "", "mqtt.clean_start: true: what the broker queues while the bridge is away is lost, also at QoS 1 and 2; leave clean_start out")]
    [InlineData("", "\"session_expiry_interval\": 0", "", "mqtt.session_expiry_interval: 0: what the broker queues while the bridge is away is lost, also at QoS 1 and 2; leave session_expiry_interval out, or set it to the longest absence in seconds")]
    [InlineData("", "\"protocol_version\": 4, \"receive_maximum\": 9", "", "mqtt.receive_maximum: 9: has no effect in MQTT 3.1.1; remove it, or set protocol_version to 5")]
    [InlineData("", "", "\"acks\": \"1\"", "connectors[0].config.acks: \"1\": idempotence is off: a record may be lost when a broker fails, or stand in Kafka twice; \"all\" is safe")]
    public void Warns_of_what_weakens_a_promise(string connector, string mqtt, string kafka, string warning)
    {
        LoadResult result = Files.Parse(Files.One(connector, mqtt, kafka));
        Assert.NotNull(result.Config);
        Assert.EndsWith(warning, Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"clean_start\": true")]
    [InlineData("\"session_expiry_interval\": 0")]
    public void At_qos_0_a_session_that_ends_is_meant(string mqtt) =>
        Assert.Empty(Files.Parse(Files.One("\"buffer\": {},", "\"qos\": 0, " + mqtt)).Warnings);

    [Theory]
    [InlineData("\"protocol_version\": 4, \"keep_alive\": 9")]
    [InlineData("\"clean_start\": false, \"tls\": {}, \"server\": \"h:1\"")]
    public void Does_not_warn_of_what_is_meant(string mqtt) => Assert.Empty(Files.Parse(Files.One(mqtt: mqtt)).Warnings);

    [Theory]
    [InlineData("", "\"tls\": {\"ca_file\": \"none.pem\"}", "mqtt.tls.ca_file: \"none.pem\": there is no such file; relative paths begin beside the connectors file")]
    [InlineData("", "\"tls\": {\"ca_file\": \"/\"}", "mqtt.tls.ca_file: \"/\": is a folder; name the PEM file in it")]
    [InlineData("", "\"tls\": {\"fingerprint\": \"0000000000000000000000000000000000000000000000000000000000000000000g\"}", "mqtt.tls.fingerprint: \"0000000000000000000000000000000000000000000000000000000000000000000g\": no SHA-256 fingerprint: 64 hexadecimal digits, with or without colons; openssl x509 -noout -fingerprint -sha256 -in CERTIFICATE shows it")]
    [InlineData("", "\"tls\": {\"insecure\": true, \"fingerprint\": \"0000000000000000000000000000000000000000000000000000000000000000\"}", "mqtt.tls.insecure: true: any certificate is accepted, so the fingerprint is not looked at; remove insecure")]
    [InlineData("", "\"will\": {}", "mqtt.will: \"topic\" is missing; the will's topic")]
    [InlineData("", "\"will\": {\"topic\": \"a/#\"}", "mqtt.will.topic: \"a/#\": a will is published to one topic, without + and #")]
    [InlineData("", "\"client_id\": \"a\\u0000\"", "mqtt.client_id: \"a\\u0000\": must not contain U+0000")]
    [InlineData("", "\"will\": {\"topic\": \"a\", \"payload\": \"b\\u0000\"}", "mqtt.will.payload: \"b\\u0000\": must not contain U+0000")]
    [InlineData("", "\"reconnect_delay\": 40", "mqtt.reconnect_delay: 40: reconnect_delay_max must be at least reconnect_delay (40)")]
    [InlineData("\"qos\": 1, \"mqtt\": {\"qos\": 2},", "", "connectors[0].mqtt.qos: 2: the connector has \"qos\" as well; remove one")]
    [InlineData("\"headers\": \"none\",", "", "connectors[0].headers: expected an object of header names and templates, or \"mqtt\", found the text \"none\"")]
    [InlineData("\"headers\": {\"\": \"x\"},", "", "connectors[0].headers[\"\"]: a header has a name")]
    [InlineData("\"client_id\": \"${client_id}\",", "", "connectors[0].client_id: \"${client_id}\" at character 1 cannot stand in client_id, which defines it; allowed: ${topic}, ${topic[N]}, ${qos}, ${user_property.NAME}")]
    [InlineData("\"create_time\": \"yesterday\",", "", "connectors[0].create_time: expected seconds since 1970, or a time such as \"2024-01-31 10:00:00\", found the text \"yesterday\"")]
    [InlineData("\"connector_type\": \"Pulsar\",", "", "connectors[0].connector_type: \"Pulsar\": expected one of Kafka")]
    public void Rejects_the_rest(string connector, string mqtt, string fault) => Files.Rejects(Files.One(connector, mqtt), fault);

    [Theory]
    [InlineData("\"a:1,,b:2\"", "\"a:1,,b:2\": an entry is empty; write host:port, comma separated")]
    [InlineData("\"a:1,b\"", "\"a:1,b\": \"b\": the port is missing; write host:9092")]
    [InlineData("\"a:0\"", "\"a:0\": the port is no number from 1 to 65535")]
    [InlineData("\"SSL://a:1\"", "\"SSL://a:1\": an entry has no scheme; write host:port, and add \"tls\": {} beside it for TLS")]
    [InlineData("\"::1:9\"", "\"::1:9\": more than one colon; write an IPv6 address in brackets: [::1]:9092")]
    [InlineData("\"[::1]\"", "\"[::1]\": the port is missing; write host:9092")]
    [InlineData("\":1\"", "\":1\": the host is missing or holds blanks; write host:port")]
    public void Rejects_bootstrap_servers(string servers, string fault) =>
        Files.Rejects(KeyCases.File(Fastbridge.Core.Config.Schema.KeySection.Kafka, "bootstrap_servers", servers), "connectors[0].config.bootstrap_servers: " + fault);

    [Theory]
    [InlineData("acks")]
    [InlineData("request.required.acks")]
    [InlineData("enable.idempotence")]
    [InlineData("delivery.report.only.error")]
    [InlineData("transactional.id")]
    [InlineData("plugin.library.paths")]
    [InlineData("bootstrap.servers")]
    [InlineData("metadata.broker.list")]
    public void Rejects_properties_that_are_the_bridges_own(string name) =>
        Assert.Contains("this property is the bridge's own; ", Assert.Single(Files.Faults(Files.One(kafka: $"\"properties\": {{\"{name}\": \"x\"}}"))), StringComparison.Ordinal);

    [Fact]
    public void Takes_the_largest_record_from_the_properties()
    {
        ConnectorConfig connector = Files.Connector(Files.One(kafka: "\"properties\": {\"message.max.bytes\": 2000}"));
        Assert.Equal((2000, 2000, 0), (connector.Kafka.MessageMaxBytes, connector.Mqtt.LargestPublish, connector.Kafka.Properties.Count));
        Assert.Equal(connector.Kafka.MessageMaxBytes, Files.Connector(Files.One(kafka: "\"properties\": {\"message.max.bytes\": \"2000\"}")).Kafka.MessageMaxBytes);
        Files.Rejects(Files.One(kafka: "\"properties\": {\"message.max.bytes\": 999}"), "connectors[0].config.properties[\"message.max.bytes\"]: 999: expected a whole number from 1000 to 1000000000");
    }

    [Fact]
    public void Asks_the_kafka_library_about_properties()
    {
        LoadEnvironment asks = Files.Machine with { CheckKafkaProperty = (name, value) => name == "good" && value == "1" ? null : "no such property" };
        Assert.Equal(
            ["connectors[0].config.properties.bad: \"1\": no such property"],
            Files.Faults(Files.One(kafka: "\"properties\": {\"good\": 1, \"bad\": \"1\", \"message.max.bytes\": 2000}"), asks));
    }

    [Fact]
    public void Accepts_names_with_quotes_slashes_and_emoji()
    {
        string name = "a\"/'🌡" + new string('x', 123);
        Assert.Equal(name, Files.Connector(Files.One().Replace("\"a\"", "\"a\\\"/'🌡" + new string('x', 123) + "\"", StringComparison.Ordinal)).Name);
        Assert.EndsWith("has 129 characters, 128 are the most", Assert.Single(Files.Faults(Files.One().Replace("\"a\"", $"\"{new string('x', 129)}\"", StringComparison.Ordinal))), StringComparison.Ordinal);
    }

    private static string Two(string first, string firstMqtt, string second, string secondMqtt) => $$"""
        [ { "connector_name": "{{first}}", "topic_id": "x", "config": {{Files.Kafka}}, "mqtt": { {{firstMqtt}} } },
          { "connector_name": "{{second}}", "topic_id": "x", "config": {{Files.Kafka}}, "mqtt": { {{secondMqtt}} } } ]
        """;
}
