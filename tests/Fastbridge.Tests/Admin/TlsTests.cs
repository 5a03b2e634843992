using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Fastbridge.Admin;
using Fastbridge.Cli;
using Fastbridge.Core.Config.Store;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Admin;

/// <summary>The admin API by https: its certificate, the files it comes from, and who asks it.</summary>
public sealed class TlsTests : AdminTest
{
    private const string Token = "0123456789abcdef-token";

    private readonly Certificates _certificates = new();
    private readonly TempFolder _folder = new("admin-tls");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _certificates.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task both_versions_are_spoken_and_a_connection_serves_many_requests(SslProtocols version)
    {
        await StartTlsAsync();
        Assert.Contains(Log.Lines, l => l.Contains($" on https://{Options.Endpoint}", StringComparison.Ordinal));
        using RawHttp link = await RawHttp.ConnectAsync(Options.Endpoint, version);
        Assert.Equal(version, link.Version);
        for (int i = 0; i < 20; i++) Assert.StartsWith("HTTP/1.1 200 ", await link.GetAsync(Base + "list"), StringComparison.Ordinal);
        // More than one TLS record, both ways.
        Store.Add([.. Enumerable.Range(0, 500).Select(i => $"connector-{i}")]);
        Assert.True((await link.GetAsync(Base + "list")).Length > 64 * 1024);
        await link.SendAsync($"POST {Base}create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{{\"x\":\"{new string('y', 59_992)}\"}}");
        Assert.StartsWith("HTTP/1.1 400 ", await link.AnswerAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task without_a_token_the_page_of_the_https_origin_may_ask_and_that_of_http_may_not()
    {
        await StartTlsAsync();
        Http.DefaultRequestHeaders.TryAddWithoutValidation("Origin", Server.GetLeftPart(UriPartial.Authority));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(Base + "list")).Status);
        Http.DefaultRequestHeaders.Remove("Origin");
        Http.DefaultRequestHeaders.TryAddWithoutValidation("Origin", $"http://{Options.Endpoint}");
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(Base + "list")).Status);
    }

    [Fact]
    public async Task who_speaks_http_is_told_of_https_and_who_speaks_neither_is_cut()
    {
        await StartTlsAsync();
        string answer = await RawAsync($"GET {Base}list HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("ask it by https://", answer, StringComparison.Ordinal);
        foreach (string text in (string[])["", "\u0000\u0001", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003 rubbish", "\u0016\u0003\u0001\u00ff\u00ff"])
            Assert.DoesNotContain("HTTP/1.1 2", await RawAsync(text, finish: true), StringComparison.Ordinal);
        await AssertUnhurtAsync();
    }

    [Fact]
    public async Task a_handshake_that_does_not_come_ends_the_connection()
    {
        await StartTlsAsync(readTimeout: TimeSpan.FromSeconds(1));
        using RawHttp silent = await RawHttp.ConnectAsync(Options.Endpoint);
        using RawHttp slow = await RawHttp.ConnectAsync(Options.Endpoint);
        await slow.SendAsync("\u0016\u0003\u0001");
        await silent.ClosedAsync();
        await slow.ClosedAsync();
    }

    [Fact]
    public async Task renewed_files_count_for_new_connections_and_bad_ones_change_nothing_and_are_told_once()
    {
        await StartTlsAsync();
        using RawHttp held = await RawHttp.ConnectAsync(Options.Endpoint, SslProtocols.Tls13);
        await held.GetAsync(Base + "list");
        _certificates.RenewServer();
        string renewed = await HandshakesUntilAsync("Information 4108 ");
        Assert.NotEqual(held.Shown!.Thumbprint, renewed);
        Assert.StartsWith("HTTP/1.1 200 ", await held.GetAsync(Base + "list"), StringComparison.Ordinal);

        string good = await File.ReadAllTextAsync(_certificates.ServerCertFile, Stop);
        await File.WriteAllTextAsync(_certificates.ServerCertFile, "-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n", Stop);
        await HandshakesUntilAsync("Warning 4109 ");
        // Long enough for two more looks.
        for (long begin = Environment.TickCount64; Environment.TickCount64 - begin < 2500;) Assert.Equal(renewed, await ShownAsync());
        string told = Assert.Single(Log.Lines, l => l.StartsWith("Warning 4109 ", StringComparison.Ordinal));
        Assert.Contains($"--admin-cert-file {_certificates.ServerCertFile}", told, StringComparison.Ordinal);

        // As it was before: read again all the same.
        await File.WriteAllTextAsync(_certificates.ServerCertFile, good, Stop);
        await HandshakesUntilAsync("Information 4108 ", times: 2);
        Assert.Equal(renewed, await ShownAsync());
    }

    [Fact]
    public async Task an_encrypted_key_is_opened_by_the_password_in_a_file_and_one_file_may_hold_all()
    {
        string encrypted = _certificates.EncryptServerKey("hunter2");
        await StartAsync(AdminOptions.Create(Options.Endpoint.ToString(), Token, AdminTls.Load(_certificates.ServerCertFile, encrypted, _folder.Write("password", "hunter2\n"))));
        Assert.NotEmpty(await ShownAsync());
        string both = _folder.Write("both.pem", string.Join('\n', ((string[])[_certificates.ServerCertFile, _certificates.CaFile, _certificates.ServerKeyFile]).Select(File.ReadAllText)));
        await StartAsync(AdminOptions.Create(Options.Endpoint.ToString(), Token, AdminTls.Load(both, null, null)));
        Assert.NotEmpty(await ShownAsync());

        AssertFault("give its password in --admin-key-password-file", () => AdminTls.Load(_certificates.ServerCertFile, encrypted, null));
        AssertFault("that --admin-key-password-file opens", () => AdminTls.Load(_certificates.ServerCertFile, encrypted, _folder.Write("wrong", "hunter3")));
        AssertFault("--admin-key-password-file: ", () => AdminTls.Load(_certificates.ServerCertFile, encrypted, _folder.File("missing")));
        AssertFault("--admin-cert-file " + _folder.File("missing"), () => AdminTls.Load(_folder.File("missing"), encrypted, null));
        AssertFault("there is no certificate in it", () => AdminTls.Load(_certificates.ServerKeyFile, _certificates.ServerKeyFile, null));
        AssertFault("no private key that belongs to", () => AdminTls.Load(_certificates.ServerCertFile, _certificates.ClientKeyFile, null));
        AssertFault("which must hold the key too", () => AdminTls.Load(_certificates.ServerCertFile, null, null));

        static void AssertFault(string words, Func<AdminTls> load)
        {
            string fault = Assert.Throws<SettingsException>(load).Message;
            Assert.Contains(words, fault, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', fault);
            Assert.DoesNotContain("hunter", fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task the_commands_take_the_authority_by_ca_file_and_name_the_check_that_failed()
    {
        await StartTlsAsync();
        Store.Add("k");
        string server = $"https://localhost:{Options.Endpoint.Port}";
        (int code, string output, string error) = await CommandAsync("list", "--server", server, "--ca-file", _certificates.CaFile);
        Assert.True(code == 0, error);
        Assert.Contains("| k ", output, StringComparison.Ordinal);

        (code, _, error) = await CommandAsync("list", "--server", server);
        Assert.Equal(1, code);
        Assert.Contains("comes from no authority that this system trusts", error, StringComparison.Ordinal);
        Assert.Contains("--ca-file", error, StringComparison.Ordinal);
        using var other = new Certificates();
        Assert.Contains($"comes from no authority in {other.CaFile}", (await CommandAsync("list", "--server", server, "--ca-file", other.CaFile)).Error, StringComparison.Ordinal);
        (code, _, error) = await CommandAsync("list", "--server", server, "--ca-file", _folder.File("missing"));
        Assert.Equal((2, true), (code, error.Contains("no such file", StringComparison.Ordinal)));
        Assert.Equal(2, (await CommandAsync("list", "--server", $"localhost:{Options.Endpoint.Port}", "--ca-file", _certificates.CaFile)).Code);
        Assert.Equal(2, (await CommandAsync("list", "--file", _folder.File("connectors.json"), "--ca-file", _certificates.CaFile)).Code);
        Assert.Contains("ask it by https://", (await CommandAsync("list", "--server", $"localhost:{Options.Endpoint.Port}")).Error, StringComparison.Ordinal);

        // For another name.
        await StartAsync(AdminOptions.Create(Options.Endpoint.ToString(), null, AdminTls.Load(_certificates.ClientCertFile, _certificates.ClientKeyFile, null)));
        Assert.Contains("not for localhost; give --server a name it carries", (await CommandAsync("list", "--server", server, "--ca-file", _certificates.CaFile)).Error, StringComparison.Ordinal);
        // Without TLS.
        await StartAsync(AdminOptions.Create(Options.Endpoint.ToString(), null));
        (code, _, error) = await CommandAsync("list", "--server", server, "--ca-file", _certificates.CaFile);
        Assert.Equal(1, code);
        Assert.Contains("is asked by http://", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_change_goes_through_tls_with_the_token()
    {
        await StartTlsAsync(Token);
        using var remote = new RemoteStore(Server, Token, null, _certificates.CaFile);
        Assert.True((await remote.CreateAsync(new ConnectorDraft { Name = "k", Type = "Kafka", Config = """{"topic":"t"}""", TopicIds = ["a"] }, Stop)).IsDone);
        Assert.Single(Store.Connectors);
    }

    protected override HttpMessageHandler NewHandler()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(_certificates.CaFile);
        return new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } };
    }

    private static async Task<(int Code, string Output, string Error)> CommandAsync(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = await CommandTree.RunAsync(["mqtt", "connector", .. arguments], output, error);
        Assert.DoesNotContain('\n', error.ToString().TrimEnd());
        return (code, output.ToString(), error.ToString());
    }

    private Task StartTlsAsync(string? token = null, TimeSpan? readTimeout = null)
    {
        AdminOptions options = AdminOptions.Create(Options.Endpoint.ToString(), token, AdminTls.Load(_certificates.ServerCertFile, _certificates.ServerKeyFile, null));
        return StartAsync(options with { ReadTimeout = readTimeout ?? options.ReadTimeout });
    }

    private async Task<string> ShownAsync()
    {
        using RawHttp link = await RawHttp.ConnectAsync(Options.Endpoint, SslProtocols.Tls13);
        return link.Shown!.Thumbprint;
    }

    /// <summary>Connects until the log has so many of these lines: the files are looked at when somebody connects. What the last handshake showed.</summary>
    private async Task<string> HandshakesUntilAsync(string line, int times = 1)
    {
        using var guard = new CancellationTokenSource(TestTools.Guard);
        while (Log.Lines.Count(l => l.StartsWith(line, StringComparison.Ordinal)) < times)
        {
            await ShownAsync();
            await Task.Delay(50, guard.Token);
        }

        return await ShownAsync();
    }
}
