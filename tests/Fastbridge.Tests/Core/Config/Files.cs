using System.Text;
using Fastbridge.Core.Config;

namespace Fastbridge.Tests.Core.Config;

/// <summary>Loads text as the connectors file <c>c.json</c> of a folder that is not there, on a machine of a fixed name.</summary>
internal static class Files
{
    public const string Kafka = """{"bootstrap_servers": "localhost:9092", "topic": "t"}""";

    public static readonly LoadEnvironment Machine = new()
    {
        Variable = name => name switch
        {
            "SECRET" => "hunter2\"}",
            "NUMBER" => "42",
            "TRUE" => "true",
            "EMPTY" => "",
            "KAFKA" => """{"bootstrap_servers": "k:9092", "topic": "from-env"}""",
            "BROKEN" => "{hunter2",
            "TOPIC" => "mqtt.${topic[0]}",
            "FILTER" => "hunter2/#/x",
            _ => null,
        },
        HostName = "gateway",
        MachineId = "0123456789abcdef0123456789abcdef",
    };

    public static LoadResult Parse(string json, LoadEnvironment? environment = null) =>
        ConnectorsFile.Parse(Encoding.UTF8.GetBytes(json), "/nowhere/c.json", environment ?? Machine);

    /// <summary>A file with one connector: its further members, and those of the file's and the connector's <c>mqtt</c> and of <c>config</c>.</summary>
    public static string One(string connector = "", string mqtt = "", string kafka = "", string file = "") => $$"""
        {
          {{file}}
          "mqtt": { {{mqtt}} },
          "connectors": [ { "connector_name": "a", {{(connector.Contains("\"topic_id\"", StringComparison.Ordinal) ? "" : "\"topic_id\": \"s/#\", ")}}{{connector}}
            "config": { {{(kafka.Contains("\"bootstrap_servers\"", StringComparison.Ordinal) ? "" : "\"bootstrap_servers\": \"localhost:9092\", ")}}{{(kafka.Contains("\"topic\"", StringComparison.Ordinal) ? "" : "\"topic\": \"t\", ")}}{{kafka}} } } ]
        }
        """;

    /// <summary>Loads what must be right and returns its one connector.</summary>
    public static ConnectorConfig Connector(string json, LoadEnvironment? environment = null) => Assert.Single(Valid(json, environment).Connectors);

    public static BridgeConfig Valid(string json, LoadEnvironment? environment = null)
    {
        LoadResult result = Parse(json, environment);
        Assert.Equal([], result.Faults.Select(f => f.ToString()));
        return result.Config!;
    }

    /// <summary>Loads what must be wrong and returns its faults without file, line and column.</summary>
    public static string[] Faults(string json, LoadEnvironment? environment = null)
    {
        LoadResult result = Parse(json, environment);
        Assert.Null(result.Config);
        return [.. result.Faults.Select(WithoutPlace)];
    }

    /// <summary>Asserts that a file has just this fault.</summary>
    public static void Rejects(string json, string fault) => Assert.Equal([fault], Faults(json));

    public static string WithoutPlace(Fault fault)
    {
        string line = fault.ToString();
        Assert.DoesNotContain('\n', line);
        Assert.StartsWith("/nowhere/c.json:", line, StringComparison.Ordinal);
        return line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..];
    }
}
