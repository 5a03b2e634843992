using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Source;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Config.Validation;

/// <summary>What must not be alike between connectors: names, and client ids at one server, where each would throw out the other [MQTT-3.1.4-3].</summary>
internal static class Uniqueness
{
    public static void Check(IReadOnlyList<ReadConnector> connectors, LoadContext context)
    {
        var names = new Dictionary<string, Node>(StringComparer.Ordinal);
        var clients = new Dictionary<(string Host, int Port, string ClientId), ReadConnector>();
        foreach (ReadConnector connector in connectors)
        {
            if (connector.Name is null)
                continue;
            bool sameName = !names.TryAdd(connector.Config.Name, connector.Node);
            if (sameName)
                context.Fault(connector.Name, $"{names[connector.Config.Name].Path} has this name too", "give each connector a name of its own");
            foreach (MqttServer server in connector.Config.Mqtt.Servers)
            {
                var client = (server.Host.ToUpperInvariant(), server.Port, connector.Config.Mqtt.ClientId);
                if (client.ClientId.Length == 0 || clients.TryAdd(client, connector) || clients[client] == connector || (sameName && connector.OwnClientId is null))
                    continue;
                Node at = connector.OwnClientId ?? connector.Name;
                context.Fault(at, $"{clients[client].Node.Path} connects to the same server with the same client id", "give each connector a client_id of its own, or leave it out");
                break;
            }
        }
    }
}
