using Fastbridge.Mqtt;

namespace Fastbridge.Core.Config.Validation;

/// <summary>An MQTT broker's address.</summary>
/// <param name="Host">Name or IP address, an IPv6 one without its brackets.</param>
/// <param name="Port">Null where the text has none.</param>
/// <param name="IsTls">What the scheme says; null without one.</param>
/// <param name="Path">Path and query of a WebSocket; null where it is none.</param>
public readonly record struct ServerAddress(string Host, int? Port, bool? IsTls, string? Path = null)
{
    private const string Forms = "write mqtt://HOST:PORT, mqtts://HOST:PORT for TLS, ws://HOST:PORT/PATH, wss://HOST:PORT/PATH, or HOST:PORT";

    /// <summary>Where an address names none: what HiveMQ, EMQX and most others listen at.</summary>
    private const string UsualPath = "/mqtt";

    /// <summary>
    /// Reads <c>mqtt://</c>, <c>tcp://</c>, <c>mqtts://</c>, <c>ssl://</c>, <c>ws://</c>, <c>wss://</c> or <c>host:port</c>. Faults do not repeat the text: it may hold a
    /// password.
    /// </summary>
    public static bool TryParse(string text, out ServerAddress address, out string? fault, out string? remedy)
    {
        address = new ServerAddress("localhost", null, null);
        (fault, remedy) = (null, Forms);
        bool? tls = null;
        bool webSocket = false;
        string rest = text;
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
        {
            switch (text[..scheme].ToUpperInvariant())
            {
                case "MQTT" or "TCP":
                    tls = false;
                    break;
                case "MQTTS" or "SSL":
                    tls = true;
                    break;
                case "WS":
                    (tls, webSocket) = (false, true);
                    break;
                case "WSS":
                    (tls, webSocket) = (true, true);
                    break;
                default:
                    fault = "the scheme before :// is none that is known";
                    return false;
            }

            rest = text[(scheme + 3)..];
        }

        string? path = null;
        if (webSocket)
            (rest, path) = SplitPath(rest);
        else if (rest.EndsWith('/'))
            rest = rest[..^1];
        if (rest.Contains('@', StringComparison.Ordinal))
            (fault, remedy) = ("user name and password do not belong in the address", "write them in username and password");
        else if (rest.AsSpan().IndexOfAny('/', '?', '#') >= 0)
            fault = "an MQTT address has no path";
        else if (path is not null && path.Any(c => c is <= ' ' or > '~' or '#'))
            (fault, remedy) = ("the path holds a blank, a # or a character beyond ASCII", "write it percent-encoded, as %20");
        if (fault is not null || !HostAndPort.TrySplit(rest, "1883", out string host, out string? port, out fault, ref remedy))
            return false;
        int? number = null;
        if (port is not null && (number = HostAndPort.Port(port)) is null)
        {
            (fault, remedy) = (HostAndPort.NoPort, null);
            return false;
        }

        address = new ServerAddress(host, number, tls, path);
        return true;
    }

    /// <summary>The server that is meant, with the registered port where none is written.</summary>
    /// <param name="tls">Whether the connection is encrypted.</param>
    public MqttServer Server(bool tls) => new(Host, Port ?? (Path is null ? tls ? 8883 : 1883 : tls ? 443 : 80), Path);

    private static (string Address, string Path) SplitPath(string rest)
    {
        int at = rest.AsSpan().IndexOfAny('/', '?', '#');
        if (at < 0)
            return (rest, UsualPath);
        return (rest[..at], rest[at] == '/' ? rest[at..] : UsualPath + rest[at..]);
    }
}
