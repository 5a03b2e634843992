using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fastbridge.Tests.Support;

/// <summary>An authority of the test's own with a server's certificate (localhost, 127.0.0.1) and a client's, as PEM files.</summary>
public sealed class Certificates : IDisposable
{
    private readonly TempFolder _folder = new("certificates");

    /// <param name="serverExpired">The server's certificate ended yesterday.</param>
    /// <param name="serverNotYet">It begins tomorrow.</param>
    /// <param name="issuerAt">Where it says that its issuer's certificate can be downloaded.</param>
    public Certificates(bool serverExpired = false, bool serverNotYet = false, string? issuerAt = null)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=fastbridge test authority", caKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        // All test authorities have one name: with the key's identifier a file of several of them is good, as after an authority has changed its key.
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using X509Certificate2 ca = request.CreateSelfSigned(now.AddDays(-10), now.AddDays(30));
        CaFile = _folder.Write("ca.pem", ca.ExportCertificatePem());
        _folder.Write("ca.key", caKey.ExportPkcs8PrivateKeyPem());
        (ServerCertFile, ServerKeyFile) = Issue("localhost", ca, now.AddDays(serverExpired ? -1 : 20), serverNotYet ? 1 : -9, issuerAt);
        (ClientCertFile, ClientKeyFile) = Issue("client", ca, now.AddDays(20));
    }

    public string CaFile { get; }

    public string ServerCertFile { get; }

    public string ServerKeyFile { get; }

    public string ClientCertFile { get; }

    public string ClientKeyFile { get; }

    public void Dispose() => _folder.Dispose();

    /// <summary>The client gets another certificate of the same authority and name, in the same files.</summary>
    public void RenewClient()
    {
        using X509Certificate2 ca = X509Certificate2.CreateFromPem(File.ReadAllText(CaFile), File.ReadAllText(_folder.File("ca.key")));
        Issue("client", ca, DateTimeOffset.UtcNow.AddDays(20));
    }

    /// <summary>As <see cref="RenewClient"/>, the server.</summary>
    public void RenewServer()
    {
        using X509Certificate2 ca = X509Certificate2.CreateFromPem(File.ReadAllText(CaFile), File.ReadAllText(_folder.File("ca.key")));
        Issue("localhost", ca, DateTimeOffset.UtcNow.AddDays(20));
    }

    /// <summary>The server's key once more, encrypted, in a file of its own.</summary>
    public string EncryptServerKey(string password) => Encrypt(ServerKeyFile, password);

    /// <summary>As <see cref="EncryptServerKey"/>, the client's.</summary>
    public string EncryptClientKey(string password) => Encrypt(ClientKeyFile, password);

    private string Encrypt(string file, string password)
    {
        using ECDsa key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(file));
        return _folder.Write($"encrypted-{Guid.NewGuid():N}.key", key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
    }

    private (string Cert, string Key) Issue(string name, X509Certificate2 ca, DateTimeOffset end, int beginDays = -9, string? issuerAt = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        alternatives.AddDnsName(name);
        alternatives.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, true, false));
        if (issuerAt is not null) request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuerAt]));
        using X509Certificate2 certificate = request.Create(ca, DateTimeOffset.UtcNow.AddDays(beginDays), end, RandomNumberGenerator.GetBytes(8));
        return (_folder.Write($"{name}.pem", certificate.ExportCertificatePem()), _folder.Write($"{name}.key", key.ExportPkcs8PrivateKeyPem()));
    }
}
