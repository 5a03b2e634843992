using System.Security.Cryptography.X509Certificates;

namespace Fastbridge.Kafka.Security;

/// <summary>What can be wrong with a certificate, apart from each other.</summary>
internal enum CertificateFault
{
    UnknownAuthority,
    Expired,
    NotYetValid,
    OtherName,
    Revoked,
    Other,
}

/// <summary>Says what is wrong with a server's certificate.</summary>
internal static class CertificateWords
{
    private const int MostNames = 5;

    /// <summary>What stands in the certificate about the fault; no remedy.</summary>
    /// <param name="isServers">It is the server's own and no authority's above it.</param>
    /// <param name="name">What the server was asked as.</param>
    public static string Of(CertificateFault fault, X509Certificate2 certificate, bool isServers, string name)
    {
        string whose = isServers ? "its certificate" : $"the certificate of {certificate.Subject}, above its own,";
        return fault switch
        {
            CertificateFault.Expired => $"{whose} has expired: it is valid from {Dates(certificate)}",
            CertificateFault.NotYetValid => $"{whose} is not valid yet: it is valid from {Dates(certificate)}",
            CertificateFault.OtherName => $"{whose} is for {Names(certificate)}, not for {name}",
            CertificateFault.Revoked => $"{whose} is revoked",
            CertificateFault.UnknownAuthority => $"its certificate (issued by {certificate.Issuer}) comes from no authority that is trusted here",
            _ => $"{whose} is not good",
        };
    }

    /// <summary>Of a broker's certificate.</summary>
    /// <param name="authorities">What is trusted; null: nothing is known of.</param>
    public static string Remedy(CertificateFault fault, string? authorities) => fault switch
    {
        CertificateFault.Expired => "renew it at the broker (is this host's clock right?)",
        CertificateFault.NotYetValid => "is this host's clock right?",
        CertificateFault.OtherName => "name the broker in bootstrap_servers and advertised.listeners as its certificate does",
        CertificateFault.UnknownAuthority => $"name its authority's file in tls.ca_file (ssl.ca.location){(authorities is null ? ", or install the package ca-certificates" : $", which is {authorities}")}",
        _ => "have the broker show another one",
    };

    /// <summary>Of a token server: fault and remedy in one.</summary>
    public static string OfChain(X509Certificate2 certificate, X509Chain? chain, string name, string? caFile)
    {
        // The chain first: a name in a certificate that nobody vouches for says nothing.
        for (int i = 0; i < chain?.ChainElements.Count; i++)
        {
            X509ChainElement element = chain.ChainElements[i];
            foreach (X509ChainStatus status in element.ChainElementStatus)
            {
                if (status.Status != X509ChainStatusFlags.NotTimeValid)
                    continue;
                bool early = element.Certificate.NotBefore.ToUniversalTime() > DateTime.UtcNow;
                return $"{Of(early ? CertificateFault.NotYetValid : CertificateFault.Expired, element.Certificate, element.Certificate.Thumbprint == certificate.Thumbprint, name)}; {(early ? "is this host's clock right?" : "renew it there (is this host's clock right?)")}";
            }
        }

        return chain?.ChainStatus.Length > 0
            ? $"{Of(CertificateFault.UnknownAuthority, certificate, true, name)}; name its authority's file in sasl.ca_file{(caFile is null ? "" : $", which is {caFile}")}"
            : $"{Of(CertificateFault.OtherName, certificate, true, name)}; write sasl.token_url with a name that it carries";
    }

    private static string Dates(X509Certificate2 certificate) =>
        $"{certificate.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC";

    private static string Names(X509Certificate2 certificate)
    {
        List<string> names = [];
        foreach (X509Extension extension in certificate.Extensions)
        {
            if (extension is not X509SubjectAlternativeNameExtension alternatives)
                continue;
            names.AddRange(alternatives.EnumerateDnsNames());
            foreach (System.Net.IPAddress address in alternatives.EnumerateIPAddresses())
                names.Add(address.ToString());
        }

        if (names.Count > MostNames)
            names.RemoveRange(MostNames, names.Count - MostNames);
        return names.Count == 0 ? certificate.Subject : string.Join(", ", names);
    }
}
