using System.Text.Json;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Cli;

/// <summary><c>mqtt subscribe</c>: what arrives is printed whole, and nothing of it commands the terminal.</summary>
public class SubscribeTests : CommandTest
{
    [Fact]
    public async Task everything_that_publish_can_say_comes_out_of_subscribe()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        (int code, _, string error) = await RunAsync(
            "mqtt", "publish", "-s", broker.Url, "-t", "a/b", "-q", "1", "--retained", "-m", "{\"x\": 1}", "--user-property", "k=v=w", "--user-property", "k=2",
            "--content-type", "application/json", "--response-topic", "r", "--correlation-data", "c", "--message-expiry", "1000");
        Assert.Equal((0, ""), (code, error));
        (code, string table, error) = await RunAsync("mqtt", "subscribe", "-s", broker.Url, "-t", "a/+", "-q", "1", "--count", "1");
        Assert.Equal((0, ""), (code, error));
        string[] columns = table.TrimEnd('\n').Split('\t');
        Assert.Equal(["a/b", "QoS 1", "retained"], columns[..3]);
        Assert.Matches("^content-type=application/json response-topic=r correlation-data=c message-expiry-interval=[0-9]+ k=v=w k=2$", columns[3]);
        Assert.Equal("{\"x\": 1}", columns[4]);

        (code, string json, _) = await RunAsync("mqtt", "--output", "json", "subscribe", "-s", broker.Url, "-t", "a/b", "--count", "1");
        Assert.Equal(0, code);
        using JsonDocument message = JsonDocument.Parse(json);
        Assert.Equal("a/b", message.RootElement.GetProperty("topic").GetString());
        Assert.Equal(0, message.RootElement.GetProperty("qos").GetInt32());
        Assert.True(message.RootElement.GetProperty("retain").GetBoolean());
        Assert.Equal("{\"x\": 1}", message.RootElement.GetProperty("payload").GetString());
        Assert.Equal("63", message.RootElement.GetProperty("properties").GetProperty("correlation_data_hex").GetString());
        Assert.Equal("v=w", message.RootElement.GetProperty("user_properties")[0].GetProperty("value").GetString());

        (_, string hex, _) = await RunAsync("mqtt", "subscribe", "-s", broker.Url, "-t", "a/b", "--count", "1", "--hex", "--protocol-version", "4");
        Assert.EndsWith("\tretained\t-\t7b2278223a20317d\n", hex + "\n", StringComparison.Ordinal);
    }

    [Fact]
    public async Task control_characters_and_bytes_that_are_no_text_do_not_reach_the_terminal()
    {
        await using ScriptedBroker broker = new();
        await using ChildProcess subscribe = Start("mqtt", "subscribe", "-s", $"127.0.0.1:{broker.Port}", "-t", "#", "--count", "3");
        ScriptedLink link = await broker.AcceptAsync();
        await link.GrantAsync();
        byte[] hostile = "\u001b[2Jred\r\n\u202e\u009b1m"u8.ToArray();
        await link.SendAsync(
            ServerPackets.Publish(MqttVersion.V5, "t", hostile, properties: ServerPackets.UserProperty("n", "a\u007fb")),
            ServerPackets.Publish(MqttVersion.V5, "t", [0xff, 0x00]),
            ServerPackets.Publish(MqttVersion.V5, "t", "grün 🙂"u8.ToArray()));
        await link.ReadAsync(PacketType.Disconnect);
        await link.DisposeAsync();
        Assert.Equal(0, await subscribe.WaitForExitAsync());
        Assert.Equal(
            ["t\tQoS 0\t-\tn=a\\u007Fb\t\\u001B[2Jred\\u000D\\n\\u202E\\u009B1m", "t\tQoS 0\t-\t-\thex:ff00", "t\tQoS 0\t-\t-\tgrün 🙂"],
            subscribe.Output.Lines);
    }

    [Fact]
    public async Task a_message_is_acknowledged_after_it_was_printed_and_the_rest_is_left_to_the_broker()
    {
        await using ScriptedBroker broker = new();
        await using ChildProcess subscribe = Start("mqtt", "subscribe", "-s", $"127.0.0.1:{broker.Port}", "-t", "a", "-q", "1", "--count", "2");
        ScriptedLink link = await broker.AcceptAsync();
        await link.GrantAsync();
        for (ushort id = 7; id <= 9; id++)
            await link.SendAsync(ServerPackets.Publish(MqttVersion.V5, "a", [(byte)('0' + id)], qos: 1, packetId: id));
        Assert.Equal([(PacketType.PubAck, (ushort)7), (PacketType.PubAck, (ushort)8)], await link.ReadAcksAsync(2));
        await link.ReadAsync(PacketType.Disconnect);
        await link.DisposeAsync();
        Assert.Equal(0, await subscribe.WaitForExitAsync());
        Assert.Equal(2, subscribe.Output.Lines.Count);
    }

    [Fact]
    public async Task ctrl_c_ends_it_well()
    {
        await using ScriptedBroker broker = new();
        await using ChildProcess subscribe = Start("mqtt", "subscribe", "-s", $"127.0.0.1:{broker.Port}", "-t", "a", "-t", "b");
        ScriptedLink link = await broker.AcceptAsync();
        Assert.Equal(["a", "b"], (await link.GrantAsync()).Filters.Select(f => f.Filter));
        await link.SendAsync(ServerPackets.Publish(MqttVersion.V5, "a", [65]));
        await subscribe.Output.WaitForAsync(["A"]);
        subscribe.Signal(UnixSignal.Interrupt);
        await link.ReadAsync(PacketType.Disconnect);
        await link.DisposeAsync();
        Assert.Equal((0, ""), (await subscribe.WaitForExitAsync(), subscribe.Error.Text));
    }

    [Fact]
    public async Task a_reader_that_goes_ends_it_quietly()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        // The retained message is the one that head takes; the two behind it find nobody.
        await RunAsync("mqtt", "publish", "-s", broker.Url, "-t", "r", "-q", "1", "--retained", "-m", "first");
        await using ChildProcess shell = ChildProcess.Start(
            "/bin/bash", ["-c", $"{{ {TestTools.RequireExecutable()} mqtt subscribe -s {broker.Url} -t r; echo code $? >&2; }} | head -1"], workingDirectory: Folder.Path);
        await shell.Output.WaitForAsync(["first"]);
        using var guard = new CancellationTokenSource(TestTools.Guard);
        while (!shell.Error.Text.Contains("code", StringComparison.Ordinal))
        {
            Assert.False(guard.IsCancellationRequested, "subscribe goes on without a reader");
            await RunAsync("mqtt", "publish", "-s", broker.Url, "-t", "r", "-q", "1", "-m", "more");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        await shell.WaitForExitAsync();
        Assert.Equal("code 0", shell.Error.Text.Trim());
    }

    [Fact]
    public async Task a_refused_subscription_is_exit_1_with_the_reason()
    {
        await using ScriptedBroker broker = new();
        await using ChildProcess subscribe = Start("mqtt", "subscribe", "-s", $"127.0.0.1:{broker.Port}", "-t", "a/#");
        ScriptedLink link = await broker.AcceptAsync();
        ClientSubscribe asked = ServerCodec.DecodeSubscribe(await link.ReadAsync(PacketType.Subscribe), MqttVersion.V5);
        await link.SendAsync(ServerPackets.SubAck(MqttVersion.V5, asked.PacketId, [0x87]));
        await link.ReadAsync(PacketType.Disconnect);
        await link.DisposeAsync();
        Assert.Equal(1, await subscribe.WaitForExitAsync());
        Assert.Equal("fastbridge mqtt subscribe: the broker refuses a/#: not authorized (0x87)", subscribe.Error.Text.Trim());
    }

    [Theory]
    [InlineData("mqtt subscribe", "--topic")]
    [InlineData("mqtt subscribe -t a/#/b", "last level")]
    [InlineData("mqtt subscribe -t a --count 0", "--count")]
    public async Task a_wrong_command_line_is_exit_2_in_one_line(string line, string word)
    {
        (int code, string output, string error) = await RunAsync(line.Split(' '));
        Assert.Equal((2, ""), (code, output));
        IsOneLine(error);
        Assert.Contains(word, error, StringComparison.Ordinal);
    }
}
