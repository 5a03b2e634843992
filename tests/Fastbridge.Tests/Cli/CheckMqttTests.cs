using System.Text.Json;
using Fastbridge.Kafka.Mock;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Cli;

/// <summary><c>check</c> at the MQTT end. Kafka is a mock cluster, whose answers are good.</summary>
public class CheckMqttTests : CommandTest
{
    private readonly MockKafka _kafka = new();

    public override ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _kafka.Dispose();
        return base.DisposeAsync();
    }

    private string Write(string mqtt, params (string Name, string Filters)[] connectors) => Folder.Write("c.json", $$"""
        { "mqtt": {{mqtt}}, "connectors": [ {{string.Join(',', connectors.Select(c => $$"""
            { "connector_name": "{{c.Name}}", "connector_type": "Kafka", "topic_id": {{c.Filters}},
              "config": { "bootstrap_servers": "{{_kafka.BootstrapServers}}", "topic": "t" } }
            """))}} ] }
        """);

    private static string Server(int port) => $$"""{ "server": "mqtt://127.0.0.1:{{port}}", "client_id": "gateway" }""";

    /// <summary>Rows of the JSON report that concern one check: result, connectors, text and remedy.</summary>
    private static (string Result, string Connectors, string Text)[] Rows(string json, string check)
    {
        using JsonDocument report = JsonDocument.Parse(json);
        return [.. report.RootElement.GetProperty("findings").EnumerateArray().Where(f => f.GetProperty("check").GetString()!.StartsWith(check, StringComparison.Ordinal) && f.GetProperty("end").GetString()!.StartsWith("mqtt", StringComparison.Ordinal))
            .Select(f => (f.GetProperty("result").GetString()!, string.Join(',', f.GetProperty("connectors").EnumerateArray().Select(c => c.GetString())), $"{f.GetProperty("text").GetString()}; {f.GetProperty("remedy").GetString()}"))];
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task connectors_on_one_broker_are_checked_over_one_connection_that_leaves_nothing(int version)
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        string file = Write($$"""{ "server": "{{broker.Url}}", "protocol_version": {{version}} }""", ("a", "\"x/+\""), ("b", "[\"x/+\", \"$share/g/y/#\"]"));
        (int code, string output, string error) = await RunAsync("check", "--config", file, "--output", "json");
        Assert.True(code == 0, output + error);
        Assert.Equal([("ok", "a,b", version == 5 ? "MQTT 5.0; " : "MQTT 3.1.1; ")], Rows(output, "connect"));
        Assert.Equal([("ok", "a,b", "granted at QoS 1; "), ("ok", "b", "granted at QoS 1, in a group of the check's own; ")], Rows(output, "subscribe"));
        await broker.Log.WaitForAsync(["fastbridge-check-", "disconnected"]);
        Assert.Single(broker.Log.Lines, l => l.Contains("New client connected", StringComparison.Ordinal));
        Assert.Single(broker.Log.Lines, l => l.Contains("fastbridge-check-", StringComparison.Ordinal) && l.Contains("disconnected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task it_takes_a_clean_session_of_its_own_and_never_acknowledges_a_message()
    {
        await using ScriptedBroker broker = new();
        await using ChildProcess check = Start("check", "-c", Write(Server(broker.Port), ("a", "\"$share/g/x\"")));
        ScriptedLink link = await broker.AcceptAsync();
        Assert.StartsWith("fastbridge-check-", link.Connect.ClientId, StringComparison.Ordinal);
        Assert.InRange(link.Connect.ClientId.Length, 18, 23);
        Assert.True(link.Connect.CleanStart);
        Assert.Null(link.Connect.Will);
        Assert.DoesNotContain(link.Connect.Properties.List, p => p.Id == 0x11 && (uint)p.Value != 0);
        ClientSubscribe asked = ServerCodec.DecodeSubscribe(await link.ReadAsync(PacketType.Subscribe), MqttVersion.V5);
        (string filter, byte options) = Assert.Single(asked.Filters);
        Assert.Matches("^\\$share/fastbridge-check-[0-9a-f]+-0/x$", filter);
        Assert.Equal(2, options >> 4 & 3); // Retain Handling: none
        await link.SendAsync(ServerPackets.Publish(MqttVersion.V5, "x", [1], qos: 1, packetId: 1), ServerPackets.SubAck(MqttVersion.V5, asked.PacketId, [1]));
        await link.ReadAsync(PacketType.Disconnect);
        await link.DisposeAsync();
        Assert.True(await check.WaitForExitAsync() == 0, check.Output.Text);
    }

    [Theory]
    [InlineData(MqttVersion.V5, 0x85, true)]
    [InlineData(MqttVersion.V5, 0x87, true)]
    [InlineData(MqttVersion.V5, 0x97, false)]
    [InlineData(MqttVersion.V311, 2, true)]
    [InlineData(MqttVersion.V311, 5, true)]
    [InlineData(MqttVersion.V311, 4, false)]
    public async Task a_refusal_that_may_be_for_the_client_id_says_so(MqttVersion version, byte code, bool named)
    {
        await using ScriptedBroker broker = new(version);
        string mqtt = $$"""{ "server": "127.0.0.1:{{broker.Port}}", "protocol_version": {{(version == MqttVersion.V5 ? 5 : 4)}} }""";
        await using ChildProcess check = Start("check", "-c", Write(mqtt, ("a", "\"x\"")), "--output", "json");
        ScriptedLink link = await broker.AcceptRawAsync();
        await link.ReadAsync(PacketType.Connect);
        await link.SendAsync(ServerPackets.ConnAck(version, code));
        await link.ReadToEndAsync();
        await link.DisposeAsync();
        Assert.Equal(1, await check.WaitForExitAsync());
        (string result, _, string text) = Assert.Single(Rows(check.Output.Text, "connect"));
        Assert.Equal("fail", result);
        Assert.Equal(named, text.Contains("--client-id", StringComparison.Ordinal));
    }

    [Fact]
    public async Task the_given_client_id_is_used_and_a_connectors_own_is_not_accepted()
    {
        await using ScriptedBroker broker = new();
        string file = Write(Server(broker.Port), ("a", "\"x\""));
        (int code, _, string error) = await RunAsync("check", "-c", file, "--client-id", "gateway-a");
        Assert.Equal(2, code);
        Assert.Contains("connector a's own", error, StringComparison.Ordinal);
        await using ChildProcess check = Start("check", "-c", file, "--client-id", "visitor");
        ScriptedLink link = await broker.AcceptAsync();
        Assert.Equal("visitor", link.Connect.ClientId);
        await link.GrantAsync();
        await link.ReadAsync(PacketType.Disconnect);
        await link.DisposeAsync();
        Assert.True(await check.WaitForExitAsync() == 0, check.Output.Text);
    }

    [Fact]
    public async Task refused_and_lowered_filters_are_told_apart()
    {
        await using ScriptedBroker broker = new();
        await using ChildProcess check = Start("check", "-c", Write(Server(broker.Port), ("a", "[\"one\", \"two\", \"three\"]")), "--output", "json");
        ScriptedLink link = await broker.AcceptAsync();
        ClientSubscribe asked = ServerCodec.DecodeSubscribe(await link.ReadAsync(PacketType.Subscribe), MqttVersion.V5);
        await link.SendAsync(ServerPackets.SubAck(MqttVersion.V5, asked.PacketId, [1, 0, 0x87]));
        await link.ReadAsync(PacketType.Disconnect);
        await link.DisposeAsync();
        Assert.Equal(1, await check.WaitForExitAsync());
        Assert.Equal(["ok", "warn", "fail"], Rows(check.Output.Text, "subscribe").Select(r => r.Result));
        Assert.Contains("not authorized (0x87)", Rows(check.Output.Text, "subscribe three")[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task silence_at_connect_and_at_subscribe_ends_with_the_timeout()
    {
        await using ScriptedBroker mute = new();
        await using ScriptedBroker half = new();
        string file = Folder.Write("c.json", $$"""
            { "connectors": [ {{string.Join(',', new[] { mute.Port, half.Port }.Select((port, i) => $$"""
                { "connector_name": "c{{i}}", "connector_type": "Kafka", "topic_id": "x", "mqtt": { "server": "127.0.0.1:{{port}}" },
                  "config": { "bootstrap_servers": "{{_kafka.BootstrapServers}}", "topic": "t" } }
                """))}} ] }
            """);
        await using ChildProcess check = Start("check", "-c", file, "--timeout", "10", "--output", "json"); // on a busy machine an answer takes seconds
        await mute.AcceptRawAsync();
        ScriptedLink link = await half.AcceptAsync();
        await link.ReadAsync(PacketType.Subscribe);
        Assert.Equal(1, await check.WaitForExitAsync());
        Assert.Equal([("fail", "c0"), ("ok", "c1")], Rows(check.Output.Text, "connect").Select(r => (r.Result, r.Connectors)));
        Assert.Equal([("fail", "c1")], Rows(check.Output.Text, "subscribe").Select(r => (r.Result, r.Connectors)));
    }

    [Fact]
    public async Task a_wrong_file_is_exit_2_with_every_fault_and_nothing_is_connected()
    {
        (int code, string output, string error) = await RunAsync("check", "-c", Folder.Write("c.json", "{ \"connectors\": [ {}, { \"topic_id\": 3 } ] }"));
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("connectors[0]", error, StringComparison.Ordinal);
        Assert.Contains("connectors[1]", error, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("check", "-c", Folder.File("not-there.json"))).Code);
        Assert.Equal(2, (await RunAsync("check")).Code);
    }

    [Fact]
    public async Task secrets_are_resolved_and_never_shown()
    {
        string file = Write("""{ "server": "127.0.0.1:1", "username": "u", "password": "${env:FB_SECRET}" }""", ("a", "\"x\""));
        (int code, string output, string error) = await ShellAsync($"$FB check -c {file} --timeout 2", ("FB_SECRET", "geheimnis"));
        Assert.Equal(1, code);
        Assert.DoesNotContain("geheimnis", output + error, StringComparison.Ordinal);
        (code, _, error) = await RunAsync("check", "-c", file);
        Assert.Equal(2, code);
        Assert.Contains("FB_SECRET", error, StringComparison.Ordinal);
    }
}
