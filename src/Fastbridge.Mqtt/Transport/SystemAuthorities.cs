namespace Fastbridge.Mqtt.Transport;

/// <summary>
/// Where this system keeps the certificates of the authorities that it trusts. An OpenSSL that is linked into the executable knows only the folder of the system that it was
/// built on, and elsewhere it would trust nobody.
/// </summary>
public static class SystemAuthorities
{
    /// <summary>What names the file, for OpenSSL, .NET and us alike.</summary>
    public const string FileVariable = "SSL_CERT_FILE";

    /// <summary>What names the folder.</summary>
    public const string FolderVariable = "SSL_CERT_DIR";

    /// <summary>Debian and Alpine; Red Hat; newer Red Hat; Alpine and the BSDs; SUSE.</summary>
    private static readonly string[] Places =
    [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/cert.pem",
        "/etc/ssl/ca-bundle.pem",
    ];

    /// <summary>
    /// The file that SSL_CERT_FILE names, where it is there, else the first one in the usual places; null where there is none. Looked for at each call: a package may be
    /// installed meanwhile.
    /// </summary>
    public static string? Find() =>
        Environment.GetEnvironmentVariable(FileVariable) is { } named && File.Exists(named) ? named : Array.Find(Places, File.Exists);
}
