using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Fastbridge.Admin;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Admin;

/// <summary>Many clients that mean no good: connections are bounded, and those who mean well are served all the same.</summary>
public sealed class StormTests : AdminTest
{
    private const string Token = "0123456789abcdef-token";
    private const string Page = Base + "list";

    [Fact]
    public async Task of_a_thousand_idle_connections_the_oldest_make_room_and_both_an_old_and_a_new_client_are_served()
    {
        using RawHttp old = await RawHttp.ConnectAsync(Options.Endpoint);
        await AssertServedAsync(old);
        var idle = new List<RawHttp>();
        for (int i = 0; i < 1000; i++) idle.Add(await RawHttp.ConnectAsync(Options.Endpoint));
        using RawHttp late = await RawHttp.ConnectAsync(Options.Endpoint);
        await AssertServedAsync(late);
        await AssertServedAsync(old);
        // 64 at once: these two and the 62 newest, one of them perhaps closed for the late one.
        foreach (RawHttp link in idle.Take(1000 - 63)) await link.ClosedAsync();
        string metrics = await late.GetAsync("/metrics");
        Assert.InRange(Number(metrics, "fastbridge_admin_connections"), 2, 64);
        Assert.InRange(Number(metrics, "fastbridge_admin_connections_dropped_total{reason=\"made_room\"}"), 938, 1000);
        idle.ForEach(l => l.Dispose());
        await AssertUnhurtAsync();
    }

    [Fact]
    public async Task bodies_that_do_not_come_make_room_too()
    {
        var slow = new List<RawHttp>();
        while (slow.Count < 200)
            slow.Add(await KeptAsync(l => l.SendAsync($"POST {Base}create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{")));
        using RawHttp late = await KeptAsync(AssertServedAsync);
        Assert.InRange(Number(await late.GetAsync("/metrics"), "fastbridge_admin_connections_dropped_total{reason=\"made_room\"}"), 1, 201);
        slow.ForEach(l => l.Dispose());
        await AssertUnhurtAsync();
    }

    [Fact]
    public async Task what_is_being_answered_is_never_closed_for_another_and_room_comes_back()
    {
        await StartAsync(Options with { MaxConnections = 3 });
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int waiting = 0;
        Store.Listing = () =>
        {
            if (Interlocked.Increment(ref waiting) == 3) all.SetResult();
            return gate.Task;
        };
        var links = new List<RawHttp>();
        for (int i = 0; i < 3; i++) links.Add(await RawHttp.ConnectAsync(Options.Endpoint));
        Task<string>[] answers = [.. links.Select(l => l.GetAsync(Page))];
        await all.Task.WaitAsync(TestTools.Guard, TestContext.Current.CancellationToken);
        Assert.Equal("", await RawAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        gate.SetResult();
        foreach (Task<string> answer in answers) Assert.StartsWith("HTTP/1.1 200 ", await answer, StringComparison.Ordinal);
        string metrics = await links[0].GetAsync("/metrics");
        Assert.Equal((1, 0), (Number(metrics, "fastbridge_admin_connections_dropped_total{reason=\"refused\"}"), Number(metrics, "fastbridge_admin_connections_dropped_total{reason=\"made_room\"}")));
        links.ForEach(l => l.Dispose());
        await AssertUnhurtAsync();
    }

    [Fact]
    public async Task wrong_tokens_are_counted_and_told_once_and_then_once_a_minute()
    {
        await StartAsync(AdminOptions.Create(Options.Endpoint.ToString(), Token));
        using RawHttp link = await RawHttp.ConnectAsync(Options.Endpoint);
        for (int i = 0; i < 100; i++) Assert.StartsWith("HTTP/1.1 401 ", await link.GetAsync(Page, $"Authorization: Bearer wrong-{i}-0123456789\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 401 ", await link.GetAsync(Page), StringComparison.Ordinal);
        Assert.Equal("Warning 4110 admin API: a request from 127.0.0.1 came with a wrong token", Assert.Single(Log.Lines, l => l.Contains("wrong token", StringComparison.Ordinal)));
        Time.Advance(TimeSpan.FromSeconds(59));
        await link.GetAsync(Page, "Authorization: Bearer wrong-0123456789\r\n");
        Assert.Equal((1, 0), (Lines(4110), Lines(4111)));
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("Warning 4111 admin API: 100 more requests came with a wrong token within a minute, the last one from 127.0.0.1", Log.Lines[^1]);
        // A minute without any: the next is a first again.
        Time.Advance(TimeSpan.FromMinutes(1));
        await link.GetAsync(Page, "Authorization: Bearer wrong-0123456789\r\n");
        Assert.Equal((2, 1), (Lines(4110), Lines(4111)));
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        string metrics = await Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Equal((102, 1, 0), (Requests("wrong_token"), Requests("no_token"), Requests("failed")));

        int Lines(int id) => Log.Lines.Count(l => l.StartsWith($"Warning {id} ", StringComparison.Ordinal));

        double Requests(string result) => Number(metrics, $"fastbridge_admin_requests_total{{result=\"{result}\"}}");
    }

    [Theory]
    [InlineData("/../../../../etc/passwd")]
    [InlineData("/ui/../../../../etc/passwd")]
    [InlineData("/ui/%2e%2e/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/ui/..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/ui/....//....//etc/passwd")]
    [InlineData("/ui/..\\..\\..\\etc\\passwd")]
    [InlineData("//etc/passwd")]
    [InlineData("/ui//etc/passwd")]
    [InlineData("/ui/app.js%00.html")]
    [InlineData("/api/cluster/connector/../../../../etc/passwd")]
    [InlineData("http://localhost/etc/passwd")]
    [InlineData("file:///etc/passwd")]
    public async Task no_path_leads_out(string path)
    {
        string answer = await RawAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 4", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        await AssertUnhurtAsync();
    }

    /// <summary>A link that could do this. On a busy machine connections are accepted late and out of turn, and one that has said nothing yet is the first to leave.</summary>
    private async Task<RawHttp> KeptAsync(Func<RawHttp, Task> first)
    {
        while (true)
        {
            RawHttp link = await RawHttp.ConnectAsync(Options.Endpoint);
            try
            {
                await first(link);
                return link;
            }
            catch (IOException)
            {
                link.Dispose();
            }
        }
    }

    private static async Task AssertServedAsync(RawHttp link) => Assert.StartsWith("HTTP/1.1 200 ", await link.GetAsync(Page), StringComparison.Ordinal);

    private static double Number(string metrics, string series) =>
        double.Parse(Regex.Match(metrics, $"(?m)^{Regex.Escape(series)} ([0-9.]+)\r?$").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
}
