using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fastbridge.Mqtt.Transport;

/// <summary>Reads the PEM files of TLS; each fault names option, file and remedy. Never prints what is in them.</summary>
internal static class TlsFiles
{
    private static readonly PemNames Client = new("tls.cert_file", "tls.key_file", "tls.key_password");

    /// <summary>All certificates of the file. The caller disposes of them.</summary>
    public static X509Certificate2Collection ReadAuthorities(string file) => Read("tls.ca_file", file);

    /// <summary>The client's certificate with its key first, then the rest of its chain. The caller disposes of them.</summary>
    /// <exception cref="MqttConnectException">A file is missing, unreadable, or not what it should be.</exception>
    public static X509Certificate2Collection ReadOwn(string certFile, string? keyFile, string? keyPassword) => ReadPair(Client, certFile, keyFile, keyPassword);

    /// <inheritdoc cref="ReadOwn"/>
    /// <param name="names">What the options are called that named the files.</param>
    public static X509Certificate2Collection ReadPair(PemNames names, string certFile, string? keyFile, string? keyPassword)
    {
        X509Certificate2Collection chain = Read(names.Cert, certFile);
        string keyPlace = keyFile is null ? $"{names.Cert} {certFile} (which must hold the key too, as there is no {names.Key})" : $"{names.Key} {keyFile}";
        string pem = keyFile is null ? Text(names.Cert, certFile) : Text(names.Key, keyFile);
        try
        {
            X509Certificate2 bare = chain[0];
            bool encrypted = pem.Contains("ENCRYPTED", StringComparison.Ordinal);
            if (encrypted && keyPassword is null)
                throw new MqttConnectException($"TLS: {keyPlace}: the key is encrypted; give its password in {names.Password}");
            string certificate = bare.ExportCertificatePem();
            if (TraditionalKey.IsIn(pem))
                (pem, encrypted) = (TraditionalKey.Open(pem, keyPassword!), false);
            chain[0] = encrypted
                ? X509Certificate2.CreateFromEncryptedPem(certificate, pem, keyPassword)
                : X509Certificate2.CreateFromPem(certificate, pem);
            bare.Dispose();
            return chain;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            string why = keyPassword is null ? $"no private key that belongs to the first certificate of {names.Cert}" : $"no private key that {names.Password} opens and that belongs to the first certificate of {names.Cert}";
            throw new MqttConnectException($"TLS: {keyPlace}: {why}", e);
        }
    }

    private static X509Certificate2Collection Read(string option, string file)
    {
        X509Certificate2Collection certificates = [];
        try
        {
            certificates.ImportFromPem(Text(option, file));
        }
        catch (CryptographicException e)
        {
            throw new MqttConnectException($"TLS: {option} {file}: not a PEM file of certificates ({Reasons.OneLine(e)})", e);
        }

        return certificates.Count > 0 ? certificates : throw new MqttConnectException($"TLS: {option} {file}: there is no certificate in it; PEM (BEGIN CERTIFICATE) is expected");
    }

    private static string Text(string option, string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MqttConnectException($"TLS: {option} {file}: no such file", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new MqttConnectException($"TLS: {option} {file}: cannot be read: {Reasons.OneLine(e)}", e);
        }
    }
}

/// <summary>What the options of a certificate, its key and the key's password are called, for faults.</summary>
internal sealed record PemNames(string Cert, string Key, string Password);
