using System.Text.Json.Nodes;

namespace Fastbridge.Tests.Support;

/// <summary>Puts a connectors file together. Its client ids are its own, so that tests can share a broker.</summary>
public sealed class BridgeFile
{
    private readonly JsonArray _connectors = [];

    /// <param name="protocolVersion">4: MQTT 3.1.1, 5: MQTT 5.0.</param>
    public BridgeFile(string server, int protocolVersion = 5, int qos = 1)
    {
        Mqtt = new JsonObject
        {
            ["server"] = server,
            ["protocol_version"] = protocolVersion,
            ["client_id"] = $"bridge-{Environment.ProcessId}-{Random.Shared.Next():x8}",
            ["qos"] = qos,
        };
    }

    /// <summary>The file's <c>mqtt</c> object.</summary>
    public JsonObject Mqtt { get; }

    /// <summary>Adds a connector. <paramref name="more"/> may change its object and its Kafka <c>config</c> object.</summary>
    public BridgeFile Add(string name, string filter, string bootstrap, string topic, Action<JsonObject, JsonObject>? more = null)
    {
        var config = new JsonObject { ["bootstrap_servers"] = bootstrap, ["topic"] = topic };
        var connector = new JsonObject { ["connector_name"] = name, ["connector_type"] = "Kafka", ["config"] = config, ["topic_id"] = filter };
        more?.Invoke(connector, config);
        _connectors.Add(connector);
        return this;
    }

    /// <summary>Writes <c>connectors.json</c> into the folder and returns its path. The state folder stands beside it.</summary>
    public string Write(TempFolder folder, string name = "connectors.json") =>
        folder.Write(name, new JsonObject { ["mqtt"] = Mqtt.DeepClone(), ["connectors"] = _connectors.DeepClone() }.ToJsonString(new() { WriteIndented = true }));
}
