using System.Globalization;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads <c>bootstrap_servers</c>: <c>host:port</c> entries, comma separated.</summary>
internal static class BootstrapServers
{
    public static string Read(ObjectReader kafka, LoadContext context)
    {
        if (kafka.RequireText("bootstrap_servers") is not { } servers)
            return "";
        Node node = kafka.Find("bootstrap_servers")!;
        string[] entries = servers.Value.Split(',', StringSplitOptions.TrimEntries);
        foreach (string entry in entries)
        {
            if (Check(entry) is not { } fault)
                continue;
            string which = servers.IsSecret || servers.Value.Contains('@', StringComparison.Ordinal) || entries.Length == 1 || entry.Length == 0 ? "" : Shown.Quote(entry) + ": ";
            context.Fault(node, which + fault.Text, fault.Remedy);
        }

        return string.Join(',', entries);
    }

    private static (string Text, string? Remedy)? Check(string entry)
    {
        if (entry.Length == 0)
            return ("an entry is empty", "write host:port, comma separated");
        if (entry.Contains("://", StringComparison.Ordinal))
            return ("an entry has no scheme", "write host:port, and add \"tls\": {} beside it for TLS");
        if (entry.Contains('@', StringComparison.Ordinal))
            return ("user name and password do not belong in the address", "write host:port, and them in \"sasl\"");
        // An IPv6 address stands in brackets: its own colons are then not the port's.
        int colon = entry.LastIndexOf(':');
        bool ipv6 = entry.StartsWith('[');
        string host = colon < 0 ? entry : entry[..colon];
        if (colon < 0 || (ipv6 && !host.EndsWith(']')))
            return ("the port is missing", "write host:9092");
        if (!ipv6 && host.Contains(':', StringComparison.Ordinal))
            return ("more than one colon", "write an IPv6 address in brackets: [::1]:9092");
        if (host.Length == 0 || host.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '/'))
            return ("the host is missing or holds blanks", "write host:port");
        return int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= 65_535
            ? null
            : ("the port is no number from 1 to 65535", null);
    }
}
