using Confluent.Kafka;
using Fastbridge.Kafka.Producing;
using Fastbridge.Kafka.Security;

namespace Fastbridge.Tests.Kafka.Security;

/// <summary>librdkafka's words for what is wrong between us and a broker, in ours. What real brokers cause stands in <see cref="ListenerTests"/>.</summary>
public class TroubleReaderTests
{
    private const string Verdict = "[thrd:ssl://h:1/bootstrap]: ssl://h:1/bootstrap: Certificate (subject=/CN=a, issuer=/CN=b) verification callback failed: ";

    [Theory]
    [InlineData(ErrorCode.Local_Ssl, "ssl://h:1/7: SSL handshake failed: error:0A00010B:SSL routines::wrong version number", "TLS failed at h:1: what it answers is no TLS; name the port of its TLS listener, or leave tls (security.protocol) out")]
    [InlineData(ErrorCode.Local_Ssl, "ssl://h:1/7: SSL handshake failed: Disconnected: connection closed by peer (after 3ms in state SSL_HANDSHAKE)", "h:1 ended the connection in the TLS handshake; does that port speak TLS, and does it ask for a client certificate (tls.cert_file)?")]
    [InlineData(ErrorCode.Local_Ssl, "ssl://h:1/7: SSL handshake failed: error:0A000102:SSL routines::unsupported protocol", "TLS failed at h:1: it speaks no version of TLS that is allowed here; allow TLS 1.2 or 1.3 at the broker")]
    [InlineData(ErrorCode.Local_Ssl, "ssl://h:1/7: SSL handshake failed: error:0A000123:SSL routines::strange thing", "TLS failed at h:1: strange thing; check tls (security.protocol, ssl.*) and the certificates")]
    [InlineData(ErrorCode.Local_Transport, "ssl://h:1/7: Receive failed: error:0A00045C:SSL routines::tlsv13 alert certificate required: SSL alert number 116", "TLS failed at h:1: it asks for a client certificate; set tls.cert_file and tls.key_file (ssl.certificate.location, ssl.key.location)")]
    [InlineData(ErrorCode.Local_Ssl, "ssl://h:1/7: SSL handshake failed: error:0A000415:SSL routines::sslv3 alert certificate expired: SSL alert number 45", "TLS failed at h:1: it says that our client certificate has expired; renew tls.cert_file (ssl.certificate.location)")]
    [InlineData(ErrorCode.Local_Authentication, "sasl_ssl://[::1]:9/bootstrap: SASL authentication error: Authentication failed: Invalid username or password", "authentication failed at [::1]:9: Authentication failed: Invalid username or password; check sasl.mechanism, sasl.username and sasl.password")]
    [InlineData(ErrorCode.Local_Authentication, "sasl_ssl://h:1/bootstrap: SASL PLAIN mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported mechanisms: SCRAM-SHA-256,SCRAM-SHA-512", "authentication failed at h:1: it does not know PLAIN, but SCRAM-SHA-256, SCRAM-SHA-512; set sasl.mechanism to one of them")]
    [InlineData(ErrorCode.Local_Authentication, "sasl_plaintext://h:1/bootstrap: SASL PLAIN mechanism handshake failed: Broker: Request not valid in current SASL state: broker's supported mechanisms: ", "authentication failed at h:1: that port asks for no login; name the port of its SASL listener, or leave sasl (security.protocol) out")]
    [InlineData(ErrorCode.Local_Authentication, "Failed to acquire SASL OAUTHBEARER token: token server t:2: HTTP 500; it is asked again", "authentication failed: token server t:2: HTTP 500; it is asked again")]
    [InlineData(ErrorCode.Local_Transport, "h:1/bootstrap: Disconnected: connection closed by peer (after 3ms in state APIVERSION_QUERY)", "h:1 ended the connection at the first request; does that port want TLS? Then add tls (security.protocol)")]
    [InlineData(ErrorCode.Local_Transport, "ssl://h:1/bootstrap: Disconnected: connection closed by peer (after 1999ms in state UP, 5 identical error(s) suppressed)", "h:1 ended the connection at the first request; does that port want a login? Then add sasl (security.protocol)")]
    public void An_error_names_the_broker_the_check_and_the_remedy(ErrorCode code, string text, string line) =>
        Assert.Equal(line, Reader("PLAIN").Of((int)code, text)!.Line);

    [Theory]
    [InlineData("sslv3 alert bad certificate", "it refuses our client certificate")]
    [InlineData("tlsv1 alert unknown ca", "it refuses our client certificate")]
    [InlineData("sslv3 alert handshake failure", "the broker and this end have no cipher in common, or it refuses our client certificate")]
    [InlineData("tlsv13 alert certificate required", "it asks for a client certificate")]
    public void An_alert_means_something_else_where_we_show_a_certificate(string alert, string words) =>
        Assert.Equal($"TLS failed at h:1: {words}", new TroubleReader(new Dictionary<string, string> { ["ssl.certificate.location"] = "c" })
            .Of((int)ErrorCode.Local_Ssl, $"ssl://h:1/7: SSL handshake failed: error:0A000412:SSL routines::{alert}: SSL alert number 42")!.Text);

    [Fact]
    public void A_refused_token_is_no_matter_of_passwords() =>
        Assert.Equal(
            "authentication failed at h:1: it refuses the token: {\"status\":\"invalid_token\"}; check sasl.scope and sasl.audience, and that Kafka trusts the token server",
            Reader("OAUTHBEARER").Of((int)ErrorCode.Local_Authentication, "sasl_ssl://h:1/bootstrap: SASL authentication error: {\"status\":\"invalid_token\"}")!.Line);

    [Theory]
    [InlineData(ErrorCode.Local_Transport, "h:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused")]
    [InlineData(ErrorCode.Local_Transport, "h:1/bootstrap: Disconnected: connection closed by peer (after 2000ms in state UP)")]
    [InlineData(ErrorCode.Local_Transport, "sasl_ssl://h:1/bootstrap: Disconnected: connection closed by peer (after 3ms in state UP)")]
    [InlineData(ErrorCode.Local_AllBrokersDown, "1/1 brokers are down")]
    public void What_is_no_matter_of_security_is_left_to_others(ErrorCode code, string text) => Assert.Null(Reader("PLAIN").Of((int)code, text));

    [Theory]
    [InlineData("10 h:1 its certificate has expired: it is valid from A to B UTC", "TLS failed at h:1: its certificate has expired: it is valid from A to B UTC; renew it at the broker (is this host's clock right?)")]
    [InlineData("20 h:1 its certificate comes from nowhere", "TLS failed at h:1: its certificate comes from nowhere; name its authority's file in tls.ca_file (ssl.ca.location), which is /ca.pem")]
    [InlineData("62 h:1 its certificate is for a, not for h", "TLS failed at h:1: its certificate is for a, not for h; name the broker in bootstrap_servers and advertised.listeners as its certificate does")]
    [InlineData("79 h:1 its certificate is not good", "TLS failed at h:1: its certificate is not good (OpenSSL's verification error 79); have the broker show another one")]
    public void A_verdict_on_a_certificate_is_read_from_the_log(string verdict, string line) =>
        Assert.Equal(line, new TroubleReader(new Dictionary<string, string> { ["ssl.ca.location"] = "/ca.pem" }).OfCertificate(Verdict + verdict)!.Line);

    [Theory]
    [InlineData("Failed to get current certificate to verify")]
    [InlineData(Verdict)]
    [InlineData(Verdict + "x h:1 words")]
    public void Other_lines_are_no_verdict(string line) => Assert.Null(TroubleReader.Plain.OfCertificate(line));

    [Fact]
    public void Another_fault_at_the_same_broker_is_news_and_one_at_another_broker_beside_it_is_not()
    {
        var state = new SinkState(new SecretScrubber([]), TroubleReader.Plain);
        Assert.True(state.OnCertificate(Verdict + "20 h:1 nobody"));
        Assert.False(state.OnCertificate(Verdict + "20 h:1 nobody"));
        Assert.False(state.OnError((int)ErrorCode.Local_Ssl, "ssl://h:1/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not be verified"));
        Assert.False(state.OnCertificate(Verdict + "10 other:1 expired"));
        Assert.True(state.OnCertificate(Verdict + "10 h:1 expired"));
        Assert.StartsWith("TLS failed at h:1: expired; ", state.Fault, StringComparison.Ordinal);
        Assert.False(state.OnError((int)ErrorCode.Local_AllBrokersDown, "1/1 brokers are down"));
    }

    [Theory]
    [InlineData("ssl.key.location failed: error:1C800064:Provider routines::bad decrypt", "tls.key_file (ssl.key.location) /k.pem: its password is missing or wrong; give it in tls.key_password (ssl.key.password)")]
    [InlineData("ssl.key.location failed: error:05800074:x509 certificate routines::key values mismatch", "tls.key_file (ssl.key.location) /k.pem: the key does not belong to the certificate in tls.cert_file (ssl.certificate.location); name the two that belong together")]
    [InlineData("ssl.ca.location failed: error:05880020:x509 certificate routines::BIO lib", "tls.ca_file (ssl.ca.location) : there is no certificate in it; PEM (BEGIN CERTIFICATE) is expected")]
    [InlineData("something else", "properties: something else")]
    public void A_file_that_is_not_taken_is_named(string error, string line) =>
        Assert.Equal(line, FileTrouble.Of(error, new Dictionary<string, string> { ["ssl.key.location"] = "/k.pem" }));

    private static TroubleReader Reader(string mechanism) => new(new Dictionary<string, string> { ["sasl.mechanism"] = mechanism });
}
