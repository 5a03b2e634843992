using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fastbridge.Core.Config.Validation;

/// <summary><c>host:port</c>, <c>host</c>, <c>[::1]:port</c>: what all addresses have in common.</summary>
internal static class HostAndPort
{
    public const string NoPort = "the port is no number from 1 to 65535";

    /// <param name="example">A port for the remedy.</param>
    /// <param name="host">Without brackets.</param>
    /// <param name="port">As written; null where there is none.</param>
    public static bool TrySplit(string text, string example, out string host, out string? port, out string? fault, ref string? remedy)
    {
        (host, port, fault) = (text, null, null);
        if (text.StartsWith('['))
        {
            int close = text.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || (close + 1 < text.Length && text[close + 1] != ':'))
            {
                fault = "the IPv6 address has no closing bracket, or no colon behind it";
                remedy = $"write [::1]:{example}";
                return false;
            }

            host = text[1..close];
            port = close + 1 < text.Length ? text[(close + 2)..] : null;
            if (!IPAddress.TryParse(host, out IPAddress? ip) || ip.AddressFamily != AddressFamily.InterNetworkV6)
                fault = "what stands in brackets is no IPv6 address";
            return fault is null;
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0 && text.IndexOf(':', colon + 1) >= 0)
        {
            (fault, remedy) = ("more than one colon", $"write an IPv6 address in brackets: [::1]:{example}");
            return false;
        }

        if (colon >= 0)
            (host, port) = (text[..colon], text[(colon + 1)..]);
        if (host.Length == 0)
            fault = "the host is missing";
        else if (host.Length > 253 || host.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
            fault = "the host holds blanks or is longer than 253 characters";
        return fault is null;
    }

    /// <summary>Null: <see cref="NoPort"/>.</summary>
    public static int? Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= 65_535 ? number : null;
}
