using System.Collections.Immutable;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Source;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Where to connect, and whether encrypted.</summary>
/// <param name="Servers">One at least.</param>
internal readonly record struct ServerSettings(ImmutableArray<MqttServer> Servers, MqttTlsOptions? Tls);

/// <summary>Reads <c>mqtt.server</c>: an address or a list of them, all encrypted or none.</summary>
internal static class ServerReader
{
    public static ServerSettings Read(ObjectReader mqtt, LoadContext context)
    {
        MqttTlsOptions? tls = TlsReader.Read(mqtt, context);
        var addresses = new List<(Node Node, ServerAddress Address)>();
        foreach ((Node item, Resolved text) in mqtt.Texts("server"))
        {
            if (!ServerAddress.TryParse(text.Value, out ServerAddress address, out string? fault, out string? remedy))
            {
                if (text.IsSecret || text.Value.Contains('@', StringComparison.Ordinal))
                    context.FaultWithoutValue(item, fault!, remedy);
                else
                    context.Fault(item, fault!, remedy);
                continue;
            }

            if (address.IsTls == false && tls is not null)
                context.Warn(item, "TLS is used, as there is a \"tls\" object", $"write {(address.Path is null ? "mqtts" : "wss")}:// to say so, or \"tls\": null for none");
            addresses.Add((item, address));
        }

        bool encrypted = tls is not null || addresses.Exists(a => a.Address.IsTls == true);
        var servers = ImmutableArray.CreateBuilder<MqttServer>(Math.Max(addresses.Count, 1));
        foreach ((Node item, ServerAddress address) in addresses)
        {
            MqttServer server = address.Server(encrypted);
            if (encrypted && tls is null && address.IsTls != true)
                context.Fault(item, "is not encrypted, while another server in the list is: when that one is away, all would be sent in the clear", "write mqtts:// or wss:// for all, or for none");
            else if (servers.Contains(server))
                context.Fault(item, "the same server stands before it", "remove one");
            servers.Add(server);
        }

        if (servers.Count == 0)
            servers.Add(new ServerAddress("localhost", null, null).Server(encrypted));
        return new ServerSettings(servers.ToImmutable(), encrypted ? tls ?? new MqttTlsOptions() : null);
    }
}
