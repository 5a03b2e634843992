using Fastbridge.Mqtt;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads a proxy's address. Its faults never repeat the text, which may hold a password.</summary>
public static class ProxyAddress
{
    private const string Forms = "write socks5://HOST:PORT, socks5h://HOST:PORT or http://HOST:PORT, with USER:PASSWORD@ before the host where it asks for them";

    /// <summary>RFC 1929 has a byte for the length of each.</summary>
    private const int MostCredential = 255;

    /// <summary><c>socks5://</c>, <c>socks5h://</c> or <c>http://</c>; user name and password percent-encoded where they hold <c>:</c>, <c>@</c>, <c>/</c> or <c>%</c>.</summary>
    public static bool TryParse(string text, out MqttProxy proxy, out string? fault, out string? remedy)
    {
        proxy = new MqttProxy();
        (fault, remedy) = (null, Forms);
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        MqttProxyKind? kind = scheme < 0 ? null : text[..scheme].ToUpperInvariant() switch
        {
            "SOCKS5" => MqttProxyKind.Socks5,
            "SOCKS5H" => MqttProxyKind.Socks5H,
            "HTTP" => MqttProxyKind.Http,
            _ => null,
        };
        if (kind is null)
        {
            fault = "the scheme of a proxy is socks5, socks5h or http";
            return false;
        }

        string rest = text[(scheme + 3)..];
        if (rest.EndsWith('/'))
            rest = rest[..^1];
        int at = rest.LastIndexOf('@');
        string? user = at < 0 ? null : rest[..at];
        rest = rest[(at + 1)..];
        if (rest.AsSpan().IndexOfAny('/', '?', '#') >= 0)
            fault = "a proxy's address has no path";
        if (fault is not null || !HostAndPort.TrySplit(rest, "1080", out string host, out string? port, out fault, ref remedy))
            return false;
        int? number = port is null ? (kind == MqttProxyKind.Http ? null : 1080) : HostAndPort.Port(port);
        if (number is null)
        {
            fault = port is null ? "the port is missing, as HTTP proxies have none of their own" : HostAndPort.NoPort;
            return false;
        }

        proxy = proxy with { Kind = kind.Value, Host = host, Port = number.Value };
        if (user is null)
            return true;
        int colon = user.IndexOf(':', StringComparison.Ordinal);
        string name = Uri.UnescapeDataString(colon < 0 ? user : user[..colon]);
        string password = colon < 0 ? "" : Uri.UnescapeDataString(user[(colon + 1)..]);
        if (name.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(name) > MostCredential || System.Text.Encoding.UTF8.GetByteCount(password) > MostCredential)
        {
            (fault, remedy) = ("the user name is empty, or one of user name and password is longer than 255 bytes", null);
            return false;
        }

        proxy = proxy with { Username = name, Password = password };
        return true;
    }
}
