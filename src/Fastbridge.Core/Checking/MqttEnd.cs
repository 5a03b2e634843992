using System.Collections.Immutable;
using System.Globalization;
using Fastbridge.Core.Config;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Core.Checking;

/// <summary>One server as several connectors reach it: same address, way, TLS, version and credentials. Their filters, each once, at the highest QoS asked.</summary>
internal sealed class MqttEnd
{
    private readonly Dictionary<string, List<string>> _connectors = new(StringComparer.Ordinal);
    private readonly List<MqttSubscription> _filters = [];

    private MqttEnd(MqttClientOptions options) => Options = options;

    /// <summary>Those of the first connector.</summary>
    public MqttClientOptions Options { get; }

    /// <summary>All connectors of this end.</summary>
    public List<string> Connectors { get; } = [];

    /// <summary>As the file has them.</summary>
    public IReadOnlyList<MqttSubscription> Filters => _filters;

    public ImmutableArray<string> ConnectorsOf(string filter) => [.. _connectors[filter]];

    public static List<MqttEnd> Of(ImmutableArray<ConnectorConfig> connectors)
    {
        var ends = new Dictionary<string, MqttEnd>(StringComparer.Ordinal);
        var list = new List<MqttEnd>();
        foreach (ConnectorConfig connector in connectors)
        {
            // Each server of a list for itself: one that works would hide that another does not.
            foreach (MqttServer server in connector.Mqtt.Servers)
            {
                MqttClientOptions options = connector.Mqtt.At(server) with { OtherServers = [] };
                string identity = Identity(options);
                if (!ends.TryGetValue(identity, out MqttEnd? end))
                {
                    ends[identity] = end = new MqttEnd(options);
                    list.Add(end);
                }

                end.Add(connector);
            }
        }

        return list;
    }

    /// <summary>
    /// How the check subscribes to <see cref="Filters"/>, in their order: without retained messages (5.0), and a shared filter in a group of the check's
    /// own, so that no message goes to the check instead of to a running bridge.
    /// </summary>
    public ImmutableArray<MqttSubscription> HarmlessFilters(string clientId)
    {
        var harmless = ImmutableArray.CreateBuilder<MqttSubscription>(_filters.Count);
        foreach (MqttSubscription filter in _filters)
        {
            string name = filter.Filter;
            if (name.StartsWith("$share/", StringComparison.Ordinal))
            {
                string rest = name[(name.IndexOf('/', "$share/".Length) + 1)..];
                name = string.Create(CultureInfo.InvariantCulture, $"$share/{Group(clientId)}-{harmless.Count}/{rest}");
            }

            harmless.Add(new MqttSubscription(name, filter.QoS, RetainHandling: 2));
        }

        return harmless.ToImmutable();
    }

    private void Add(ConnectorConfig connector)
    {
        Connectors.Add(connector.Name);
        foreach (MqttSubscription subscription in connector.Mqtt.Subscriptions)
        {
            if (!_connectors.TryGetValue(subscription.Filter, out List<string>? names))
            {
                _connectors[subscription.Filter] = names = [];
                _filters.Add(subscription);
            }

            names.Add(connector.Name);
            int at = _filters.FindIndex(f => f.Filter == subscription.Filter);
            if (subscription.QoS > _filters[at].QoS)
                _filters[at] = subscription;
        }
    }

    // A client id may hold what a group may not [MQTT-4.8.2-2].
    private static string Group(string clientId) => clientId.Replace('/', '_').Replace('+', '_').Replace('#', '_');

    /// <summary>Everything that decides whether the broker lets in. Stays in memory: it holds the password.</summary>
    private static string Identity(MqttClientOptions o)
    {
        string password = o.Password is { } secret ? Convert.ToHexString(secret.Span) : "-";
        string version = o.Version == MqttVersion.V5 ? "5" : "4";
        string proxy = o.Proxy is { } p ? string.Join('\0', p.Address, p.Username, p.Password) : "-";
        string headers = string.Join('\0', o.WebSocketHeaders.Select(h => h.Key + "\0" + h.Value));
        return string.Join("\0\0", o.Host, o.Port.ToString(CultureInfo.InvariantCulture), o.WebSocketPath, headers, proxy, o.FollowServerReference ? "1" : "0", version,
            o.Username is null ? "-" : "+" + o.Username, password, o.Tls is null ? "-" : Identity(o.Tls));
    }

    private static string Identity(MqttTlsOptions tls) => string.Join(
        '\0', tls.CaFile, tls.CertFile, tls.KeyFile, tls.KeyPassword, tls.ServerName, string.Join(',', tls.Fingerprints), string.Join('\0', tls.Alpn), tls.OnlyTls13 ? "1" : "0", tls.Insecure ? "1" : "0");
}
