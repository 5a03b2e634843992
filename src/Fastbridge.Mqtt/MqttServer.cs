using System.Globalization;

namespace Fastbridge.Mqtt;

/// <summary>One address of a broker.</summary>
/// <param name="Host">Name or IP address, an IPv6 one without its brackets.</param>
/// <param name="Port">TCP port.</param>
/// <param name="WebSocketPath">Path and query of MQTT over WebSocket, as <c>/mqtt</c>; null: MQTT straight on TCP or TLS.</param>
public sealed record MqttServer(string Host, int Port, string? WebSocketPath = null)
{
    /// <summary><c>host:port</c>, an IPv6 address in brackets.</summary>
    public string HostAndPort => string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    /// <summary>For logs and events: <c>mqtt</c>, <c>mqtts</c>, <c>ws</c> or <c>wss</c>, and the path without its query, which may hold a signature.</summary>
    public string Address(bool tls)
    {
        if (WebSocketPath is not { } path)
            return (tls ? "mqtts://" : "mqtt://") + HostAndPort;
        int query = path.IndexOf('?', StringComparison.Ordinal);
        return (tls ? "wss://" : "ws://") + HostAndPort + (query < 0 ? path : path[..query]);
    }
}
