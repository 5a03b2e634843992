using System.Globalization;
using Confluent.Kafka;
using Fastbridge.Kafka.Producing;
using Fastbridge.Mqtt.Transport;

namespace Fastbridge.Kafka.Security;

/// <summary>
/// Makes one line out of librdkafka's errors: which broker, which check failed, what to do. Pure, but for a look at where the system's authorities are.
/// </summary>
internal sealed class TroubleReader(IReadOnlyDictionary<string, string> properties)
{
    private const string TokenFailure = "Failed to acquire SASL OAUTHBEARER token: ";
    private const string After = " (after ";
    private const string Mechanisms = "broker's supported mechanisms: ";

    /// <summary>For tests and for where nothing is configured.</summary>
    public static TroubleReader Plain { get; } = new(new Dictionary<string, string>());

    private string Mechanism => properties.GetValueOrDefault("sasl.mechanism") ?? properties.GetValueOrDefault("sasl.mechanisms") ?? "GSSAPI";

    private bool ShowsCertificate => properties.ContainsKey("ssl.certificate.location") || properties.ContainsKey("ssl.certificate.pem") || properties.ContainsKey("ssl.keystore.location");

    /// <summary>An error, or a log line of an attempt that failed; null where it is no matter of security or names.</summary>
    /// <param name="error">librdkafka's or Kafka's code.</param>
    /// <param name="text">Clean and on one line, with its end "(after 3ms in state CONNECT)".</param>
    public Trouble? Of(int error, string text)
    {
        (string end, string said) = Split(WithoutDuration(text));
        return (ErrorCode)error switch
        {
            ErrorCode.Local_Resolve => new Trouble(SinkFaultKind.NameUnknown, end, $"host name not found: {WithoutDuration(text)}", "check bootstrap_servers and DNS"),
            ErrorCode.Local_Transport or ErrorCode.Local_Ssl when OfAlert(said) is { } alert => Tls(end, alert.Text, alert.Remedy),
            ErrorCode.Local_Transport or ErrorCode.Local_Ssl when OfEnd(end, said, text) is { } ended => ended,
            ErrorCode.Local_Ssl => OfHandshake(end, said),
            ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed or ErrorCode.UnsupportedSaslMechanism or ErrorCode.IllegalSaslState => OfLogin(end, said),
            _ => null,
        };
    }

    /// <summary>"… Connection refused (after 3ms in state CONNECT, 5 identical error(s) suppressed)": the end says nothing to a user.</summary>
    public static string WithoutDuration(string text)
    {
        int start = text.LastIndexOf(After, StringComparison.Ordinal);
        return start > 0 ? text[..start] : text;
    }

    /// <summary>A verdict of <see cref="CertificateCheck"/>; null where the line is another one.</summary>
    public Trouble? OfCertificate(string line)
    {
        if (!CertificateCheck.TryRead(line, out CertificateFault fault, out string end, out string words))
            return null;
        string? authorities = properties.TryGetValue("ssl.ca.location", out string? file) && file != "probe" ? file : (properties.ContainsKey("ssl.ca.pem") ? "in ssl.ca.pem" : SystemAuthorities.Find());
        return Tls(end, words, CertificateWords.Remedy(fault, authorities));
    }

    private static Trouble Tls(string end, string text, string remedy) =>
        new(SinkFaultKind.TlsFailed, end, end.Length == 0 ? $"TLS failed: {text}" : $"TLS failed at {end}: {text}", remedy);

    /// <summary>
    /// The broker ended the connection without a word, where one that is of another kind than ours would: in the handshake, or at the first request. It may as well be one that is
    /// just ending, so it is a question.
    /// </summary>
    private Trouble? OfEnd(string end, string said, string text)
    {
        if (!said.Contains("Disconnected", StringComparison.Ordinal) && !said.Contains("unexpected eof", StringComparison.Ordinal))
            return null;
        bool In(string state) => text.Contains(" in state " + state, StringComparison.Ordinal);
        bool encrypted = text.Contains("ssl://", StringComparison.Ordinal);
        string? remedy = null;
        if (encrypted && (In("CONNECT") || In("SSL_HANDSHAKE")))
            remedy = ShowsCertificate ? "does that port speak TLS?" : "does that port speak TLS, and does it ask for a client certificate (tls.cert_file)?";
        else if (!encrypted && In("APIVERSION_QUERY"))
            remedy = "does that port want TLS? Then add tls (security.protocol)";
        else if (In("UP") && !text.Contains("sasl_", StringComparison.Ordinal) && IsSoon(text))
            remedy = "does that port want a login? Then add sasl (security.protocol)";
        return remedy is null ? null : new Trouble(SinkFaultKind.Unreachable, end, $"{end} ended the connection {(In("UP") || !encrypted ? "at the first request" : "in the TLS handshake")}", remedy);
    }

    // Of a connection that has stood for some time, nobody doubts the kind.
    private static bool IsSoon(string text)
    {
        int start = text.LastIndexOf(After, StringComparison.Ordinal) + After.Length, end = text.IndexOf("ms in state", start, StringComparison.Ordinal);
        return end > start && int.TryParse(text.AsSpan(start, end - start), NumberStyles.None, CultureInfo.InvariantCulture, out int ms) && ms < 2_000;
    }

    private Trouble OfHandshake(string end, string said)
    {
        bool Says(string words) => said.Contains(words, StringComparison.OrdinalIgnoreCase);
        if (Says("wrong version number") || Says("packet length too long") || Says("http request") || Says("unknown protocol"))
            return Tls(end, "what it answers is no TLS", "name the port of its TLS listener, or leave tls (security.protocol) out");
        if (Says("certificate verify failed"))
            return Tls(end, "its certificate is not trusted here", "fastbridge check says why");
        if (Says("unsupported protocol") || Says("no protocols available"))
            return Tls(end, "it speaks no version of TLS that is allowed here", "allow TLS 1.2 or 1.3 at the broker");
        return Tls(end, WithoutRoutine(said), "check tls (security.protocol, ssl.*) and the certificates");
    }

    /// <summary>By a TLS alert the broker refuses us. With TLS 1.3 it comes when the handshake is over, as an error of the first answer.</summary>
    private (string Text, string Remedy)? OfAlert(string said)
    {
        if (!said.Contains(" alert ", StringComparison.Ordinal))
            return null;
        bool Says(string words) => said.Contains(words, StringComparison.Ordinal);
        const string Ask = "set tls.cert_file and tls.key_file (ssl.certificate.location, ssl.key.location)";
        if (Says("certificate required") || (!ShowsCertificate && (Says("bad certificate") || Says("handshake failure") || Says("certificate unknown") || Says("unexpected message"))))
            return ("it asks for a client certificate", Ask);
        if (Says("unknown ca") || Says("certificate unknown") || Says("bad certificate") || Says("unsupported certificate") || Says("access denied") || Says("decrypt error"))
            return ("it refuses our client certificate", "check tls.cert_file (ssl.certificate.location, with its whole chain), or have the broker trust its authority");
        if (Says("certificate expired"))
            return ("it says that our client certificate has expired", "renew tls.cert_file (ssl.certificate.location)");
        if (Says("certificate revoked"))
            return ("it says that our client certificate is revoked", "renew tls.cert_file (ssl.certificate.location)");
        if (Says("protocol version"))
            return ("it speaks no version of TLS that is allowed here", "allow TLS 1.2 or 1.3 at the broker");
        if (Says("handshake failure"))
            return ("the broker and this end have no cipher in common, or it refuses our client certificate", "check tls.cert_file and the broker's ssl.cipher.suites");
        return (WithoutRoutine(said), "see the broker's log");
    }

    private Trouble OfLogin(string end, string said)
    {
        Trouble Login(string text, string? remedy) => new(SinkFaultKind.AuthenticationFailed, end, end.Length == 0 ? $"authentication failed: {text}" : $"authentication failed at {end}: {text}", remedy);
        if (said.StartsWith(TokenFailure, StringComparison.Ordinal))
        {
            string[] parts = said[TokenFailure.Length..].Split("; ", 2);
            return Login(parts[0], parts.Length > 1 ? parts[1] : null);
        }

        int list = said.IndexOf(Mechanisms, StringComparison.Ordinal);
        if (list >= 0)
        {
            string known = said[(list + Mechanisms.Length)..].Trim();
            return known.Length == 0
                ? Login("that port asks for no login", "name the port of its SASL listener, or leave sasl (security.protocol) out")
                : Login($"it does not know {Mechanism}, but {known.Replace(",", ", ", StringComparison.Ordinal)}", "set sasl.mechanism to one of them");
        }

        int colon = said.IndexOf(": ", StringComparison.Ordinal);
        string reason = said.StartsWith("SASL authentication error: ", StringComparison.Ordinal) ? said[(colon + 2)..] : said;
        return Mechanism == "OAUTHBEARER"
            ? Login($"it refuses the token: {reason}", "check sasl.scope and sasl.audience, and that Kafka trusts the token server")
            : Login(reason, "check sasl.mechanism, sasl.username and sasl.password");
    }

    // "sasl_ssl://host:9093/bootstrap: what is said", without TLS and SASL "host:9092/7: what is said", or bare.
    private static (string End, string Said) Split(string text)
    {
        int colon = text.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0)
            return ("", text);
        string head = text[..colon];
        int scheme = head.IndexOf("://", StringComparison.Ordinal), start = scheme < 0 ? 0 : scheme + 3, slash = head.LastIndexOf('/');
        return slash <= start || head.Contains(' ', StringComparison.Ordinal) ? ("", text) : (head[start..slash], text[(colon + 2)..]);
    }

    // "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed": the middle is OpenSSL's own.
    private static string WithoutRoutine(string said)
    {
        int start = said.IndexOf("error:", StringComparison.Ordinal), end = said.LastIndexOf("::", StringComparison.Ordinal);
        return start < 0 || end < start ? said : said[(end + 2)..];
    }
}
