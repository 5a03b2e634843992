using System.Security.Cryptography.X509Certificates;

namespace Fastbridge.Mqtt.Transport;

/// <summary>Says which check of TLS failed, at which end, and what to do about it.</summary>
internal static class TlsFaults
{
    /// <summary>The server's certificate was refused by the checks of this end.</summary>
    /// <param name="serverName">What was asked for.</param>
    public static string OfChain(MqttTlsOptions options, string serverName, X509Certificate2 certificate, X509Chain? chain)
    {
        // The chain first: a name in a certificate that nobody vouches for says nothing.
        X509ChainStatusFlags faults = X509ChainStatusFlags.NoError;
        foreach (X509ChainStatus status in chain?.ChainStatus ?? [])
            faults |= status.Status;
        if ((faults & X509ChainStatusFlags.NotTimeValid) != 0)
            return Dates(certificate, chain!);
        // A signature that does not fit: the authority in the file has the issuer's name but another key, as when it was made anew.
        if ((faults & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid)) != 0)
        {
            if (options.CaFile is not null)
                return $"TLS: the server's certificate (issued by {certificate.Issuer}) comes from no authority in {options.CaFile}; check tls.ca_file";
            return $"TLS: the server's certificate (issued by {certificate.Issuer}) comes from no authority that this system trusts{(SystemAuthorities.Find() is { } file ? $" ({file})" : "")}; name the authority's file in tls.ca_file{(SystemAuthorities.Find() is null ? ", or install the package ca-certificates" : "")}";
        }

        if (faults != X509ChainStatusFlags.NoError)
            return $"TLS: the server's certificate chain is not good: {faults}";
        return $"TLS: the server's certificate is for {Names(certificate)}, not for {serverName}; set tls.server_name to a name it carries";
    }

    /// <summary>None of the pinned fingerprints.</summary>
    public static string OfFingerprint(string shown) =>
        $"TLS: the server's certificate has the fingerprint {shown}, which is none in tls.fingerprint; if it was renewed, and this one is what its operator tells, write it there";

    /// <summary>A TLS alert by which the server refuses us, in its words of <c>openssl</c>; null where the text holds none. With TLS 1.3 it comes when the handshake is over.</summary>
    /// <param name="hasCertificate">We show one.</param>
    public static string? OfAlert(Exception fault, bool hasCertificate)
    {
        string text = "";
        for (Exception? e = fault; e is not null; e = e.InnerException)
            text += e.Message.ToUpperInvariant() + " ";
        if (!text.Contains("ALERT", StringComparison.Ordinal))
            return null;
        bool Says(string words) => text.Contains(words, StringComparison.Ordinal);
        if (Says("CERTIFICATE REQUIRED") || (!hasCertificate && Says("HANDSHAKE FAILURE")))
            return "TLS: the server asks for a client certificate; set tls.cert_file and tls.key_file";
        if (Says("UNKNOWN CA"))
            return "TLS: the server does not know the authority of our client certificate; check tls.cert_file (with its whole chain), or have the server trust its authority";
        if (Says("CERTIFICATE EXPIRED"))
            return "TLS: the server says that our client certificate has expired; renew tls.cert_file";
        if (Says("CERTIFICATE REVOKED"))
            return "TLS: the server says that our client certificate is revoked; renew tls.cert_file";
        if (Says("BAD CERTIFICATE") || Says("CERTIFICATE UNKNOWN") || Says("UNSUPPORTED CERTIFICATE"))
            return "TLS: the server refuses our client certificate; check tls.cert_file";
        if (Says("ACCESS DENIED"))
            return "TLS: the server does not admit our client certificate";
        if (Says("PROTOCOL VERSION"))
            return "TLS: the server speaks no version of TLS that is wanted here; check tls.min_version, and the server's own setting";
        if (Says("NO APPLICATION PROTOCOL"))
            return "TLS: the server takes none of the names in tls.alpn";
        if (Says("UNRECOGNIZED NAME"))
            return "TLS: the server does not know the name that was asked for; check the host in mqtt.server, or tls.server_name";
        return Says("HANDSHAKE FAILURE") ? "TLS: the server and this end have no cipher in common, or it refuses our client certificate" : null;
    }

    private static string Dates(X509Certificate2 certificate, X509Chain chain)
    {
        // The one that is at fault: it may stand above the server's own.
        X509Certificate2 at = certificate;
        foreach (X509ChainElement element in chain.ChainElements)
        {
            foreach (X509ChainStatus status in element.ChainElementStatus)
            {
                if ((status.Status & X509ChainStatusFlags.NotTimeValid) != 0)
                    at = element.Certificate;
            }
        }

        bool early = at.NotBefore.ToUniversalTime() > DateTime.UtcNow;
        string whose = at.Thumbprint == certificate.Thumbprint ? "the server's certificate" : $"the certificate of {at.Subject}, above the server's,";
        return $"TLS: {whose} {(early ? "is not valid yet" : "has expired")}: it is valid from {at.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} to {at.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC; {(early ? "is this host's clock right?" : "renew it at the server (is this host's clock right?)")}";
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
}
