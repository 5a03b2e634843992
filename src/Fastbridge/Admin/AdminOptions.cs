using System.Net;
using System.Text;
using Fastbridge.Cli;

namespace Fastbridge.Admin;

/// <summary>Where the admin API listens, who may use it, and its limits. Made by <see cref="Create"/>, which holds what belongs together.</summary>
internal sealed record AdminOptions
{
    public const string DefaultAddress = "127.0.0.1:58080";

    /// <summary>The environment variable of the token, for the server and for <c>--server</c>.</summary>
    public const string TokenVariable = "FASTBRIDGE_ADMIN_TOKEN";

    /// <summary>In characters. Below, guessing over a network becomes a matter of days.</summary>
    public const int ShortestToken = 16;

    /// <summary>Default 127.0.0.1:58080, as RobustMQ's.</summary>
    public required IPEndPoint Endpoint { get; init; }

    /// <summary>What a request must carry as <c>Authorization: Bearer</c>; null: nothing. Never null where the endpoint is not loopback.</summary>
    public string? Token { get; init; }

    /// <summary>Bytes of a request's body. Default 64 KB: a config of 4,096 characters, each escaped, and the rest of a record.</summary>
    public long MaxBodyBytes { get; init; } = 64 * 1024;

    /// <summary>How long a client may take over the headers, and then over the body. Default 10 s: what a slow mobile link needs for a few KB, and more.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Connections at once; one more is closed at once. Default 64: scripts and a dashboard; the bridge's memory stays bounded.</summary>
    public int MaxConnections { get; init; } = 64;

    /// <param name="address">HOST:PORT; the host is an IP address or <c>localhost</c>.</param>
    /// <param name="token">Null or empty: none.</param>
    /// <exception cref="SettingsException">Not an address; beyond loopback without a token; a token that is too short or not printable. One line with the remedy.</exception>
    public static AdminOptions Create(string address, string? token)
    {
        if (!TryParse(address, out IPEndPoint? endpoint))
            throw new SettingsException($"--admin: \"{address}\" is not HOST:PORT with an IP address or localhost and a port from 1 to 65535, such as {DefaultAddress} or [::1]:58080");
        if (string.IsNullOrEmpty(token))
        {
            return IPAddress.IsLoopback(endpoint.Address)
                ? new AdminOptions { Endpoint = endpoint }
                : throw new SettingsException($"--admin: {endpoint} can be reached from other machines, so it needs a token; set {TokenVariable} or --admin-token-file, or listen on {DefaultAddress}");
        }

        // The token itself is never shown.
        if (token.Length < ShortestToken || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new SettingsException($"the admin token has fewer than {ShortestToken} characters, or others than printable ASCII without blanks; make one with: openssl rand -hex 32");
        return new AdminOptions { Endpoint = endpoint, Token = token };
    }

    /// <summary>The token in a file, without the line break at its end.</summary>
    /// <exception cref="SettingsException">It cannot be read, or holds none.</exception>
    public static string TokenFrom(string file)
    {
        const int longest = 4096;
        try
        {
            using FileStream stream = File.OpenRead(file);
            var bytes = new byte[longest];
            string token = Encoding.UTF8.GetString(bytes, 0, stream.ReadAtLeast(bytes, longest, throwOnEndOfStream: false)).TrimEnd('\r', '\n');
            return token.Length > 0 ? token : throw new SettingsException($"--admin-token-file: {file} is empty; write the token into it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new SettingsException($"--admin-token-file: {file} cannot be read ({e.Message.TrimEnd('.')}); name a file that the service's user may read");
        }
    }

    private static bool TryParse(string address, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        const string localhost = "localhost:";
        string text = address.StartsWith(localhost, StringComparison.OrdinalIgnoreCase) ? $"{IPAddress.Loopback}:{address[localhost.Length..]}" : address;
        // IPEndPoint takes an address without a port, and for IPv6 without its brackets; neither says where to listen.
        bool hasPort = text.StartsWith('[') ? text.Contains("]:", StringComparison.Ordinal) : text.AsSpan().Count(':') == 1;
        return IPEndPoint.TryParse(text, out endpoint) && hasPort && endpoint.Port > 0;
    }
}
