using System.Diagnostics.CodeAnalysis;
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

            // Nor must the server say from where this host loads something, before it is trusted and while the thread waits.
            DisableCertificateDownloads = true,
        };
        if (_authorities is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(_authorities);
        }

        List<SslApplicationProtocol>? alpn = null;
        foreach (string name in _options.Alpn)
            (alpn ??= []).Add(new SslApplicationProtocol(name));
        return new SslClientAuthenticationOptions
        {
            TargetHost = _serverName,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = Check,
            EnabledSslProtocols = Versions,
            ApplicationProtocols = alpn,
            ClientCertificateContext = _own is null ? null : SslStreamCertificateContext.Create(_own[0], new X509Certificate2Collection(_own.Skip(1).ToArray()), offline: true),
        };
    }

    // Said here, as a system's own configuration of OpenSSL may allow older ones.
    [SuppressMessage("Security", "CA5398", Justification = "These two are what the option min_version promises.")]
    private SslProtocols Versions => _options.OnlyTls13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13;

    private bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_options.Insecure)
            return true;
        using X509Certificate2? full = certificate is null ? null : new X509Certificate2(certificate);
        _refusal = full is null ? "TLS: the server shows no certificate" : Refusal(full, chain, errors);
        return _refusal is null;
    }

    private string? Refusal(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (!_options.Fingerprints.IsEmpty)
        {
            string shown = certificate.GetCertHashString(HashAlgorithmName.SHA256);
            if (!_options.Fingerprints.Contains(shown))
                return TlsFaults.OfFingerprint(shown);
            if (_authorities is null)
                return null; // The pin alone decides.
        }

        return errors == SslPolicyErrors.None ? null : TlsFaults.OfChain(_options, _serverName, certificate, chain);
    }

    private string OfHandshake(Exception fault)
    {
        if (TlsFaults.OfAlert(fault, _own is not null) is { } alert)
            return alert;
        string text = Reasons.OneLine(fault.InnerException ?? fault);
        if (fault.Message.Contains("corrupted frame", StringComparison.Ordinal) || text.Contains("wrong version number", StringComparison.Ordinal))
            return "TLS: what the server answers is no TLS; use mqtt:// for a port without TLS, or name the one that has it (usually 8883)";
        if (fault is IOException)
            return $"TLS: the server broke off the handshake ({text}); does this port speak TLS{(_own is null ? ", and does it ask for a client certificate (tls.cert_file)" : "")}?";
        return $"TLS: the handshake failed: {text}";
    }
}
