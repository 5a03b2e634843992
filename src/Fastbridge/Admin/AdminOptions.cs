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

    /// <summary>The certificate that connections are encrypted with; null: plain HTTP, which beyond loopback was asked for by name.</summary>
    public AdminTls? Tls { get; init; }

    /// <summary>The endpoint can be reached from other machines and speaks plain HTTP: told of at each start.</summary>
    public bool IsPlainBeyondLoopback => Tls is null && !IPAddress.IsLoopback(Endpoint.Address);

    /// <summary>As a URL begins.</summary>
    public string Scheme => Tls is null ? "http" : "https";

    /// <summary>Bytes of a request's body. Default 64 KB: a config of 4,096 characters, each escaped, and the rest of a record.</summary>
    public long MaxBodyBytes { get; init; } = 64 * 1024;

    /// <summary>How long a client may take over the TLS handshake, over the headers, and then over the body. Default 10 s: what a slow mobile link needs for a few KB, and more.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Connections at once; one more takes the place of the one that is idle longest. Default 64: scripts and a dashboard; the bridge's memory stays bounded.</summary>
    public int MaxConnections { get; init; } = 64;

    /// <param name="address">HOST:PORT; the host is an IP address or <c>localhost</c>.</param>
    /// <param name="token">Null or empty: none.</param>
    /// <param name="tls">Null: plain HTTP.</param>
    /// <param name="insecure">Plain HTTP is wanted beyond loopback too, as a TLS end of the operator's own stands before it.</param>
    /// <exception cref="SettingsException">Not an address; beyond loopback without a token or without TLS; a token that is too short or not printable. One line with the remedy.</exception>
    public static AdminOptions Create(string address, string? token, AdminTls? tls = null, bool insecure = false)
    {
        if (!TryParse(address, out IPEndPoint? endpoint))
            throw new SettingsException($"--admin: \"{address}\" is not HOST:PORT with an IP address or localhost and a port from 1 to 65535, such as {DefaultAddress} or [::1]:58080");
        token = string.IsNullOrEmpty(token) ? null : token;
        // The token itself is never shown.
        if (token is not null && (token.Length < ShortestToken || token.AsSpan().ContainsAnyExceptInRange('!', '~')))
            throw new SettingsException($"the admin token has fewer than {ShortestToken} characters, or others than printable ASCII without blanks; make one with: openssl rand -hex 32");
        if (!IPAddress.IsLoopback(endpoint.Address))
        {
            List<string> lacks = [];
            if (token is null)
                lacks.Add($"a token ({TokenVariable} or --admin-token-file)");
            if (tls is null && !insecure)
                lacks.Add("TLS (--admin-cert-file and --admin-key-file; or --admin-insecure, where a TLS proxy of your own stands before it)");
            if (lacks.Count > 0)
                throw new SettingsException($"--admin: {endpoint} can be reached from other machines, so it needs {string.Join(" and ", lacks)}; or listen on {DefaultAddress}");
        }

        return new AdminOptions { Endpoint = endpoint, Token = token, Tls = tls };
    }

    /// <summary>The token in a file, without the line break at its end.</summary>
    /// <exception cref="SettingsException">It cannot be read, or holds none.</exception>
    public static string TokenFrom(string file) => SecretFrom("--admin-token-file", file, "the token");

    /// <summary>What a file holds, without the line break at its end.</summary>
    /// <param name="option">Which option names the file, for faults.</param>
    /// <param name="what">What it should hold, for faults.</param>
    /// <exception cref="SettingsException">It cannot be read, or is empty.</exception>
    internal static string SecretFrom(string option, string file, string what)
    {
        const int longest = 4096;
        try
        {
            using FileStream stream = File.OpenRead(file);
            var bytes = new byte[longest];
            string secret = Encoding.UTF8.GetString(bytes, 0, stream.ReadAtLeast(bytes, longest, throwOnEndOfStream: false)).TrimEnd('\r', '\n');
            return secret.Length > 0 ? secret : throw new SettingsException($"{option}: {file} is empty; write {what} into it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new SettingsException($"{option}: {file} cannot be read ({e.Message.TrimEnd('.')}); name a file that the service's user may read");
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
