using System.Text;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka.Producing;
using Fastbridge.Kafka.Security;

namespace Fastbridge.Tests.Kafka.Security;

/// <summary>What token servers answer, and what a connector must say to be given tokens.</summary>
public class TokenAnswerTests
{
    private static readonly TokenSettings Settings = new(new Uri("https://t:9/x"), "c", "hunter2&", null, null, [], null);
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_000);

    [Theory]
    [InlineData("{\"access_token\": \"a.b.c\", \"expires_in\": 60}", 60)]
    [InlineData("{\"expires_in\": \"60\", \"scope\": [{\"access_token\": 1}], \"access_token\": \"a.b.c\"}", 60)]
    [InlineData("{\"access_token\": \"a.b.c\"}", 300)]
    [InlineData("{\"access_token\": \"a.b.c\", \"expires_in\": 59.9}", 59)]
    [InlineData("{\"access_token\": \"a.b.c\", \"expires_in\": 1e300}", 366 * 24 * 3600)]
    public void A_token_has_its_life(string body, long seconds)
    {
        Token token = TokenAnswer.Read(Encoding.UTF8.GetBytes(body), 200, Settings, Now);
        Assert.Equal(("a.b.c", (1_000 + seconds) * 1_000), (token.Value, token.EndsAtMs));
    }

    [Theory]
    [InlineData(200, "", "the answer is no token (JSON with access_token is expected); check sasl.token_url")]
    [InlineData(200, "<html>hunter2&</html>", "the answer is no token (JSON with access_token is expected); check sasl.token_url")]
    [InlineData(200, "{\"access_token\": \"\"}", "the answer is no token (JSON with access_token is expected); check sasl.token_url")]
    [InlineData(200, "{\"access_token\": \"\\ud800\"}", "the answer is no token (JSON with access_token is expected); check sasl.token_url")]
    [InlineData(200, "{\"access_token\": \"a\", \"expires_in\": 0}", "the token has expired already (expires_in); check the token server's settings for this client")]
    [InlineData(401, "{\"error\": \"invalid_client\"}", "HTTP 401 invalid_client; check sasl.client_id and sasl.client_secret, and that the client may use the client credentials grant")]
    [InlineData(400, "{\"error\": \"invalid_scope\", \"error_description\": \"no\\nsuch hunter2& \\u2028 or hunter2%26.\"}", "HTTP 400 invalid_scope (no such ***   or ***); check sasl.scope")]
    [InlineData(200, "{\"error\": \"invalid_target\"}", "HTTP 200 invalid_target; check sasl.audience")]
    [InlineData(403, "no", "HTTP 403; check sasl.client_id and sasl.client_secret")]
    [InlineData(302, "", "HTTP 302; write the address to which it sends its clients as sasl.token_url")]
    [InlineData(404, "{}", "HTTP 404; check sasl.token_url, sasl.scope and sasl.audience")]
    [InlineData(503, "[", "HTTP 503; it is asked again")]
    public void Anything_else_is_one_line_with_a_remedy_and_without_the_secret(int status, string body, string line)
    {
        var e = Assert.Throws<TokenException>(() => TokenAnswer.Read(Encoding.UTF8.GetBytes(body), status, Settings, Now));
        Assert.Equal("token server t:9: " + line, e.Message);
    }

    [Fact]
    public void A_long_description_is_cut()
    {
        var e = Assert.Throws<TokenException>(() => TokenAnswer.Read(Encoding.UTF8.GetBytes($$"""{"error": "e", "error_description": "{{new string('x', 100_000)}}"}"""), 400, Settings, Now));
        Assert.InRange(e.Message.Length, 200, 400);
    }

    [Theory]
    [InlineData("sasl.oauthbearer.token.endpoint.url", "ftp://t", "write https://HOST/PATH")]
    [InlineData("sasl.oauthbearer.token.endpoint.url", "", "write https://HOST/PATH")]
    [InlineData("sasl.oauthbearer.client.secret", "", "OAUTHBEARER needs it")]
    [InlineData("sasl.oauthbearer.method", "default", "write oidc")]
    [InlineData("sasl.oauthbearer.extensions", "a1=x", "write name=value")]
    [InlineData("enable.sasl.oauthbearer.unsecure.jwt", "true", "write token_url, client_id and client_secret in sasl")]
    public void What_a_token_needs_is_asked_for(string name, string value, string expected)
    {
        var all = new Dictionary<string, string>
        {
            ["security.protocol"] = "sasl_ssl",
            ["sasl.mechanism"] = "OAUTHBEARER",
            ["sasl.oauthbearer.token.endpoint.url"] = "https://t",
            ["sasl.oauthbearer.client.id"] = "c",
            ["sasl.oauthbearer.client.secret"] = "s",
            [name] = value,
        };
        var e = Assert.Throws<SinkConfigurationException>(() => ProducerSettings.From(Sinks.Config("localhost:1", [.. all.Select(p => (p.Key, p.Value))])));
        Assert.StartsWith($"properties.{name}: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_show_no_secret() => Assert.DoesNotContain("hunter2", Settings.ToString(), StringComparison.Ordinal);
}
