using System.Globalization;
using System.Text.Json;

namespace Fastbridge.Tests.Admin;

/// <summary>Clients that are too large, too slow, too many, or speak no HTTP: each ends alone.</summary>
public class HttpLimitTests : AdminTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_body_that_is_too_large_is_413(bool chunked)
    {
        string padding = new(' ', 70_000);
        string text = chunked
            ? $"Transfer-Encoding: chunked\r\n\r\n{padding.Length.ToString("x", CultureInfo.InvariantCulture)}\r\n{padding}\r\n0\r\n\r\n"
            : $"Content-Length: {padding.Length}\r\n\r\n{padding}";
        string answer = await RawAsync($"POST {Base}create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{text}");
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("65536 bytes", FaultOf(BodyOf(answer)), StringComparison.Ordinal);
        await AssertUnhurtAsync();
    }

    /// <summary>Ten seconds, which is the default: the others must not run into them. Kestrel would end a slow body by itself after five.</summary>
    [Fact]
    public async Task a_body_that_does_not_come_is_408_headers_that_do_not_come_end_the_connection_and_others_are_served_meanwhile()
    {
        Task<string> headless = RawAsync($"GET {Base}list HTTP/1.1\r\nHost: local");
        Task<string> slow = RawAsync($"POST {Base}create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{");
        await AssertUnhurtAsync();
        string answer = await slow;
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("within 10 s", FaultOf(BodyOf(answer)), StringComparison.Ordinal);
        answer = await headless;
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), answer);
        await AssertUnhurtAsync();
    }

    [Theory]
    [InlineData("\r\n\r\n\r\n")]
    [InlineData("GET\r\n\r\n")]
    [InlineData("GET / HTTP/9.9\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nbroken header\r\n\r\n")]
    [InlineData("POST /api/cluster/connector/create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: x\r\n\r\n{}")]
    [InlineData("POST /api/cluster/connector/create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n")]
    [InlineData("POST /api/cluster/connector/create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"connector_name\":\"k\"")]
    [InlineData("POST /api/cluster/connector/create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n{}\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("\u0010\u000c\u0000\u0004MQTT\u0004\u0002\u0000\u003c\u0000\u0000")]
    public async Task malformed_http_is_refused_or_cut_and_hurts_nobody(string text)
    {
        string answer = await RawAsync(text, finish: true);
        Assert.DoesNotContain("HTTP/1.1 2", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(Log.Lines, l => l.StartsWith("Error", StringComparison.Ordinal));
        await AssertUnhurtAsync();
    }

    [Fact]
    public async Task an_endless_request_line_or_header_is_refused()
    {
        Assert.StartsWith("HTTP/1.1 414 ", await RawAsync("GET /" + new string('a', 20_000) + " HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431 ", await RawAsync("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + new string('a', 40_000) + "\r\n\r\n"), StringComparison.Ordinal);
        await AssertUnhurtAsync();
    }

    private static JsonElement BodyOf(string answer) => JsonDocument.Parse(answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]).RootElement;
}
