using System.Globalization;

namespace Fastbridge.Core.Config.Validation;

/// <summary>An MQTT broker's address.</summary>
/// <param name="Host">Name or IP address, an IPv6 one without its brackets.</param>
/// <param name="Port">Null where the text has none.</param>
/// <param name="IsTls">What the scheme says; null without one.</param>
public readonly record struct ServerAddress(string Host, int? Port, bool? IsTls)
{
    private const string Forms = "write mqtt://HOST:PORT, mqtts://HOST:PORT for TLS, or HOST:PORT";

    /// <summary>Reads <c>mqtt://</c>, <c>tcp://</c>, <c>mqtts://</c>, <c>ssl://</c> or <c>host:port</c>. Faults do not repeat the text: it may hold a password.</summary>
    public static bool TryParse(string text, out ServerAddress address, out string? fault, out string? remedy)
    {
        address = new ServerAddress("localhost", null, null);
        (fault, remedy) = (null, Forms);
        bool? tls = null;
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
                case "WS" or "WSS":
                    (fault, remedy) = ("MQTT over WebSocket is not spoken by this version", "use the broker's mqtt:// or mqtts:// port");
                    return false;
                default:
                    fault = "the scheme before :// is none that is known";
                    return false;
            }

            rest = text[(scheme + 3)..];
        }

        if (rest.EndsWith('/'))
            rest = rest[..^1];
        if (rest.Contains('@', StringComparison.Ordinal))
            (fault, remedy) = ("user name and password do not belong in the address", "write them in username and password");
        else if (rest.AsSpan().IndexOfAny('/', '?', '#') >= 0)
            fault = "an MQTT address has no path";
        if (fault is not null || !TrySplit(rest, out string host, out string? port, out fault, ref remedy))
            return false;
        if (port is null)
        {
            address = new ServerAddress(host, null, tls);
            return true;
        }

        if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > 65_535)
        {
            (fault, remedy) = ("the port is no number from 1 to 65535", null);
            return false;
        }

        address = new ServerAddress(host, number, tls);
        return true;
    }

    private static bool TrySplit(string rest, out string host, out string? port, out string? fault, ref string? remedy)
    {
        (host, port, fault) = (rest, null, null);
        if (rest.StartsWith('['))
        {
            int close = rest.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || (close + 1 < rest.Length && rest[close + 1] != ':'))
            {
                fault = "the IPv6 address has no closing bracket, or no colon behind it";
                remedy = "write [::1]:1883";
                return false;
            }

            host = rest[1..close];
            port = close + 1 < rest.Length ? rest[(close + 2)..] : null;
            if (!System.Net.IPAddress.TryParse(host, out System.Net.IPAddress? ip) || ip.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6)
                fault = "what stands in brackets is no IPv6 address";
            return fault is null;
        }

        int colon = rest.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0 && rest.IndexOf(':', colon + 1) >= 0)
        {
            (fault, remedy) = ("more than one colon", "write an IPv6 address in brackets: [::1]:1883");
            return false;
        }

        if (colon >= 0)
            (host, port) = (rest[..colon], rest[(colon + 1)..]);
        if (host.Length == 0)
            fault = "the host is missing";
        else if (host.Length > 253 || host.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
            fault = "the host holds blanks or is longer than 253 characters";
        return fault is null;
    }
}
