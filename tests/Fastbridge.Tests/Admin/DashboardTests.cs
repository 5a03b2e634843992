using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Fastbridge.Admin;

namespace Fastbridge.Tests.Admin;

/// <summary>The dashboard's files over HTTP. What they do in a browser is in Browser/.</summary>
public class DashboardTests : AdminTest
{
    private const string Token = "0123456789abcdef-token";

    public override async ValueTask InitializeAsync()
    {
        if (!Dashboard.IsThere) Assert.Skip("this build has no dashboard: node or npm was missing; run scripts/setup.sh and build again");
        await base.InitializeAsync();
    }

    [Fact]
    public async Task the_page_and_all_that_it_names_are_there_with_their_types()
    {
        string page = await TextAsync("/", "text/html; charset=utf-8");
        string[] named = [.. page.Split('"').Where(part => part.StartsWith("/ui/", StringComparison.Ordinal)).Distinct()];
        Assert.InRange(named.Length, 10, 40);
        foreach (string path in named)
        {
            string text = await TextAsync(path, Path.GetExtension(path) switch
            {
                ".js" => "text/javascript; charset=utf-8",
                ".css" => "text/css; charset=utf-8",
                ".svg" => "image/svg+xml",
                _ => "text/plain; charset=utf-8",
            });
            // Every module that a module imports is in the page's list, so that none is fetched late; and none comes from elsewhere.
            foreach (string import in text.Split('\n').Where(l => l.StartsWith("import ", StringComparison.Ordinal)))
                Assert.Contains("/ui/" + import.Split('\'')[1]["./".Length..], named);
        }

        Assert.Contains("Leon Sorokin", await TextAsync("/ui/uPlot.LICENSE.txt", "text/plain; charset=utf-8"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("br, GZIP;q=0.5", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("gzip;q=0.000", false)]
    [InlineData("br", false)]
    [InlineData("", false)]
    public async Task a_file_is_sent_compressed_to_whom_takes_it_so_and_plain_to_others(string accepted, bool zipped)
    {
        using HttpResponseMessage answer = await AskAsync("/", accepted);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(zipped ? ["gzip"] : [], answer.Content.Headers.ContentEncoding);
        Assert.Equal("Accept-Encoding", answer.Headers.Vary.Single());
        Assert.StartsWith("<!doctype html>", zipped ? Unzip(body) : Encoding.UTF8.GetString(body), StringComparison.Ordinal);
        Assert.Equal(body.Length, answer.Content.Headers.ContentLength);
        using HttpResponseMessage other = await AskAsync("/", zipped ? "" : "gzip");
        Assert.NotEqual(answer.Headers.ETag, other.Headers.ETag);
    }

    [Fact]
    public async Task a_file_that_the_browser_has_is_not_sent_again()
    {
        using HttpResponseMessage first = await AskAsync("/ui/app.js", "gzip");
        Assert.False(first.Headers.ETag!.IsWeak);
        Assert.True(first.Headers.CacheControl!.NoCache);
        foreach ((string tags, bool has) in new[] { ($"{first.Headers.ETag}", true), ($"\"x\", {first.Headers.ETag}", true), ($"W/{first.Headers.ETag}", true), ("*", true), ("\"x\"", false) })
        {
            using HttpResponseMessage again = await AskAsync("/ui/app.js", "gzip", tags);
            Assert.Equal(has ? HttpStatusCode.NotModified : HttpStatusCode.OK, again.StatusCode);
            Assert.Equal(has, (await again.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length == 0);
            Assert.Equal(first.Headers.ETag, again.Headers.ETag);
        }
    }

    [Fact]
    public async Task every_file_forbids_what_is_not_its_own()
    {
        using HttpResponseMessage answer = await AskAsync("/", "gzip");
        string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        foreach (string rule in new[] { "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'" })
            Assert.Contains(rule, policy.Split("; "));
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal(
            ("nosniff", "no-referrer", "same-origin", "same-origin", "DENY"),
            (One("X-Content-Type-Options"), One("Referrer-Policy"), One("Cross-Origin-Opener-Policy"), One("Cross-Origin-Resource-Policy"), One("X-Frame-Options")));

        string One(string name) => answer.Headers.GetValues(name).Single();
    }

    [Fact]
    public async Task head_says_the_same_without_the_file_and_other_methods_are_refused()
    {
        using HttpResponseMessage head = await Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.True(head.Content.Headers.ContentLength > 1000);
        (HttpStatusCode status, JsonElement body) = await PostAsync("/", "{}");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, status);
        Assert.Contains("GET, HEAD", FaultOf(body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ui/")]
    [InlineData("/ui/nothing.js")]
    [InlineData("/ui/../../etc/passwd")]
    [InlineData("/ui/..%2fapp.js")]
    [InlineData("/ui/build.mjs")]
    [InlineData("/ui/package.json")]
    [InlineData("/UI/app.js")]
    [InlineData("/index.html")]
    public async Task nothing_else_is_served(string path)
    {
        string answer = await RawAsync($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 404 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task with_a_token_the_files_come_without_it_and_the_data_does_not()
    {
        await StartAsync(AdminOptions.Create(Options.Endpoint.ToString(), Token));
        using HttpResponseMessage page = await AskAsync("/", "gzip");
        using HttpResponseMessage script = await AskAsync("/ui/app.js", "gzip");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (page.StatusCode, script.StatusCode));
        foreach (string call in new[] { "list", "status", "history?connector_name=k", "records?connector_name=k" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(Base + call)).Status);
        Assert.Equal(default, Bridge.Looked);
    }

    [Fact]
    public async Task without_a_token_the_files_are_refused_to_another_machines_name()
    {
        Http.DefaultRequestHeaders.Host = "evil.example";
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync("/")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync("/ui/app.js")).Status);
    }

    private static string Unzip(byte[] bytes)
    {
        using var zip = new StreamReader(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress), Encoding.UTF8);
        return zip.ReadToEnd();
    }

    private async Task<HttpResponseMessage> AskAsync(string path, string accepted, string? tags = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accepted.Length > 0) request.Headers.AcceptEncoding.ParseAdd(accepted);
        if (tags is not null) request.Headers.TryAddWithoutValidation("If-None-Match", tags);
        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task<string> TextAsync(string path, string type)
    {
        using HttpResponseMessage answer = await AskAsync(path, "gzip");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(MediaTypeHeaderValue.Parse(type), answer.Content.Headers.ContentType);
        return Unzip(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }
}
