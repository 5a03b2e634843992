using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Cli;

/// <summary><c>mqtt publish</c> against a mosquitto, watched by a subscriber of the tests' own, and against brokers that refuse.</summary>
public class PublishTests : CommandTest
{
    [Theory]
    [InlineData("4", "0")]
    [InlineData("4", "1")]
    [InlineData("4", "2")]
    [InlineData("5", "0")]
    [InlineData("5", "1")]
    [InlineData("5", "2")]
    public async Task a_message_arrives_in_either_version_at_each_qos(string version, string qos)
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using RawSubscriber subscriber = await RawSubscriber.StartAsync(broker.Port, "iot/#", qos: 2);
        (int code, string output, string error) = await RunAsync(
            "mqtt", "publish", "--server", $"127.0.0.1:{broker.Port}", "--topic", "iot/1", "--qos", qos, "--message", "{\"t\": 25.5}", "--protocol-version", version);
        Assert.Equal((0, "Published successfully!", ""), (code, output.Trim(), error));
        await subscriber.WaitForAsync(1);
        Assert.Equal("iot/1 {\"t\": 25.5}", subscriber.Received.Lines[0]);
    }

    [Fact]
    public async Task with_output_json_the_outcome_is_a_json_object()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        (int code, string output, _) = await RunAsync("mqtt", "publish", "--server", broker.Url, "-t", "nobody/listens", "-q", "1", "-m", "x", "--output", "json");
        Assert.Equal((0, """{"result":"Published successfully!","published":1,"refused":0,"no_subscribers":true}"""), (code, output.Trim()));
        (code, output, _) = await ShellAsync($"seq 1 3 | $FB mqtt publish -s {broker.Url} -t nobody/listens --output json");
        Assert.Equal((0, """{"result":"Published 3 messages.","published":3,"refused":0,"no_subscribers":false}"""), (code, output.Trim()));
    }

    [Fact]
    public async Task each_line_of_standard_input_is_a_message_without_its_line_end()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using RawSubscriber subscriber = await RawSubscriber.StartAsync(broker.Port, "l", qos: 1);
        (int code, string output, _) = await ShellAsync($"printf 'one\\r\\ntwo\\n\\nlast' | $FB mqtt publish -s {broker.Url} -t l -q 1");
        Assert.Equal((0, "Published 4 messages."), (code, output.Trim()));
        await subscriber.WaitForAsync(4);
        Assert.Equal(["l one", "l two", "l ", "l last"], subscriber.Received.Lines);
    }

    [Fact]
    public async Task ten_thousand_lines_arrive_in_order()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync(MosquittoOptions.Keeping);
        await using RawSubscriber subscriber = await RawSubscriber.StartAsync(broker.Port, "l", qos: 1);
        (int code, string output, _) = await ShellAsync($"seq 1 10000 | $FB mqtt publish -s {broker.Url} -t l -q 1");
        Assert.Equal((0, "Published 10000 messages."), (code, output.Trim()));
        await subscriber.WaitForAsync(10_000);
        Assert.Equal(Enumerable.Range(1, 10_000).Select(n => $"l {n}"), subscriber.Received.Lines);
    }

    [Fact]
    public async Task a_files_bytes_are_the_message_as_they_stand()
    {
        await using ScriptedBroker broker = new();
        string file = Folder.File("payload");
        await File.WriteAllBytesAsync(file, [0, 255, 10, 13, 10], TestContext.Current.CancellationToken);
        await using ChildProcess publish = Start("mqtt", "publish", "-s", $"127.0.0.1:{broker.Port}", "-t", "a", "-q", "1", "--message-file", file);
        ScriptedLink link = await broker.AcceptAsync();
        ClientPublish message = ServerCodec.DecodePublish(await link.ReadAsync(PacketType.Publish), MqttVersion.V5);
        Assert.Equal([0, 255, 10, 13, 10], message.Payload);
        Assert.False(publish.HasExited, "it waits for the acknowledgement");
        await link.SendAsync(ServerPackets.Ack(PacketType.PubAck, message.PacketId));
        await link.ReadAsync(PacketType.Disconnect);
        await link.DisposeAsync();
        Assert.Equal(0, await publish.WaitForExitAsync());
    }

    [Fact]
    public async Task a_refused_message_is_exit_1_with_the_reason()
    {
        await using ScriptedBroker broker = new();
        await using ChildProcess publish = Start("mqtt", "publish", "-s", $"127.0.0.1:{broker.Port}", "-t", "a", "-q", "1", "-m", "x");
        ScriptedLink link = await broker.AcceptAsync();
        ClientPublish message = ServerCodec.DecodePublish(await link.ReadAsync(PacketType.Publish), MqttVersion.V5);
        await link.SendAsync(ServerPackets.Ack(PacketType.PubAck, message.PacketId, 0x87));
        await link.ReadAsync(PacketType.Disconnect);
        await link.DisposeAsync();
        Assert.Equal(1, await publish.WaitForExitAsync());
        Assert.Equal("fastbridge mqtt publish: the broker refused the message: not authorized (0x87)", publish.Error.Text.Trim());
    }

    [Fact]
    public async Task a_connection_that_ends_before_the_acknowledgement_is_exit_1()
    {
        await using ScriptedBroker broker = new();
        await using ChildProcess publish = Start("mqtt", "publish", "-s", $"127.0.0.1:{broker.Port}", "-t", "a", "-q", "2", "-m", "x");
        ScriptedLink link = await broker.AcceptAsync();
        await link.ReadAsync(PacketType.Publish);
        link.Reset();
        Assert.Equal(1, await publish.WaitForExitAsync());
        IsOneLine(publish.Error.Text);
        Assert.Contains("connection", publish.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_broker_that_never_acknowledges_is_given_up_after_the_timeout()
    {
        await using ScriptedBroker broker = new();
        await using ChildProcess publish = Start("mqtt", "publish", "-s", $"127.0.0.1:{broker.Port}", "-t", "a", "-q", "1", "-m", "x", "--timeout", "10");
        ScriptedLink link = await broker.AcceptAsync();
        await link.ReadAsync(PacketType.Publish);
        await link.ReadAsync(PacketType.Disconnect);
        await link.DisposeAsync();
        Assert.Equal(1, await publish.WaitForExitAsync());
        Assert.Contains("no acknowledgement within 10 s", publish.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_password_comes_from_file_and_variable_and_a_wrong_one_is_never_printed()
    {
        string passwords = Folder.File("passwords");
        (int made, _, string why) = await ChildProcess.RunAsync("mosquitto_passwd", ["-b", "-c", passwords, "u", "geheim"]);
        Assert.True(made == 0, why);
        await using Mosquitto broker = await Mosquitto.StartAsync(new MosquittoOptions { Extra = $"allow_anonymous false\npassword_file {passwords}" });
        string file = Folder.Write("password", "geheim\n");
        Assert.Equal(0, (await RunAsync("mqtt", "publish", "-s", broker.Url, "-t", "a", "-q", "1", "-m", "x", "-u", "u", "--password-file", file)).Code);
        Assert.Equal(0, (await ShellAsync($"$FB mqtt publish -s {broker.Url} -t a -q 1 -m x -u u -p '${{env:PW}}'", ("PW", "geheim"))).Code);
        (int code, string output, string error) = await ShellAsync($"$FB mqtt publish -s {broker.Url} -t a -q 1 -m x -u u -p '${{env:PW}}'", ("PW", "falsch-geheim"));
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("not authorized; check user name, password", error, StringComparison.Ordinal);
        Assert.DoesNotContain("falsch-geheim", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task the_connectors_files_mqtt_object_names_broker_tls_and_credentials()
    {
        using Certificates certificates = new();
        await using Mosquitto broker = await Mosquitto.StartAsync(new MosquittoOptions { Tls = certificates });
        Folder.Write("connectors.json", $$"""
            { "mqtt": { "server": "{{broker.TlsUrl}}", "username": "someone", "tls": { "ca_file": "{{certificates.CaFile}}" } }, "connectors": [] }
            """);
        await using RawSubscriber subscriber = await RawSubscriber.StartAsync(broker.Port, "a", qos: 1);
        (int code, _, string error) = await RunAsync("mqtt", "publish", "-t", "a", "-q", "1", "-m", "by file");
        Assert.Equal((0, ""), (code, error));
        await subscriber.WaitForAsync(1);
        (code, _, error) = await RunAsync("mqtt", "publish", "-s", broker.TlsUrl, "--ca-file", certificates.CaFile, "-t", "a", "-m", "by option");
        Assert.Equal((0, ""), (code, error));
        await subscriber.WaitForAsync(2);
        (code, _, error) = await RunAsync("mqtt", "publish", "-s", broker.TlsUrl, "-t", "a", "-m", "untrusted");
        Assert.Equal(1, code);
        Assert.Contains("--ca-file", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_faulty_connectors_file_is_exit_2_with_its_faults()
    {
        Folder.Write("connectors.json", "{ \"connectors\": [ {} ] }");
        (int code, string output, string error) = await RunAsync("mqtt", "publish", "-t", "a", "-m", "x");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("connector_name", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_broker_that_is_not_there_is_exit_1_in_one_line()
    {
        (int code, string output, string error) = await RunAsync("mqtt", "publish", "-s", $"127.0.0.1:{Ports.Free()}", "-t", "a", "-m", "x");
        Assert.Equal((1, ""), (code, output));
        IsOneLine(error);
        Assert.Contains("connection refused; is the broker running there?", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mqtt publish -m x", "--topic")]
    [InlineData("mqtt publish -t a/# -m x", "without + and #")]
    [InlineData("mqtt publish -t a -m x -q 3", "3")]
    [InlineData("mqtt publish -t a -m x --message-file y", "one of them")]
    [InlineData("mqtt publish -t a --message-file /nowhere/y", "/nowhere/y")]
    [InlineData("mqtt publish -t a -m x -s http://h", "scheme")]
    [InlineData("mqtt publish -t a -m x -s mqtt://h --insecure", "mqtts://")]
    [InlineData("mqtt publish -t a -m x --protocol-version 4 --content-type text", "--protocol-version 5")]
    [InlineData("mqtt publish -t a -m x --protocol-version 4 -p secret", "--username")]
    [InlineData("mqtt publish -t a -m x --user-property novalue", "NAME=VALUE")]
    [InlineData("mqtt publish -t a -m x --timeout 0", "1 to 3600")]
    [InlineData("mqtt publish -t a -m x -u n -p ${env:FASTBRIDGE_NO_SUCH}", "FASTBRIDGE_NO_SUCH")]
    public async Task a_wrong_command_line_is_exit_2_in_one_line(string line, string word)
    {
        (int code, string output, string error) = await RunAsync(line.Split(' '));
        Assert.Equal((2, ""), (code, output));
        IsOneLine(error);
        Assert.StartsWith("fastbridge mqtt publish: ", error, StringComparison.Ordinal);
        Assert.Contains(word, error, StringComparison.Ordinal);
    }
}
