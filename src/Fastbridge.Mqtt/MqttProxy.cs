using System.Globalization;

namespace Fastbridge.Mqtt;

/// <summary>How a proxy is spoken to.</summary>
public enum MqttProxyKind
{
    /// <summary>SOCKS 5 (RFC 1928); the broker's name is resolved here.</summary>
    Socks5,

    /// <summary>SOCKS 5; the proxy resolves the broker's name.</summary>
    Socks5H,

    /// <summary>HTTP CONNECT.</summary>
    Http,
}

/// <summary>A proxy between this host and the broker. TLS runs through it, from end to end.</summary>
public sealed record MqttProxy
{
    public MqttProxyKind Kind { get; init; }

    /// <summary>Name or IP address, an IPv6 one without its brackets.</summary>
    public string Host { get; init; } = "";

    /// <summary>Default 1080, the registered port of SOCKS; HTTP proxies have none.</summary>
    public int Port { get; init; } = 1_080;

    /// <summary>Null (the default): none is told.</summary>
    public string? Username { get; init; }

    /// <summary>Never logged.</summary>
    public string? Password { get; init; }

    /// <summary>For logs: without user name and password.</summary>
    public string Address => string.Create(
        CultureInfo.InvariantCulture,
        $"{Kind switch { MqttProxyKind.Socks5 => "socks5", MqttProxyKind.Socks5H => "socks5h", _ => "http" }}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}
