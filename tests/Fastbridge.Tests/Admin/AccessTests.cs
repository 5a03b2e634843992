using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Fastbridge.Admin;
using Fastbridge.Cli;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Admin;

/// <summary>Who may use the API: the token; without one programs of this machine, and no other site's page.</summary>
public class AccessTests : AdminTest
{
    private const string Token = "0123456789abcdef-token";

    [Theory]
    [InlineData(null, null)]
    [InlineData("Bearer", "")]
    [InlineData("Bearer", "0123456789abcdef-tokem")]
    [InlineData("Bearer", "0123456789abcdef-token2")]
    [InlineData("Basic", Token)]
    public async Task without_the_right_token_everything_is_401(string? scheme, string? token)
    {
        await StartAsync(AdminOptions.Create(Options.Endpoint.ToString(), Token));
        Http.DefaultRequestHeaders.Authorization = scheme is null ? null : new AuthenticationHeaderValue(scheme, token);
        using HttpResponseMessage answer = await Http.GetAsync(Base + "list", TestContext.Current.CancellationToken);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
        (HttpStatusCode status, JsonElement body) = await ReadAsync(answer);
        Assert.Equal((HttpStatusCode.Unauthorized, "unauthorized"), (status, body.GetProperty("reason").GetString()));
        Assert.DoesNotContain(Token, FaultOf(body), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync("create", "{}")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync("/openapi.json")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync("/nothing")).Status);
        Assert.DoesNotContain(Log.Lines, l => l.Contains(Token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task with_the_token_everything_works_under_any_host_name()
    {
        await StartAsync(AdminOptions.Create(Options.Endpoint.ToString(), Token));
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("bearer", Token);
        Http.DefaultRequestHeaders.Host = "gateway.example:8080";
        AssertDone(await PostAsync("create", """{"connector_name":"k","connector_type":"kafka","config":"{}","topic_name":"t"}"""));
        Assert.Contains("\"token\"", (await GetAsync("/openapi.json")).Body.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:58080", true)]
    [InlineData("127.0.0.1:1", true)]
    [InlineData("127.9.9.9", true)]
    [InlineData("[::1]:58080", true)]
    [InlineData("evil.example", false)]
    [InlineData("evil.example:58080", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("192.168.1.9:58080", false)]
    public async Task without_a_token_only_loopback_names_are_answered_so_that_rebinding_a_name_helps_no_page(string host, bool isIn)
    {
        Http.DefaultRequestHeaders.Host = host;
        (HttpStatusCode status, JsonElement body) = await GetAsync(Base + "list");
        Assert.Equal(isIn ? HttpStatusCode.OK : HttpStatusCode.Forbidden, status);
        if (!isIn) Assert.Contains("Host", FaultOf(body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    [InlineData("http://localhost:3000")]
    [InlineData("https://localhost")]
    public async Task another_sites_page_is_refused_and_changes_nothing(string origin)
    {
        Http.DefaultRequestHeaders.TryAddWithoutValidation("Origin", origin);
        Store.Add("k");
        (HttpStatusCode status, JsonElement body) = await PostAsync("delete", """{"connector_name":"k"}""");
        Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), (status, body.GetProperty("reason").GetString()));
        FaultOf(body);
        Assert.Single(Store.Connectors);
    }

    [Fact]
    public async Task a_page_of_the_same_origin_may_ask()
    {
        Http.DefaultRequestHeaders.TryAddWithoutValidation("Origin", Server.GetLeftPart(UriPartial.Authority));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(Base + "list")).Status);
    }

    [Theory]
    [InlineData("127.0.0.1:58080")]
    [InlineData("localhost:1")]
    [InlineData("[::1]:65535")]
    public void a_loopback_address_needs_no_token(string address) => Assert.Null(AdminOptions.Create(address, "").Token);

    [Theory]
    [InlineData("0.0.0.0:58080")]
    [InlineData("192.168.1.9:58080")]
    [InlineData("[::]:58080")]
    public void an_address_beyond_loopback_needs_a_token_and_tls(string address)
    {
        string fault = Assert.Throws<SettingsException>(() => AdminOptions.Create(address, null)).Message;
        Assert.All(new[] { AdminOptions.TokenVariable, "--admin-cert-file", "--admin-insecure", AdminOptions.DefaultAddress }, w => Assert.Contains(w, fault, StringComparison.Ordinal));
        fault = Assert.Throws<SettingsException>(() => AdminOptions.Create(address, Token)).Message;
        Assert.DoesNotContain(AdminOptions.TokenVariable, fault, StringComparison.Ordinal);
        Assert.Contains("--admin-cert-file", fault, StringComparison.Ordinal);
        Assert.Contains("--admin-token-file", Assert.Throws<SettingsException>(() => AdminOptions.Create(address, null, insecure: true)).Message, StringComparison.Ordinal);
        using var certificates = new Certificates();
        AdminTls tls = AdminTls.Load(certificates.ServerCertFile, certificates.ServerKeyFile, null);
        Assert.Contains(AdminOptions.TokenVariable, Assert.Throws<SettingsException>(() => AdminOptions.Create(address, null, tls)).Message, StringComparison.Ordinal);
        Assert.Equal((Token, false), (AdminOptions.Create(address, Token, tls).Token, AdminOptions.Create(address, Token, tls).IsPlainBeyondLoopback));
        Assert.True(AdminOptions.Create(address, Token, insecure: true).IsPlainBeyondLoopback);
    }

    [Theory]
    [InlineData("")]
    [InlineData("58080")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:0")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:x")]
    [InlineData("::1")]
    [InlineData("::1:58080")]
    [InlineData("gateway.example:58080")]
    [InlineData("http://127.0.0.1:58080")]
    public void what_is_no_address_is_told_with_an_example(string address) =>
        Assert.Contains("127.0.0.1:58080", Assert.Throws<SettingsException>(() => AdminOptions.Create(address, Token)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("short")]
    [InlineData("fifteen-letters")]
    [InlineData("with blanks in it, and long")]
    [InlineData("with-ümlauts-and-long")]
    public void a_token_that_is_weak_or_cannot_be_sent_is_refused_and_not_shown(string token) =>
        Assert.DoesNotContain(token, Assert.Throws<SettingsException>(() => AdminOptions.Create("127.0.0.1:1", token)).Message, StringComparison.Ordinal);

    [Fact]
    public void a_token_file_is_read_without_its_line_break_and_one_that_cannot_be_is_told()
    {
        using var folder = new TempFolder("admin-token");
        Assert.Equal(Token, AdminOptions.TokenFrom(folder.Write("token", Token + "\n")));
        Assert.Equal(Token, AdminOptions.TokenFrom(folder.Write("token", Token)));
        Assert.Contains("empty", Assert.Throws<SettingsException>(() => AdminOptions.TokenFrom(folder.Write("empty", "\n"))).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Throws<SettingsException>(() => AdminOptions.TokenFrom(folder.File("missing"))).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Throws<SettingsException>(() => AdminOptions.TokenFrom(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void the_settings_take_address_and_token_from_the_command_line_and_none_is_none()
    {
        using var folder = new TempFolder("admin-settings");
        Assert.Equal(AdminOptions.DefaultAddress, Settings.Load().Admin!.Endpoint.ToString());
        Assert.Null(Settings.Load(KeyValuePair.Create<string, string?>("admin", "")).Admin);
        AdminOptions options = Settings.Load(new("admin", "0.0.0.0:1"), new("admin_token_file", folder.Write("t", Token)), new("admin_insecure", "true")).Admin!;
        Assert.Equal(("0.0.0.0:1", Token), (options.Endpoint.ToString(), options.Token));
        using var certificates = new Certificates();
        options = Settings.Load(new("admin", "0.0.0.0:1"), new("admin_token", Token), new("admin_cert_file", certificates.ServerCertFile), new("admin_key_file", certificates.ServerKeyFile)).Admin!;
        Assert.Equal("https", options.Scheme);
        Assert.Contains("--admin-cert-file", Assert.Throws<SettingsException>(() => Settings.Load(new KeyValuePair<string, string?>("admin_key_file", "x")).Admin).Message, StringComparison.Ordinal);
        Assert.Contains("FASTBRIDGE_ADMIN_INSECURE", Assert.Throws<SettingsException>(() => Settings.Load(new KeyValuePair<string, string?>("admin_insecure", "perhaps")).Admin).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void an_address_and_none_exclude_each_other() => Assert.Contains(
        "exclude each other",
        Assert.Single(CommandTree.Root().Parse(["run", "--admin", "127.0.0.1:1", "--no-admin"]).Errors).Message,
        StringComparison.Ordinal);
}
