using System.Text;
using Fastbridge.Core.Config;

namespace Fastbridge.Tests.Core.Config;

/// <summary>Secrets are put in anywhere and shown nowhere.</summary>
public sealed class SecretTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fastbridge-config-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Resolves_variables_anywhere_in_a_text()
    {
        ConnectorConfig connector = Files.Connector(Files.One(
            "\"username\": \"${topic[1]}-${env:NUMBER}\", \"headers\": {\"h\": \"${env:NUMBER}${topic}\"},",
            "\"username\": \"u-${env:NUMBER}-${env:EMPTY}x\", \"password\": \"${env:SECRET}\", \"keep_alive\": \"${env:NUMBER}\", \"clean_start\": \"${env:TRUE}\"",
            "\"topic\": \"${env:TOPIC}\", \"key\": \"${qos}\", \"properties\": {\"sasl.password\": \"${env:SECRET}\"}"));
        Assert.Equal("u-42-x", connector.Mqtt.Username);
        Assert.Equal("hunter2\"}", Encoding.UTF8.GetString(connector.Mqtt.Password!.Value.Span));
        Assert.Equal(42, connector.Mqtt.KeepAlive);
        Assert.True(connector.Mqtt.CleanStart);
        Assert.Equal("${topic[1]}-42", connector.Record.Username);
        Assert.Equal(KeyValuePair.Create("h", "42${topic}"), connector.Record.Headers[0]);
        Assert.Equal("mqtt.${topic[0]}", connector.Kafka.Topic);
        Assert.Equal("hunter2\"}", connector.Kafka.Properties["sasl.password"]);
    }

    [Fact]
    public void Resolves_inside_a_config_text_after_parsing_it()
    {
        ConnectorConfig connector = Files.Connector("""
            {"connector_name": "a", "topic_id": "b", "config": "{\"bootstrap_servers\": \"k:1\", \"topic\": \"x\", \"properties\": {\"sasl.password\": \"${env:SECRET}\"}}"}
            """);
        Assert.Equal("hunter2\"}", connector.Kafka.Properties["sasl.password"]);
    }

    [Fact]
    public void Resolves_a_config_that_is_one_reference() =>
        Assert.Equal("from-env", Files.Connector("""{"connector_name": "a", "topic_id": "b", "config": "${env:KAFKA}"}""").Kafka.Topic);

    [Fact]
    public void Leaves_templates_and_escapes_alone()
    {
        ConnectorConfig connector = Files.Connector(Files.One(
            "\"headers\": {\"h\": \"$${env:SECRET}\", \"g\": \"$${topic}\"},", "\"username\": \"$${env:SECRET}\", \"password\": \"${x}$${y}\"", "\"key\": \"${topic[0]}$\""));
        Assert.Equal("$${env:SECRET}", connector.Record.Headers[0].Value); // the template's own escape, for the text ${env:SECRET}
        Assert.Equal("$${topic}", connector.Record.Headers[1].Value);
        Assert.Equal("${env:SECRET}", connector.Mqtt.Username);
        Assert.Equal("${x}$${y}", Encoding.UTF8.GetString(connector.Mqtt.Password!.Value.Span));
        Assert.Equal("${topic[0]}$", connector.Kafka.Key);
    }

    [Theory]
    [InlineData("pass", "pass")]
    [InlineData("pass\n", "pass")]
    [InlineData("pass\r\n", "pass")]
    [InlineData("pass\n\n", "pass\n")]
    [InlineData(" pä ss ", " pä ss ")]
    [InlineData("", "")]
    public void Reads_files_beside_the_connectors_file_and_drops_one_newline(string content, string value)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "secrets"));
        File.WriteAllText(Path.Combine(_folder, "secrets", "p"), content);
        LoadResult result = Load("\"username\": \"u\", \"password\": \"${file:secrets/p}\"");
        Assert.Equal(value, Encoding.UTF8.GetString(result.Config!.Connectors[0].Mqtt.Password!.Value.Span));
    }

    [Theory]
    [InlineData("${env:NONESUCH}", "\"${env:NONESUCH}\": there is no such environment variable; set it for this process (a service has its own environment), or use ${file:PATH}")]
    [InlineData("${env:}", "\"${env:}\": there is no such environment variable; set it for this process (a service has its own environment), or use ${file:PATH}")]
    [InlineData("${file:none/such}", "\"${file:none/such}\": there is no such file; check the path")]
    [InlineData("${file:.}", "\"${file:.}\": is a folder; name the file in it")]
    [InlineData("${file:}", "\"${file:}\": no file is named; write ${file:PATH}")]
    [InlineData("${file:latin1}", "\"${file:latin1}\": the file is not UTF-8; save it as UTF-8")]
    [InlineData("${file:large}", "\"${file:large}\": is larger than 64 KB, which is the most that is read; is it the right file?")]
    [InlineData("x${env:NUMBER", "\"x${env:NUMBER\": a reference has no closing brace; write ${env:NAME} or ${file:PATH}, or $${ for the text ${")]
    public void Rejects_references_to_nothing(string text, string fault)
    {
        File.WriteAllBytes(Path.Combine(_folder, "latin1"), [0xFC]);
        File.WriteAllBytes(Path.Combine(_folder, "large"), new byte[65_537]);
        Assert.EndsWith($": mqtt.username: {fault}", Assert.Single(Load($"\"username\": \"{text}\"").Faults).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"topic_id\": \"${env:FILTER}\",", "", "", "connectors[0].topic_id: \"${env:FILTER}\": '#' must be the last level")]
    [InlineData("\"qos\": \"${env:SECRET}\",", "", "", "connectors[0].qos: expected a whole number from 0 to 2, found the text \"${env:SECRET}\"")]
    [InlineData("\"format\": \"${env:SECRET}\",", "", "", "connectors[0].format: \"${env:SECRET}\": expected one of robustmq, raw")]
    [InlineData("", "\"server\": \"${env:SECRET}:x\"", "", "mqtt.server: the port is no number from 1 to 65535")]
    [InlineData("", "\"server\": \"mqtt://u:hunter2@h:1\"", "", "mqtt.server: user name and password do not belong in the address; write them in username and password")]
    [InlineData("", "\"server\": \"mqtt://u:hunter2@h\\u0000\"", "", "mqtt.server: (hidden): must not contain U+0000")]
    [InlineData("", "", "\"properties\": {\"x y\": 1, \"client.rack\": \"http://u:hunter2@h\\u0000\"}", "connectors[0].config.properties[\"client.rack\"]: (hidden): must not contain U+0000")]
    [InlineData("", "\"username\": \"u\", \"password\": [\"hunter2\"]", "", "mqtt.password: expected a text of 0 to 65535 characters, found a list")]
    [InlineData("", "\"username\": \"u\", \"password\": 12345", "", "mqtt.password: expected a text of 0 to 65535 characters, found a number; write it in double quotes")]
    [InlineData("", "\"protocol_version\": 4, \"password\": \"hunter2\"", "", "mqtt.password: MQTT 3.1.1 allows no password without a user name; add username, or set protocol_version to 5")]
    [InlineData("", "", "\"topic\": \"${env:SECRET}\"", "connectors[0].config.topic: \"${env:SECRET}\": with its references resolved this is no valid template")]
    [InlineData("", "", "\"properties\": {\"sasl.jaas.config\": [\"hunter2\"]}", "connectors[0].config.properties[\"sasl.jaas.config\"]: expected a text, a number, true or false, found a list")]
    [InlineData("", "", "\"properties\": {\"sasl.password\": \"hunter2\\u0000\"}", "connectors[0].config.properties[\"sasl.password\"]: (hidden): must not contain U+0000")]
    [InlineData("", "", "\"properties\": {\"sasl.jaas.config\": \"hunter2\\u0000\"}", "connectors[0].config.properties[\"sasl.jaas.config\"]: (hidden): must not contain U+0000")]
    [InlineData("", "", "\"properties\": {\"ssl.key.pem\": \"hunter2\\u0000\"}", "connectors[0].config.properties[\"ssl.key.pem\"]: (hidden): must not contain U+0000")]
    [InlineData("", "", "\"bootstrap_servers\": \"u:hunter2@h:9092\"", "connectors[0].config.bootstrap_servers: (hidden): user name and password do not belong in the address; write host:port, and them in \"sasl\"")]
    [InlineData("", "", "\"bootstrap_servers\": \"k:9092,u:hunter2@h\"", "connectors[0].config.bootstrap_servers: (hidden): user name and password do not belong in the address; write host:port, and them in \"sasl\"")]
    [InlineData("", "", "\"properties\": {\"x.api_key\": \"hunter2\\u0000\"}", "connectors[0].config.properties[\"x.api_key\"]: (hidden): must not contain U+0000")]
    [InlineData("", "", "\"properties\": {\"x.private-key\": \"hunter2\\u0000\"}", "connectors[0].config.properties[\"x.private-key\"]: (hidden): must not contain U+0000")]
    [InlineData("", "", "\"properties\": {\"apiKey\": \"hunter2\\u0000\"}", "connectors[0].config.properties.apiKey: (hidden): must not contain U+0000")]
    [InlineData("", "", "\"properties\": {\"passphrase\": \"hunter2\\u0000\"}", "connectors[0].config.properties.passphrase: (hidden): must not contain U+0000")]
    public void Never_shows_a_secret(string connector, string mqtt, string kafka, string fault)
    {
        Assert.DoesNotContain("hunter2", fault, StringComparison.Ordinal);
        string[] faults = Files.Faults(Files.One(connector, mqtt, kafka));
        Assert.Contains(fault, faults);
        Assert.All(faults, f => Assert.DoesNotContain("hunter2", f, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sasl.mechanism")]
    [InlineData("sasl.mechanisms")]
    [InlineData("sasl.username")]
    public void Shows_what_of_a_login_is_no_secret(string name) =>
        Assert.Contains($"connectors[0].config.properties[\"{name}\"]: \"alice\\u0000\": must not contain U+0000", Files.Faults(Files.One(kafka: $"\"properties\": {{\"{name}\": \"alice\\u0000\"}}")));

    private LoadResult Load(string mqtt)
    {
        string path = Path.Combine(_folder, "c.json");
        File.WriteAllText(path, Files.One(mqtt: mqtt));
        return ConnectorsFile.Load(path, Files.Machine);
    }
}
