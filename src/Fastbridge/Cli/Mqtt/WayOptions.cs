using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Fastbridge.Core.Config.Validation;
using Fastbridge.Mqtt;

namespace Fastbridge.Cli.Mqtt;

/// <summary>The options of the way to a broker: TLS, a proxy, the headers of a WebSocket. Names as in the connectors file.</summary>
internal sealed class WayOptions
{
    private readonly Option<string?> _caFile = new("--ca-file") { Description = "PEM file of the authorities to trust; TLS. Default: the system's", HelpName = "FILE" };
    private readonly Option<string?> _certFile = new("--cert-file") { Description = "PEM file of this client's certificate; TLS", HelpName = "FILE" };
    private readonly Option<string?> _keyFile = new("--key-file") { Description = "PEM file of its key. Default: in --cert-file", HelpName = "FILE" };
    private readonly Option<string?> _keyPassword = new("--key-password") { Description = "Password of an encrypted key, best as '${env:NAME}' or '${file:PATH}'", HelpName = "PASSWORD" };
    private readonly Option<string?> _serverName = new("--server-name") { Description = "Name to ask for and to check in the broker's certificate. Default: its host", HelpName = "NAME" };
    private readonly Option<string?> _fingerprint = new("--fingerprint") { Description = "SHA-256 of the broker's certificate, in hexadecimal; without --ca-file it alone decides", HelpName = "HEX" };
    private readonly Option<string[]> _alpn = new("--alpn") { Description = "Protocol name for ALPN; may be given again", HelpName = "NAME" };
    private readonly Option<bool> _insecure = new("--insecure") { Description = "TLS with any certificate: for a first look, never for secrets" };
    private readonly Option<string?> _proxy = new("--proxy") { Description = "A proxy to go by: socks5://, socks5h:// or http://, or '${env:NAME}' that holds it with user name and password", HelpName = "URL" };
    private readonly Option<string[]> _headers = new("--header") { Description = "HTTP header of the WebSocket handshake, as 'Name: value'; may be given again", HelpName = "HEADER" };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_caFile, _certFile, _keyFile, _keyPassword, _serverName, _fingerprint, _alpn, _insecure, _proxy, _headers])
            command.Options.Add(option);
    }

    /// <summary>An option was given that makes sense with TLS only.</summary>
    public bool WantsTls(ParseResult parsed) =>
        parsed.GetValue(_insecure) || parsed.GetValue(_alpn) is { Length: > 0 }
        || Array.Exists([_caFile, _certFile, _keyFile, _keyPassword, _serverName, _fingerprint], o => parsed.GetValue(o) is not null);

    /// <summary>What stands on the command line, over what is there.</summary>
    /// <exception cref="SettingsException">The command line is wrong.</exception>
    public MqttTlsOptions OverTls(MqttTlsOptions tls, ParseResult parsed) => tls with
    {
        CaFile = parsed.GetValue(_caFile) ?? tls.CaFile,
        CertFile = parsed.GetValue(_certFile) ?? tls.CertFile,
        KeyFile = parsed.GetValue(_keyFile) ?? tls.KeyFile,
        KeyPassword = parsed.GetValue(_keyPassword) is { } password ? Encoding.UTF8.GetString(SecretText.Resolve("--key-password", password)) : tls.KeyPassword,
        ServerName = parsed.GetValue(_serverName) ?? tls.ServerName,
        Fingerprints = parsed.GetValue(_fingerprint) is { } fingerprint ? [Fingerprint(fingerprint)] : tls.Fingerprints,
        Alpn = parsed.GetValue(_alpn) is { Length: > 0 } alpn ? Alpn(alpn) : tls.Alpn,
        Insecure = parsed.GetValue(_insecure) || tls.Insecure,
    };

    /// <inheritdoc cref="OverTls"/>
    public MqttClientOptions Over(MqttClientOptions options, ParseResult parsed) => options with
    {
        Proxy = parsed.GetValue(_proxy) is { } proxy ? Proxy(proxy) : options.Proxy,
        WebSocketHeaders = parsed.GetValue(_headers) is { Length: > 0 } headers ? Headers(headers, options) : options.WebSocketHeaders,
    };

    private static string Fingerprint(string text) => TlsReader.Fingerprint(text)
        ?? throw new SettingsException("--fingerprint: no SHA-256 fingerprint: 64 hexadecimal digits, with or without colons; openssl x509 -noout -fingerprint -sha256 -in CERTIFICATE shows it");

    private static ImmutableArray<string> Alpn(string[] names)
    {
        foreach (string name in names)
        {
            if (Encoding.UTF8.GetByteCount(name) is 0 or > 255)
                throw new SettingsException("--alpn: a protocol's name has 1 to 255 bytes");
        }

        return [.. names];
    }

    private static MqttProxy Proxy(string text)
    {
        string address = Encoding.UTF8.GetString(SecretText.Resolve("--proxy", text));
        return ProxyAddress.TryParse(address, out MqttProxy proxy, out string? fault, out string? remedy)
            ? proxy
            : throw new SettingsException($"--proxy: {fault}{(remedy is null ? "" : "; " + remedy)}");
    }

    private static ImmutableArray<KeyValuePair<string, string>> Headers(string[] texts, MqttClientOptions options)
    {
        if (!options.Servers.Any(s => s.WebSocketPath is not null))
            throw new SettingsException("--header: only a WebSocket has headers; write --server ws://HOST:PORT/PATH or wss://HOST:PORT/PATH");
        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>(texts.Length);
        foreach (string text in texts)
        {
            int colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                throw new SettingsException("--header: no colon; write 'Name: value'");
            string value = Encoding.UTF8.GetString(SecretText.Resolve("--header", text[(colon + 1)..].Trim()));
            if ((HeaderRules.OfName(text[..colon]) ?? HeaderRules.OfValue(value)) is { } fault)
                throw new SettingsException($"--header: {fault}");
            headers.Add(new(text[..colon], value));
        }

        return headers.MoveToImmutable();
    }
}
