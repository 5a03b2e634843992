using Fastbridge.Core.Config;

namespace Fastbridge.Tests.Core.Config;

/// <summary><c>config.tls</c> and <c>config.sasl</c> become librdkafka's properties; what contradicts is a fault, what weakens is said.</summary>
public class KafkaSecurityTests
{
    private const string Login = "\"sasl\": {\"mechanism\": \"SCRAM-SHA-256\", \"username\": \"u\", \"password\": \"p\"}";
    private const string Plain = "\"sasl\": {\"mechanism\": \"PLAIN\", \"username\": \"u\", \"password\": \"hunter2\"}";
    private const string Token = "\"sasl\": {\"mechanism\": \"OAUTHBEARER\", \"token_url\": \"https://t/x\", \"client_id\": \"c\", \"client_secret\": \"hunter2\"}";

    [Theory]
    [InlineData("\"tls\": {}", "security.protocol=ssl")]
    [InlineData(Login, "sasl.mechanism=SCRAM-SHA-256 sasl.password=p sasl.username=u security.protocol=sasl_plaintext")]
    [InlineData("\"tls\": {}, " + Login, "sasl.mechanism=SCRAM-SHA-256 sasl.password=p sasl.username=u security.protocol=sasl_ssl")]
    [InlineData("\"tls\": {}, \"properties\": {\"sasl.mechanisms\": \"PLAIN\", \"sasl.username\": \"u\", \"sasl.password\": \"p\"}", "sasl.mechanisms=PLAIN sasl.password=p sasl.username=u security.protocol=sasl_ssl")]
    [InlineData("\"tls\": {}, " + Token, "sasl.mechanism=OAUTHBEARER sasl.oauthbearer.client.id=c sasl.oauthbearer.client.secret=hunter2 sasl.oauthbearer.method=oidc sasl.oauthbearer.token.endpoint.url=https://t/x security.protocol=sasl_ssl")]
    [InlineData("\"tls\": null, \"sasl\": null", "")]
    public void The_protocol_follows(string kafka, string properties) =>
        Assert.Equal(properties, string.Join(' ', Files.Connector(Files.One(kafka: kafka)).Kafka.Properties.Select(p => $"{p.Key}={p.Value}")));

    [Fact]
    public void A_key_in_the_certificates_file_needs_no_name_of_its_own_and_both_are_watched()
    {
        string here = typeof(KafkaSecurityTests).Assembly.Location;
        LoadResult result = Files.Parse(Files.One(kafka: $"\"tls\": {{\"cert_file\": \"{here}\"}}"));
        KafkaConfig kafka = result.Config!.Connectors[0].Kafka;
        Assert.Equal((here, here), (kafka.Properties["ssl.certificate.location"], kafka.Properties["ssl.key.location"]));
        Assert.Equal([here], result.WatchedFiles);
        Assert.NotNull(kafka.FilesDigest);
    }

    [Theory]
    [InlineData("\"tls\": {}, \"properties\": {\"security.protocol\": \"ssl\"}", "config.properties[\"security.protocol\"]: it follows from \"tls\" and \"sasl\"; remove it")]
    [InlineData("\"tls\": {\"key_password\": \"hunter2\"}, \"properties\": {\"ssl.key.password\": \"hunter2\"}", "config.tls.key_password: properties have \"ssl.key.password\" as well; remove one")]
    [InlineData("\"tls\": {\"insecure\": true}, \"properties\": {\"enable.ssl.certificate.verification\": false}", "config.tls.insecure: properties have \"enable.ssl.certificate.verification\" as well; remove one")]
    [InlineData(Login + ", \"properties\": {\"sasl.mechanisms\": \"PLAIN\"}", "config.sasl.mechanism: properties have \"sasl.mechanisms\" as well; remove one")]
    [InlineData(Login + ", \"properties\": {\"ssl.ca.location\": \"/x\"}", "config.properties[\"ssl.ca.location\"]: has no effect without TLS; add \"tls\": {} beside \"sasl\"")]
    [InlineData("\"tls\": {\"ca_file\": \"none.pem\"}", "config.tls.ca_file: \"none.pem\": there is no such file; relative paths begin beside the connectors file")]
    [InlineData("\"tls\": {\"ca_file\": \"/\"}", "config.tls.ca_file: \"/\": is a folder; name the PEM file in it")]
    [InlineData("\"tls\": {\"server_name\": \"x\"}", "config.tls.server_name: unknown key; known in \"config.tls\": ca_file, cert_file, key_file, key_password, verify_hostname, insecure")]
    [InlineData("\"sasl\": {\"username\": \"u\", \"password\": \"p\"}", "config.sasl: \"mechanism\" is missing; How to log in")]
    [InlineData("\"sasl\": {\"mechanism\": \"PLAIN\", \"username\": \"u\"}", "config.sasl: \"password\" is missing; PLAIN needs it")]
    [InlineData("\"sasl\": {\"mechanism\": \"OAUTHBEARER\", \"token_url\": \"https://t\", \"client_id\": \"c\"}", "config.sasl: \"client_secret\" is missing; OAUTHBEARER needs it")]
    [InlineData("\"sasl\": {\"mechanism\": \"PLAIN\", \"username\": \"u\", \"password\": \"p\", \"scope\": \"s\"}", "config.sasl.scope: has no effect with PLAIN; remove it, or set another mechanism")]
    [InlineData("\"sasl\": {\"mechanism\": \"OAUTHBEARER\", \"token_url\": \"ftp://hunter2@t\", \"client_id\": \"c\", \"client_secret\": \"s\"}", "config.sasl.token_url: no address of a token server; write https://HOST/PATH, without a user name")]
    [InlineData("\"sasl\": {\"mechanism\": \"OAUTHBEARER\", \"token_url\": \"https://t\", \"client_id\": \"c\", \"client_secret\": \"s\", \"extensions\": {\"auth\": \"x\"}}", "config.sasl.extensions.auth: no name of an extension; letters only, and not auth")]
    [InlineData("\"sasl\": {\"mechanism\": \"OAUTHBEARER\", \"token_url\": \"https://t\", \"client_id\": \"c\", \"client_secret\": \"s\", \"extensions\": {\"a\": \"1,2\"}}", "config.sasl.extensions.a: an extension's value has what is printable in ASCII, without commas")]
    [InlineData("\"properties\": {\"security.protocol\": \"sasl_ssl\", \"sasl.mechanism\": \"OAUTHBEARER\", \"sasl.oauthbearer.token.endpoint.url\": \"https://t\", \"sasl.oauthbearer.client.id\": \"c\"}", "config: OAUTHBEARER without sasl.oauthbearer.client.secret; write token_url, client_id and client_secret in \"sasl\"")]
    [InlineData("\"username\": \"u\"", "config.username: unknown key; it belongs in \"config.sasl\"")]
    [InlineData("\"cert_file\": \"u\"", "config.cert_file: unknown key; it belongs in \"config.tls\"")]
    public void Rejects(string kafka, string fault)
    {
        string expected = "connectors[0]." + fault;
        string[] faults = Files.Faults(Files.One(kafka: kafka));
        Assert.True(faults.Length == 1 && string.Equals(faults[0], expected, StringComparison.OrdinalIgnoreCase), string.Join(" | ", faults));
        Assert.DoesNotContain("hunter2", faults[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:1", "\"tls\": {\"insecure\": true}", "config.tls.insecure: true: any certificate is accepted: who stands in between can read and change all records; name the authority in ca_file")]
    [InlineData("localhost:1", "\"properties\": {\"security.protocol\": \"SSL\", \"enable.ssl.certificate.verification\": false}", "config.properties[\"enable.ssl.certificate.verification\"]: false: any certificate is accepted: who stands in between can read and change all records; name the authority in ca_file")]
    [InlineData("localhost:1", "\"tls\": {\"verify_hostname\": false}", "config.tls.verify_hostname: false: a certificate of any name is accepted: who has another one of the same authority can stand in between; name the brokers as their certificates do")]
    [InlineData("k:1", Plain, "config.sasl.mechanism: \"PLAIN\": the login is sent in the clear: anyone on the way can read it; add \"tls\": {}")]
    [InlineData("k:1", "\"properties\": {\"security.protocol\": \"sasl_plaintext\", \"sasl.mechanism\": \"PLAIN\"}", "config.properties[\"sasl.mechanism\"]: \"PLAIN\": the login is sent in the clear: anyone on the way can read it; set security.protocol to SASL_SSL")]
    [InlineData("k:1", "\"tls\": {}, \"sasl\": {\"mechanism\": \"OAUTHBEARER\", \"token_url\": \"http://t\", \"client_id\": \"c\", \"client_secret\": \"s\"}", "config.sasl.token_url: the client's secret is sent in the clear: anyone on the way can read it; write https://")]
    public void Warns_at_each_start(string servers, string kafka, string warning)
    {
        LoadResult result = Files.Parse(Files.One(kafka: $"\"bootstrap_servers\": \"{servers}\", {kafka}"));
        Assert.NotNull(result.Config);
        Assert.EndsWith("connectors[0]." + warning, Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:1,127.0.0.1:2,[::1]:3", Plain)]
    [InlineData("k:1", "\"tls\": {}, " + Plain)]
    [InlineData("k:1", Login)]
    [InlineData("k:1", "\"tls\": {}, " + Token)]
    public void Does_not_warn_of_what_nobody_can_read(string servers, string kafka) =>
        Assert.Empty(Files.Parse(Files.One(kafka: $"\"bootstrap_servers\": \"{servers}\", {kafka}")).Warnings);
}
