using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Transport;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Client;

/// <summary>TLS: what is good connects, what is not is named by the check that failed.</summary>
public class TlsTests : ClientTest
{
    internal static ScriptedBroker TlsBroker(Certificates certificates) =>
        new(certificate: X509Certificate2.CreateFromPemFile(certificates.ServerCertFile, certificates.ServerKeyFile));

    private async Task<string> RefusalAsync(Certificates server, MqttTlsOptions tls)
    {
        await using ScriptedBroker broker = TlsBroker(server);
        Start(OptionsFor(broker.Port) with { Tls = tls });
        await Assert.ThrowsAnyAsync<Exception>(async () => await broker.AcceptAsync());
        MqttEvent.Lost lost = await Handler.EventAsync<MqttEvent.Lost>();
        Assert.DoesNotContain('\n', lost.Reason);
        Assert.StartsWith($"mqtts://127.0.0.1:{broker.Port}: TLS: ", lost.Reason, StringComparison.Ordinal);
        return lost.Reason;
    }

    [Fact]
    public async Task a_server_that_our_authority_vouches_for_is_connected()
    {
        using Certificates certificates = new();
        await using ScriptedBroker broker = TlsBroker(certificates);
        MqttClient client = Start(OptionsFor(broker.Port) with { Tls = new MqttTlsOptions { CaFile = certificates.CaFile } });
        ScriptedLink link = await broker.AcceptAsync();
        await client.WaitForConnectedAsync(TestContext.Current.CancellationToken).Guarded();
        Task closing = client.DisconnectAsync(Deadline);
        await link.ReadAsync(Fastbridge.Mqtt.Protocol.PacketType.Disconnect);
        Assert.True(await link.ReadToEndAsync());
        await link.DisposeAsync();
        await closing.Guarded();
    }

    [Fact]
    public async Task another_authority_is_named()
    {
        using Certificates server = new();
        using Certificates other = new();
        Assert.Contains($"comes from no authority in {other.CaFile}", await RefusalAsync(server, new MqttTlsOptions { CaFile = other.CaFile }), StringComparison.Ordinal);
    }

    /// <summary>A server that is not trusted names no address that this host then asks: .NET would, while the thread waits.</summary>
    [Fact]
    public async Task nothing_is_downloaded_from_where_a_certificate_says()
    {
        using var elsewhere = new TcpListener(IPAddress.Loopback, 0);
        elsewhere.Start();
        using Certificates server = new(issuerAt: $"http://127.0.0.1:{((IPEndPoint)elsewhere.LocalEndpoint).Port}/ca.cer");
        using Certificates other = new();
        Assert.Contains("comes from no authority", await RefusalAsync(server, new MqttTlsOptions { CaFile = other.CaFile }), StringComparison.Ordinal);
        Assert.False(elsewhere.Pending());
    }

    [Fact]
    public async Task without_a_ca_file_the_systems_authorities_count_and_the_remedy_is_said()
    {
        using Certificates server = new();
        Assert.Contains("tls.ca_file", await RefusalAsync(server, new MqttTlsOptions()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task another_name_is_named_with_the_names_that_the_certificate_carries()
    {
        using Certificates server = new();
        string reason = await RefusalAsync(server, new MqttTlsOptions { CaFile = server.CaFile, ServerName = "other.example" });
        Assert.Contains("is for localhost, 127.0.0.1, not for other.example", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task an_expired_certificate_is_named_with_its_dates()
    {
        using Certificates server = new(serverExpired: true);
        Assert.Contains("is valid from", await RefusalAsync(server, new MqttTlsOptions { CaFile = server.CaFile }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task insecure_accepts_anything()
    {
        using Certificates server = new(serverExpired: true);
        await using ScriptedBroker broker = TlsBroker(server);
        Start(OptionsFor(broker.Port) with { Tls = new MqttTlsOptions { Insecure = true, ServerName = "other.example" } });
        await broker.AcceptAsync();
        await Handler.EventAsync<MqttEvent.Connected>();
    }

    [Fact]
    public async Task a_port_that_does_not_speak_tls_is_said()
    {
        ScriptedBroker broker = Broker();
        Start(OptionsFor(broker.Port) with { Tls = new MqttTlsOptions { Insecure = true } });
        ScriptedLink link = await broker.AcceptRawAsync();
        await link.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
        Assert.Contains("TLS: what the server answers is no TLS; use mqtt://", (await Handler.EventAsync<MqttEvent.Lost>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task renewed_files_count_at_the_next_connection()
    {
        using Certificates server = new();
        using Certificates other = new();
        using TempFolder folder = new("tls");
        string ca = folder.Write("ca.pem", await File.ReadAllTextAsync(other.CaFile, TestContext.Current.CancellationToken));
        await using ScriptedBroker broker = TlsBroker(server);
        Start(OptionsFor(broker.Port) with { Tls = new MqttTlsOptions { CaFile = ca } });
        await Assert.ThrowsAnyAsync<Exception>(async () => await broker.AcceptAsync());
        folder.Write("ca.pem", await File.ReadAllTextAsync(server.CaFile, TestContext.Current.CancellationToken));
        for (bool connected = false; !connected;)
        {
            try
            {
                await broker.AcceptAsync();
                connected = true;
            }
            catch (Exception e) when (e is IOException or AuthenticationException)
            {
                // An attempt that had read the old file.
            }
        }

        await Handler.EventAsync<MqttEvent.Connected>();
    }

    [Fact]
    public void faults_of_files_name_option_file_and_remedy_and_no_secret()
    {
        using Certificates certificates = new();
        using TempFolder folder = new("tls");
        string text = folder.Write("text.pem", "not a certificate");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string encrypted = folder.Write("encrypted.key", key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000)));

        Assert.Equal("TLS: tls.ca_file /no/such.pem: no such file", Fault(new MqttTlsOptions { CaFile = "/no/such.pem" }));
        Assert.Contains("there is no certificate in it", Fault(new MqttTlsOptions { CaFile = text }), StringComparison.Ordinal);
        Assert.Contains("there is no tls.key_file", Fault(new MqttTlsOptions { CertFile = certificates.ClientCertFile }), StringComparison.Ordinal);
        Assert.Contains("give its password", Fault(new MqttTlsOptions { CertFile = certificates.ClientCertFile, KeyFile = encrypted }), StringComparison.Ordinal);
        string wrong = Fault(new MqttTlsOptions { CertFile = certificates.ClientCertFile, KeyFile = encrypted, KeyPassword = "hunter2" });
        Assert.Contains("no private key that tls.key_password opens", wrong, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", wrong, StringComparison.Ordinal);
        Assert.Contains("belongs to the first certificate", Fault(new MqttTlsOptions { CertFile = certificates.ClientCertFile, KeyFile = certificates.ServerKeyFile }), StringComparison.Ordinal);
    }

    [Fact]
    public void an_encrypted_key_is_opened_by_its_password()
    {
        using Certificates certificates = new();
        using TempFolder folder = new("tls");
        using ECDsa key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(certificates.ClientKeyFile));
        string file = folder.Write("k.key", key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000)));
        X509Certificate2Collection own = TlsFiles.ReadOwn(certificates.ClientCertFile, file, "secret");
        Assert.True(own[0].HasPrivateKey);
        own[0].Dispose();
    }

    private static string Fault(MqttTlsOptions options) => Assert.Throws<MqttConnectException>(() => TlsHandshake.Load(options, "host")).Message;
}
