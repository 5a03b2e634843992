using System.Net;
using System.Net.Sockets;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>A wrong connectors file: every fault on stderr with its place, exit code 2, and nothing started.</summary>
public class BadFileTests(Lab lab) : EndToEndTest(lab)
{
    private const string Connector = """{ "connector_name": "c", "connector_type": "Kafka", "config": { "bootstrap_servers": "127.0.0.1:1", "topic": "t" }, "topic_id": "a" }""";

    /// <summary>The file (PORT is a listener's), and words that must stand on stderr.</summary>
    public static TheoryData<string, string[]> Files => new()
    {
        { "not json", ["connectors.json"] },
        { "", ["connectors.json"] },
        { """{ "mqtt": { "server": "mqtt://127.0.0.1:PORT" }, "connectors": [ """, ["connectors.json"] },
        { Whole(Connector, """, "qos": 3"""), ["mqtt.qos", "3"] },
        { Whole(Connector, """, "sevrer": "x" """), ["sevrer", "server"] },
        { Whole(Connector, """, "keep_alive": "often" """), ["mqtt.keep_alive", "often"] },
        { Whole(Connector, """, "protocol_version": 7"""), ["mqtt.protocol_version", "7"] },
        { Whole(Connector.Replace("\"a\"", "\"a/#/b\"", StringComparison.Ordinal)), ["connectors[0].topic_id", "a/#/b"] },
        { Whole(Connector.Replace("\"a\"", "\"\"", StringComparison.Ordinal)), ["connectors[0].topic_id"] },
        { Whole(Connector.Replace("127.0.0.1:1", "127.0.0.1:99999", StringComparison.Ordinal)), ["connectors[0].config.bootstrap_servers", "99999"] },
        { Whole(Connector.Replace("\"Kafka\"", "\"Pulsar\"", StringComparison.Ordinal)), ["connectors[0].connector_type", "Pulsar"] },
        { Whole(Connector + ", " + Connector), ["connectors[1].connector_name", "c"] },
        { Whole(Connector.Replace("\"topic\"", "\"tpoic\"", StringComparison.Ordinal)), ["tpoic", "topic"] },
        { Whole(Connector.Replace("\"t\"", "\"${tpoic}\"", StringComparison.Ordinal)), ["connectors[0].config.topic", "tpoic"] },
        { Whole(Connector.Replace("\"topic\"", "\"properties\": { \"acks\": \"0\" }, \"topic\"", StringComparison.Ordinal)), ["connectors[0].config.properties.acks"] },
        { Whole(Connector.Replace("\"topic\"", "\"linger_ms\": -1, \"topic\"", StringComparison.Ordinal)), ["connectors[0].config.linger_ms", "-1"] },
        {
            Whole(Connector.Replace("\"a\"", "\"a#\"", StringComparison.Ordinal) + ", 5", """, "qos": 9, "keep_alive": -1"""),
            ["mqtt.qos", "mqtt.keep_alive", "connectors[0].topic_id", "connectors[1]"]
        },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task all_faults_are_told_and_nothing_starts(string text, string[] words)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        string file = Folder.Write("connectors.json", text.Replace("PORT", ((IPEndPoint)server.LocalEndpoint).Port.ToString(), StringComparison.Ordinal));

        (int code, string output, string error) = await BridgeProcess.RunAsync("run", "--config", file);

        Note(error);
        Assert.Equal(2, code);
        Assert.All(words, word => Assert.Contains(word, error, StringComparison.Ordinal));
        Assert.Equal("", output);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.False(server.Pending(), "a connection was opened");
    }

    [Fact]
    public async Task a_file_that_is_not_there_is_named()
    {
        (int code, _, string error) = await BridgeProcess.RunAsync("run", "--config", Folder.File("nowhere.json"));
        Assert.Equal(2, code);
        Assert.Contains("nowhere.json", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_folder_in_place_of_a_file_is_named()
    {
        (int code, _, string error) = await BridgeProcess.RunAsync("run", "--config", Folder.Path);
        Assert.Equal(2, code);
        Assert.Contains(Folder.Path, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_secret_that_is_not_set_is_named_and_one_that_is_set_is_never_printed()
    {
        string text = Whole(Connector.Replace("\"a\"", "\"a#\"", StringComparison.Ordinal), """, "username": "${env:FASTBRIDGE_TEST_SECRET}", "password": "${env:FASTBRIDGE_TEST_NOT_SET}" """);
        string file = Folder.Write("connectors.json", text);

        (int code, _, string error) = await ChildProcess.RunAsync(
            TestTools.RequireExecutable(), ["run", "--config", file], new Dictionary<string, string?> { ["FASTBRIDGE_TEST_SECRET"] = "hush-hush" });

        Note(error);
        Assert.Equal(2, code);
        Assert.Contains("FASTBRIDGE_TEST_NOT_SET", error, StringComparison.Ordinal);
        Assert.Contains("mqtt.password", error, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush", error, StringComparison.Ordinal);
    }

    private static string Whole(string connectors, string moreMqtt = "") =>
        $$"""{ "mqtt": { "server": "mqtt://127.0.0.1:PORT"{{moreMqtt}} }, "connectors": [ {{connectors}} ] }""";
}
