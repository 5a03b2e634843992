using System.Net;
using System.Text.Json;
using Fastbridge.Admin;
using Fastbridge.Core;

namespace Fastbridge.Tests.Admin;

/// <summary>The probes: 200 or 503, with and without the token.</summary>
public class HealthTests : AdminTest
{
    private const string Token = "0123456789abcdef-health";

    [Fact]
    public async Task live_is_200_whatever_mqtt_and_kafka_do()
    {
        Bridge.Broken = new InvalidOperationException("live asks the bridge");
        (HttpStatusCode status, JsonElement body) = await GetAsync("/health/live");
        Assert.Equal((HttpStatusCode.OK, "live", ""), (status, Word(body), Reason(body)));
    }

    [Fact]
    public async Task a_dead_thread_is_not_live_and_says_why()
    {
        NotLive = "the delivery thread of Kafka h:1 has ended";
        (HttpStatusCode status, JsonElement body) = await GetAsync("/health/live");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not live", NotLive), (status, Word(body), Reason(body)));
    }

    [Theory]
    [InlineData(BridgePhase.Starting, HttpStatusCode.ServiceUnavailable, "the bridge is starting")]
    [InlineData(BridgePhase.Running, HttpStatusCode.OK, "")]
    [InlineData(BridgePhase.Stopping, HttpStatusCode.ServiceUnavailable, "the bridge is ending")]
    public async Task ready_is_200_while_the_bridge_runs(BridgePhase phase, HttpStatusCode expected, string reason)
    {
        Bridge.Status = Bridge.Status with { Phase = phase };
        (HttpStatusCode status, JsonElement body) = await GetAsync("/health/ready");
        Assert.Equal((expected, reason), (status, Reason(body)));
    }

    [Fact]
    public async Task a_bad_newer_file_is_ready_with_a_reason()
    {
        Bridge.Status = Bridge.Status with { Faults = ["connectors.json:3: oops"] };
        (HttpStatusCode status, JsonElement body) = await GetAsync("/health/ready");
        Assert.Equal((HttpStatusCode.OK, "ready"), (status, Word(body)));
        Assert.EndsWith("connectors.json:3: oops", Reason(body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ConnectorState.Running, "", "", HttpStatusCode.OK, "Running")]
    [InlineData(ConnectorState.Running, "", "no message for 90 s", HttpStatusCode.OK, "Warn")]
    [InlineData(ConnectorState.Stopped, "the file says Stopped", "", HttpStatusCode.OK, "Stopped")]
    [InlineData(ConnectorState.Idle, "", "", HttpStatusCode.ServiceUnavailable, "Idle")]
    [InlineData(ConnectorState.Error, "refused", "", HttpStatusCode.ServiceUnavailable, "Error")]
    [InlineData(ConnectorState.Error, "refused", "no message for 90 s", HttpStatusCode.ServiceUnavailable, "Error")]
    public async Task asked_for_all_connectors_each_that_shall_run_must(ConnectorState state, string why, string warning, HttpStatusCode strict, string shown)
    {
        Bridge.Status = Bridge.Status with { Connectors = [new ConnectorStatus("k1", state, why, FakeBridge.Start, "") { Warning = warning }] };
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/health/ready")).Status);
        (HttpStatusCode status, JsonElement body) = await GetAsync("/health/ready?connectors=all");
        Assert.Equal(strict, status);
        JsonElement connector = Assert.Single(body.GetProperty("connectors").EnumerateArray());
        Assert.Equal((shown, why.Length > 0 ? why : warning), (connector.GetProperty("state").GetString(), connector.GetProperty("why").GetString()));
        if (strict is not HttpStatusCode.OK) Assert.Contains($"connector k1 is {shown}", Reason(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task another_wish_than_all_is_refused() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync("/health/ready?connectors=some")).Status);

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/health/ready?connectors=all")]
    public async Task without_the_token_only_the_answer_is_given_and_with_it_the_details(string path)
    {
        NotLive = "a secret reason";
        Bridge.Status = Bridge.Status with { Connectors = [new ConnectorStatus("secret-name", ConnectorState.Error, "secret why", FakeBridge.Start, "")] };
        await StartAsync(AdminOptions.Create(Options.Endpoint.ToString(), Token));
        foreach (string? authorization in new[] { null, "Bearer wrong-token-0123456789", "Basic x" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
            (_, JsonElement bare) = await ReadAsync(await Http.SendAsync(request, TestContext.Current.CancellationToken));
            Assert.Equal(["status"], bare.EnumerateObject().Select(p => p.Name));
        }

        using var trusted = new HttpRequestMessage(HttpMethod.Get, path);
        trusted.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Token);
        (_, JsonElement whole) = await ReadAsync(await Http.SendAsync(trusted, TestContext.Current.CancellationToken));
        Assert.True(whole.TryGetProperty("reason", out _));
    }

    [Fact]
    public async Task head_has_the_status_and_no_body()
    {
        NotLive = "x";
        using HttpResponseMessage live = await Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/health/live"), TestContext.Current.CancellationToken);
        using HttpResponseMessage ready = await Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/health/ready"), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (live.StatusCode, ready.StatusCode));
        Assert.Empty(await live.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    private static string? Word(JsonElement body) => body.GetProperty("status").GetString();

    private static string? Reason(JsonElement body) => body.GetProperty("reason").GetString();
}
