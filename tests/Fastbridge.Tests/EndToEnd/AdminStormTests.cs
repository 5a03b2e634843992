using System.Net;
using System.Net.Http.Headers;
using Fastbridge.Tests.Metrics;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>The published executable's admin port under attack, while it bridges: messages go on, each once, and whoever has the token is served.</summary>
[Collection(HeavyTests.Name)]
public class AdminStormTests(Lab lab) : EndToEndTest(lab)
{
    private const string Token = "token-of-the-storm-4711";
    private const int WrongTokens = 10_000;
    private const string Page = "/api/cluster/connector/list";

    [Fact]
    public async Task messages_are_delivered_and_the_operator_is_served_whatever_comes_to_the_admin_port()
    {
        Course course = await CourseAsync("storm");
        var admin = new IPEndPoint(IPAddress.Loopback, Ports.Free());
        BridgeProcess bridge = Own(BridgeProcess.Start(course.File, new Dictionary<string, string?> { ["FASTBRIDGE_ADMIN_TOKEN"] = Token }, "--admin", admin.ToString()));
        await bridge.WaitForSubscriptionAsync(Name);
        Fleet fleet = StartFleet(course, 500);
        await AssertBridgesAsync(admin);
        double before = bridge.Process.MemoryMb;

        // Idle ones, and such as send a byte of their headers now and then.
        var links = new List<RawHttp>();
        for (int i = 0; i < 1000; i++) links.Add(await RawHttp.ConnectAsync(admin));
        await AssertBridgesAsync(admin);
        foreach (char letter in "GET /metrics HTTP/1.1\r\nX: ")
        {
            foreach (RawHttp link in links.TakeLast(60)) await TrySendAsync(link, letter.ToString());
        }

        await AssertBridgesAsync(admin);
        // Bodies that do not come: without the token they are not waited for.
        foreach (RawHttp link in links.Take(200)) link.Dispose();
        for (int i = 0; i < 200; i++)
        {
            links[i] = await RawHttp.ConnectAsync(admin);
            await TrySendAsync(links[i], "POST /api/cluster/connector/stop HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 65536\r\n\r\n{");
        }

        await AssertBridgesAsync(admin);
        links.ForEach(l => l.Dispose());

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => GuessAsync(admin, WrongTokens / 4)));
        foreach (byte[] request in HttpFuzz.Requests(4711, 300)) await RawHttp.ExchangeAsync(admin, request, finish: true);
        MetricsText metrics = await AssertBridgesAsync(admin);
        // The fuzzer may have sent some as well.
        Assert.InRange(metrics.Value("fastbridge_admin_requests_total", ("result", "wrong_token")), WrongTokens, WrongTokens + 300);
        Assert.InRange(metrics.Value("fastbridge_admin_connections_dropped_total", ("reason", "made_room")), 800, 2000);
        Assert.Equal(0, metrics.Value("fastbridge_admin_requests_total", ("result", "failed")));
        Assert.InRange(metrics.Value("fastbridge_admin_connections"), 1, 64);
        string[] told = [.. bridge.Log.Lines.Where(l => l.Contains("wrong token", StringComparison.Ordinal))];
        // One, and one a minute.
        Assert.InRange(told.Length, 1, 20);
        Assert.DoesNotContain(bridge.Log.Lines, l => l.Contains("fault of fastbridge's own", StringComparison.Ordinal));
        Note($"resident: {before:F0} MB before, {bridge.Process.MemoryMb:F0} MB behind, {bridge.Process.PeakMemoryMb:F0} MB at most");
        await FinishAsync(course, bridge, fleet);
    }

    /// <summary>A hundred more messages are delivered, seen by a client of its own with the token.</summary>
    private static async Task<MetricsText> AssertBridgesAsync(IPEndPoint admin)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://{admin}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        using var guard = new CancellationTokenSource(TestTools.Guard);
        MetricsText text = await ScrapeAsync();
        double wanted = Delivered() + 100;
        while (Delivered() < wanted)
        {
            await Task.Delay(20, guard.Token);
            text = await ScrapeAsync();
        }

        return text;

        double Delivered() => text.Value("fastbridge_delivered_records_total", ("connector", Name));

        async Task<MetricsText> ScrapeAsync() => MetricsText.Read(await http.GetStringAsync("/metrics", guard.Token), open: false);
    }

    /// <summary>As fast as it goes, a hundred requests at a time.</summary>
    private static async Task GuessAsync(IPEndPoint admin, int count)
    {
        using RawHttp link = await RawHttp.ConnectAsync(admin);
        for (int i = 0; i < count; i += 100)
        {
            await link.SendAsync(string.Concat(Enumerable.Range(i, 100).Select(n => $"GET {Page} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer guess-{n}-0123456789\r\n\r\n")));
            for (int n = 0; n < 100; n++) Assert.StartsWith("HTTP/1.1 401 ", await link.AnswerAsync(), StringComparison.Ordinal);
        }
    }

    private static async Task TrySendAsync(RawHttp link, string text)
    {
        try
        {
            await link.SendAsync(text);
        }
        catch (IOException)
        {
            // It made room for another.
        }
    }
}
