using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Transport;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Client;

/// <summary>What can be chosen of TLS: pins, versions, ALPN, kinds of keys; and what a server says of our certificate.</summary>
public class TlsChoiceTests : ClientTest
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static X509Certificate2 ServerOf(Certificates certificates) => X509Certificate2.CreateFromPemFile(certificates.ServerCertFile, certificates.ServerKeyFile);

    private static string FingerprintOf(Certificates certificates)
    {
        using X509Certificate2 server = ServerOf(certificates);
        return server.GetCertHashString(HashAlgorithmName.SHA256);
    }

    private async Task<string> ReasonAsync(int port, MqttTlsOptions tls)
    {
        RecordingHandler handler = new();
        MqttClient client = Start(OptionsFor(port) with { Host = "localhost", Tls = tls, ReconnectDelay = Deadline, ReconnectDelayMax = Deadline }, handler: handler);
        string reason = (await handler.EventAsync<MqttEvent.Lost>()).Reason;
        await client.DisposeAsync();
        Assert.DoesNotContain('\n', reason);
        Assert.StartsWith($"mqtts://localhost:{port}: TLS: ", reason, StringComparison.Ordinal);
        return reason;
    }

    [Fact]
    public async Task a_pinned_certificate_is_accepted_for_itself_and_another_is_named()
    {
        // Expired and of no authority that is known: the pin alone decides.
        using Certificates pinned = new(serverExpired: true);
        await using ScriptedBroker broker = TlsTests.TlsBroker(pinned);
        Start(OptionsFor(broker.Port) with { Tls = new MqttTlsOptions { ServerName = "other.example", Fingerprints = [new string('0', 64), FingerprintOf(pinned)] } });
        await broker.AcceptAsync();
        await Handler.EventAsync<MqttEvent.Connected>();

        using Certificates other = new();
        await using ScriptedBroker wrong = TlsTests.TlsBroker(other);
        Task<string> reason = ReasonAsync(wrong.Port, new MqttTlsOptions { Fingerprints = [FingerprintOf(pinned)] });
        await Assert.ThrowsAnyAsync<Exception>(async () => await wrong.AcceptAsync());
        Assert.Contains($"has the fingerprint {FingerprintOf(other)}, which is none in tls.fingerprint", await reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task with_an_authority_the_pin_is_one_check_more()
    {
        using Certificates expired = new(serverExpired: true);
        await using ScriptedBroker broker = TlsTests.TlsBroker(expired);
        Task<string> reason = ReasonAsync(broker.Port, new MqttTlsOptions { CaFile = expired.CaFile, Fingerprints = [FingerprintOf(expired)] });
        await Assert.ThrowsAnyAsync<Exception>(async () => await broker.AcceptAsync());
        Assert.Contains("the server's certificate has expired: it is valid from", await reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_certificate_of_tomorrow_is_not_valid_yet()
    {
        using Certificates early = new(serverNotYet: true);
        await using ScriptedBroker broker = TlsTests.TlsBroker(early);
        Task<string> reason = ReasonAsync(broker.Port, new MqttTlsOptions { CaFile = early.CaFile });
        await Assert.ThrowsAnyAsync<Exception>(async () => await broker.AcceptAsync());
        Assert.Contains("the server's certificate is not valid yet: it is valid from", await reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task an_older_version_than_wanted_is_refused_and_said()
    {
        using Certificates certificates = new();
        int port = Ports.Free();
        await using Mosquitto broker = await Mosquitto.StartAsync(new MosquittoOptions
        {
            Extra = $"listener {port} 127.0.0.1\ncertfile {certificates.ServerCertFile}\nkeyfile {certificates.ServerKeyFile}\ntls_version tlsv1.3",
        });
        Start(OptionsFor(port) with { Host = "localhost", Tls = new MqttTlsOptions { CaFile = certificates.CaFile, OnlyTls13 = true } });
        await Handler.EventAsync<MqttEvent.Connected>();

        await using var server = new RawServer();
        Task<string> reason = ReasonAsync(server.Port, new MqttTlsOptions { CaFile = certificates.CaFile, OnlyTls13 = true });
        await using var tls = new SslStream(await server.AcceptAsync());
        using X509Certificate2 own = ServerOf(certificates);
#pragma warning disable CA5398 // the version is what is tested
        var old = new SslServerAuthenticationOptions { ServerCertificate = own, EnabledSslProtocols = SslProtocols.Tls12 };
#pragma warning restore CA5398
        await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsServerAsync(old, Cancelled).Guarded());
        await tls.DisposeAsync();
        Assert.Contains("tls.min_version", await reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task alpn_tells_the_names_in_their_order()
    {
        using Certificates certificates = new();
        await using var server = new RawServer();
        Start(OptionsFor(server.Port) with { Tls = new MqttTlsOptions { CaFile = certificates.CaFile, Alpn = ["x-amzn-mqtt-ca", "mqtt"] } });
        await using var tls = new SslStream(await server.AcceptAsync());
        using X509Certificate2 own = ServerOf(certificates);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = own, ApplicationProtocols = [new SslApplicationProtocol("x-amzn-mqtt-ca")] }, Cancelled).Guarded();
        Assert.Equal("x-amzn-mqtt-ca", tls.NegotiatedApplicationProtocol.ToString());
    }

    [Fact]
    public async Task a_server_that_wants_a_client_certificate_or_another_one_is_understood()
    {
        using Certificates certificates = new();
        using Certificates stranger = new();
        await using Mosquitto broker = await Mosquitto.StartAsync(new MosquittoOptions { Tls = certificates, RequireClientCertificate = true });
        int port = new Uri(broker.TlsUrl).Port;
        MqttTlsOptions tls = new() { CaFile = certificates.CaFile };
        Assert.EndsWith("TLS: the server asks for a client certificate; set tls.cert_file and tls.key_file", await ReasonAsync(port, tls), StringComparison.Ordinal);
        Assert.Contains(
            "TLS: the server does not know the authority of our client certificate",
            await ReasonAsync(port, tls with { CertFile = stranger.ClientCertFile, KeyFile = stranger.ClientKeyFile }),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rsa:2048", "-traditional")]
    [InlineData("rsa:2048", "-traditional -aes256")]
    [InlineData("rsa:2048", "-traditional -des3")]
    [InlineData("rsa:2048", "-aes128")]
    [InlineData("ec", "-traditional")]
    [InlineData("ec", "-traditional -aes128")]
    [InlineData("ec", "-aes256")]
    public async Task keys_as_openssl_writes_them_are_read(string kind, string form)
    {
        using TempFolder folder = new("keys");
        string key = folder.File("k.pem"), cert = folder.File("c.pem"), shown = folder.File("shown.pem");
        string[] make = kind == "ec" ? ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"] : ["-newkey", kind];
        await OpenSslAsync(["req", "-x509", .. make, "-nodes", "-keyout", key, "-out", cert, "-subj", "/CN=client", "-days", "2"]);
        bool encrypted = form.Contains("aes", StringComparison.Ordinal) || form.Contains("des", StringComparison.Ordinal);
        await OpenSslAsync(["pkey", "-in", key, "-out", shown, .. form.Split(' '), .. encrypted ? (string[])["-passout", "pass:hunter2"] : []]);

        X509Certificate2Collection own = TlsFiles.ReadOwn(cert, shown, encrypted ? "hunter2" : null);
        Assert.True(own[0].HasPrivateKey);
        own[0].Dispose();
        if (encrypted)
        {
            string fault = Assert.Throws<MqttConnectException>(() => TlsFiles.ReadOwn(cert, shown, "wrong")).Message;
            Assert.Contains("no private key that tls.key_password opens", fault, StringComparison.Ordinal);
            Assert.Contains("give its password", Assert.Throws<MqttConnectException>(() => TlsFiles.ReadOwn(cert, shown, null)).Message, StringComparison.Ordinal);
        }
    }

    private static async Task OpenSslAsync(IEnumerable<string> arguments)
    {
        if (!File.Exists("/usr/bin/openssl"))
            TestTools.Skip("openssl is not installed: apt-get install openssl");
        (int code, _, string error) = await ChildProcess.RunAsync("/usr/bin/openssl", arguments);
        Assert.True(code == 0, error);
    }
}
