using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fastbridge.Mqtt.Transport;

/// <summary>
/// One TLS handshake: the files read, the checks, and a sentence for the check that failed. Made anew for each connection, so that renewed files count.
/// </summary>
internal sealed class TlsHandshake : IDisposable
{
    private readonly MqttTlsOptions _options;
    private readonly string _serverName;
    private readonly X509Certificate2Collection? _authorities;
    private readonly X509Certificate2Collection? _own;
    private string? _refusal;

    private TlsHandshake(MqttTlsOptions options, string serverName, X509Certificate2Collection? authorities, X509Certificate2Collection? own)
    {
        _options = options;
        _serverName = serverName;
        _authorities = authorities;
        _own = own;
    }

    /// <exception cref="MqttConnectException">A file is missing, unreadable, or not what it should be.</exception>
    public static TlsHandshake Load(MqttTlsOptions options, string host)
    {
        X509Certificate2Collection? authorities = options.CaFile is null ? null : TlsFiles.ReadAuthorities(options.CaFile);
        X509Certificate2Collection? own = options.CertFile is null ? null : TlsFiles.ReadOwn(options.CertFile, options.KeyFile, options.KeyPassword);
        return new TlsHandshake(options, options.ServerName ?? host, authorities, own);
    }

    /// <exception cref="MqttConnectException">The handshake failed; names the check.</exception>
    public async ValueTask<SslStream> RunAsync(Stream plain, CancellationToken cancellation)
    {
        SslStream tls = new(plain, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(Settings(), cancellation).ConfigureAwait(false);
            return tls;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or CryptographicException)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw new MqttConnectException(_refusal ?? OfHandshake(e), e);
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public void Dispose()
    {
        foreach (X509Certificate2 certificate in (_authorities ?? []).Concat(_own ?? []))
            certificate.Dispose();
    }

    private SslClientAuthenticationOptions Settings()
    {
        X509ChainPolicy policy = new()
        {
            // A gateway often reaches nothing but its broker, so a revocation list that cannot be fetched must not stop it.
            RevocationMode = X509RevocationMode.NoCheck,
        };
        if (_authorities is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(_authorities);
        }

        return new SslClientAuthenticationOptions
        {
            TargetHost = _serverName,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = Check,
            ClientCertificateContext = _own is null ? null : SslStreamCertificateContext.Create(_own[0], new X509Certificate2Collection(_own.Skip(1).ToArray()), offline: true),
        };
    }

    private bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None || _options.Insecure)
            return true;
        using X509Certificate2? full = certificate is null ? null : new X509Certificate2(certificate);
        _refusal = Explain(full, chain, errors);
        return false;
    }

    private string Explain(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            return "TLS: the server shows no certificate";

        // The chain first: a name in a certificate that nobody vouches for says nothing.
        X509ChainStatusFlags faults = X509ChainStatusFlags.NoError;
        foreach (X509ChainStatus status in chain?.ChainStatus ?? [])
            faults |= status.Status;
        if ((faults & X509ChainStatusFlags.NotTimeValid) != 0)
            return $"TLS: the server's certificate is valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC, or one above it has expired; is this host's clock right?";
        // A signature that does not fit: the authority in the file has the issuer's name but another key, as when it was made anew.
        if ((faults & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid)) != 0)
        {
            return _options.CaFile is null
                ? $"TLS: the server's certificate (issued by {certificate.Issuer}) comes from no authority that this system trusts; name the authority's file in tls.ca_file"
                : $"TLS: the server's certificate (issued by {certificate.Issuer}) comes from no authority in {_options.CaFile}; check tls.ca_file";
        }

        if (faults != X509ChainStatusFlags.NoError)
            return $"TLS: the server's certificate chain is not good: {faults}";
        return $"TLS: the server's certificate is for {Names(certificate)}, not for {_serverName}; set tls.server_name to a name it carries";
    }

    private static string Names(X509Certificate2 certificate)
    {
        List<string> names = [];
        foreach (X509SubjectAlternativeNameExtension extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            names.AddRange(extension.EnumerateDnsNames());
            names.AddRange(extension.EnumerateIPAddresses().Select(a => a.ToString()));
        }

        return names.Count == 0 ? certificate.Subject : string.Join(", ", names.Take(5));
    }

    private string OfHandshake(Exception fault)
    {
        string text = Reasons.OneLine(fault.InnerException ?? fault);
        if (fault.Message.Contains("corrupted frame", StringComparison.Ordinal) || text.Contains("wrong version number", StringComparison.Ordinal))
            return "TLS: what the server answers is no TLS; use mqtt:// for a port without TLS, or name the one that has it (usually 8883)";
        if (fault is IOException)
            return $"TLS: the server broke off the handshake ({text}); does this port speak TLS{(_own is null ? ", and does it ask for a client certificate (tls.cert_file)" : "")}?";
        return $"TLS: the handshake failed: {text}";
    }
}
