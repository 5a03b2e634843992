using System.Globalization;
using System.Text;
using System.Text.Json;
using Fastbridge.Core.Config;

namespace Fastbridge.Bench;

/// <summary>The connectors file of the bridge under test: defaults everywhere but for what the load needs.</summary>
internal static class BenchFile
{
    /// <param name="plan">What is asked for.</param>
    /// <param name="port">The load source's.</param>
    /// <param name="bootstrap">Where Kafka is.</param>
    /// <param name="folder">Takes the bridge's state.</param>
    public static byte[] Text(BenchPlan plan, int port, string bootstrap, string folder)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $$"""{"state_dir":{{Quote(Path.Combine(folder, "state"))}},"mqtt":{"server":"mqtt://127.0.0.1:{{port}}","client_id":"bench","qos":{{plan.QoS}},"protocol_version":{{(plan.IsV5 ? 5 : 4)}}{{(plan.IsV5 ? string.Create(CultureInfo.InvariantCulture, $",\"receive_maximum\":{plan.Window}") : "")}}},"connectors":[""");
        for (int i = 0; i < plan.Connectors; i++)
            text.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $$$"""{"connector_name":"bench{{{i}}}","connector_type":"Kafka","config":{"bootstrap_servers":{{{Quote(bootstrap)}}},"topic":"{{{plan.Topic}}}","key":"${topic}"},"topic_id":"{{{TopicOf(i)}}}/#"}""");
        return Encoding.UTF8.GetBytes(text.Append("]}").ToString());
    }

    /// <summary>One connector into the plan's Kafka, as the file says it.</summary>
    /// <exception cref="BenchException">The file would be refused for the address.</exception>
    public static ConnectorConfig Connector(BenchPlan plan)
    {
        LoadResult read = ConnectorsFile.Parse(Text(plan with { Connectors = 1 }, 1, plan.Bootstrap!, "/"), "bench", LoadEnvironment.Current);
        if (read.Config is { } config)
            return config.Connectors[0];
        Fault fault = read.Faults[0];
        throw new BenchException($"--bootstrap: {fault.Text}{(fault.Remedy is null ? "" : "; " + fault.Remedy)}");
    }

    /// <summary>The MQTT topics of a connector are below this.</summary>
    public static string TopicOf(int connector) => string.Create(CultureInfo.InvariantCulture, $"bench/{connector}");

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
