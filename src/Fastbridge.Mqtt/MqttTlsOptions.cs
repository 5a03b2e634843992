using System.Collections.Immutable;

namespace Fastbridge.Mqtt;

/// <summary>TLS of the MQTT connection. Files are read anew at each connect, so that renewed certificates need no restart.</summary>
public sealed record MqttTlsOptions
{
    /// <summary>PEM file of the authorities to trust; null: the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM file of the client's certificate (chain); null: none.</summary>
    public string? CertFile { get; init; }

    /// <summary>PEM file of its key; null: in <see cref="CertFile"/>.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Password of an encrypted key. Never logged.</summary>
    public string? KeyPassword { get; init; }

    /// <summary>Name to ask for and to check; null: the server's host.</summary>
    public string? ServerName { get; init; }

    /// <summary>
    /// SHA-256 of the server's certificate, 64 capital hexadecimal digits each; the server must show one of them. Without <see cref="CaFile"/> this alone decides: who made the
    /// certificate, its name and its dates are not asked, so that a device's self-signed one can be trusted. Default none.
    /// </summary>
    public ImmutableArray<string> Fingerprints { get; init; } = [];

    /// <summary>TLS 1.2 is refused. Default false: most brokers in the field end at 1.2. Older versions are never spoken.</summary>
    public bool OnlyTls13 { get; init; }

    /// <summary>Protocol names for ALPN, in order of preference. Default none: only shared ports (AWS IoT on 443) need one.</summary>
    public ImmutableArray<string> Alpn { get; init; } = [];

    /// <summary>Accept any certificate. Default false. Said as a warning at each start.</summary>
    public bool Insecure { get; init; }

    /// <summary>What the files held when these options were made, as a digest; null: unknown. Of no effect here: it lets two configurations differ when a file has changed.</summary>
    public string? FilesDigest { get; init; }
}
