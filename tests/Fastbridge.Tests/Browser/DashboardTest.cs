using System.Collections.Concurrent;
using Fastbridge.Tests.Support;
using Microsoft.Playwright;

namespace Fastbridge.Tests.Browser;

/// <summary>
/// The published executable with mosquitto and a mock Kafka, and its dashboard in a browser. At the end of every test: nothing was asked of another origin, and the page
/// had no fault, a broken rule of its content security policy among them.
/// </summary>
[Collection(BrowserTests.Name)]
public abstract class DashboardTest(Chromium chromium) : IAsyncLifetime
{
    protected const string Token = "0123456789abcdef-token";

    private readonly List<IBrowserContext> _contexts = [];
    private readonly ConcurrentQueue<string> _faults = new();
    private MockCluster? _kafka;
    private Fleet? _fleet;

    protected TempFolder Folder { get; } = new("dashboard");

    protected string Origin { get; set; } = $"http://127.0.0.1:{Ports.Free()}";

    protected Mosquitto Broker { get; private set; } = null!;

    protected string Kafka => _kafka!.Bootstrap;

    protected string File => Folder.File("connectors.json");

    protected BridgeProcess Bridge { get; private set; } = null!;

    public virtual async ValueTask InitializeAsync()
    {
        TestTools.RequireExecutable();
        await chromium.BrowserAsync();
        Broker = await Mosquitto.StartAsync();
        _kafka = new MockCluster();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (IBrowserContext context in _contexts) await context.CloseAsync();
        if (_fleet is not null) await _fleet.DisposeAsync();
        if (Bridge is not null) await Bridge.DisposeAsync();
        _kafka?.Dispose();
        if (Broker is not null) await Broker.DisposeAsync();
        Folder.Dispose();
        Assert.Empty(_faults);
    }

    /// <summary>A bridge of these connectors, each by its topic filter; its admin API listens when this returns.</summary>
    protected Task StartAsync(string? token, params (string Name, string Filter)[] connectors) => StartAsync(token, null, connectors);

    /// <param name="more">May change a connector's object, by its name.</param>
    protected async Task StartAsync(string? token, Action<string, System.Text.Json.Nodes.JsonObject>? more, params (string Name, string Filter)[] connectors)
    {
        var file = new BridgeFile(Broker.Url);
        foreach ((string name, string filter) in connectors)
        {
            file.Add(name, filter, Kafka, "records", (connector, config) =>
            {
                config["properties"] = new System.Text.Json.Nodes.JsonObject { ["client.rack"] = "rack-of-the-test" };
                more?.Invoke(name, connector);
            });
        }

        file.Write(Folder);
        await StartBridgeAsync(token);
    }

    /// <summary>The bridge on the file as it stands, at <see cref="Origin"/>. One that ran before must have ended.</summary>
    protected async Task StartBridgeAsync(string? token, params string[] arguments)
    {
        if (Bridge is not null) await Bridge.DisposeAsync();
        Bridge = BridgeProcess.Start(File, new Dictionary<string, string?> { ["FASTBRIDGE_ADMIN_TOKEN"] = token }, ["--admin", new Uri(Origin).Authority, .. arguments]);
        await Bridge.Log.WaitForAsync([$"admin API and dashboard on {Origin}"]);
    }

    /// <summary>Publishers that go on to the test's end.</summary>
    protected void StartFleet(int rate) => _fleet = new Fleet(new FleetOptions { Port = Broker.Port, Messages = 1_000_000, Rate = rate }).Start();

    /// <param name="tolerates">Part of a console line that is no fault of this test's.</param>
    protected async Task<IPage> OpenAsync(string path = "/", int width = 1280, int height = 900, ColorScheme theme = ColorScheme.Light, string? tolerates = null)
    {
        IBrowserContext context = await (await chromium.BrowserAsync()).NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = theme,
            ReducedMotion = ReducedMotion.Reduce,
            // The test's own authority.
            IgnoreHTTPSErrors = true,
        });
        _contexts.Add(context);
        context.SetDefaultTimeout((float)TestTools.Guard.TotalMilliseconds);
        context.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(Origin + "/", StringComparison.Ordinal)) _faults.Enqueue($"asked for {request.Url}");
            if (request.Url.Contains(Token, StringComparison.Ordinal)) _faults.Enqueue($"a token in {request.Url}");
        };
        context.WebError += (_, error) => _faults.Enqueue(error.Error);
        context.Console += (_, message) =>
        {
            if (message.Type == "error" && (tolerates is null || !message.Text.Contains(tolerates, StringComparison.Ordinal))) _faults.Enqueue($"console: {message.Text}");
        };
        IPage page = await context.NewPageAsync();
        await page.GotoAsync(Origin + path);
        return page;
    }

    /// <summary>Into artifacts/screenshots: for people.</summary>
    protected static Task ShootAsync(IPage page, string name) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(TestTools.Root, "artifacts", "screenshots", $"{name}.png"), FullPage = true });

    /// <summary>Waits until a script's expression is true.</summary>
    protected static async Task UntilAsync(IPage page, string expression) => await page.WaitForFunctionAsync($"() => {expression}");

    /// <summary>Presses Tab until the element has the focus, as somebody without a mouse does; it must be visible that it has.</summary>
    protected static async Task TabToAsync(IPage page, string selector)
    {
        for (int presses = 0; presses < 150; presses++)
        {
            if (await page.EvaluateAsync<bool>("s => document.activeElement.matches(s)", selector))
            {
                Assert.True(
                    await page.EvaluateAsync<bool>("() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 }"),
                    $"{selector} does not show that it has the focus");
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"{selector} cannot be reached by Tab");
    }

    /// <summary>Tabs to a field and replaces what it holds.</summary>
    protected static async Task TypeAsync(IPage page, string selector, string text)
    {
        await TabToAsync(page, selector);
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.InsertTextAsync(text);
    }

    /// <summary>What a screen reader needs: names of all controls, one h1, no identifier twice; and nothing wider than the window.</summary>
    protected static async Task AssertSoundAsync(IPage page, string where)
    {
        string[] faults = await page.EvaluateAsync<string[]>("""
            () => {
              const faults = []
              const seen = new Set()
              for (const e of document.querySelectorAll('[id]')) {
                if (seen.has(e.id)) faults.push(`id ${e.id} twice`)
                seen.add(e.id)
              }
              for (const e of document.querySelectorAll('button, a[href], input, select, textarea')) {
                if (!e.checkVisibility()) continue
                const name = e.getAttribute('aria-label') || [...(e.labels ?? [])].map(l => l.textContent).join('') || e.textContent
                if (!name.trim()) faults.push(`${e.outerHTML.slice(0, 80)} has no name`)
              }
              for (const e of document.querySelectorAll('[aria-describedby]'))
                for (const id of e.getAttribute('aria-describedby').split(' ')) if (!document.getElementById(id)) faults.push(`described by ${id}, which is not there`)
              if (document.querySelectorAll('h1').length !== 1) faults.push(`${document.querySelectorAll('h1').length} h1`)
              if (document.querySelectorAll('main, header, footer').length !== 3) faults.push('landmarks')
              const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth
              if (wide > 0) faults.push(`${wide} px wider than the window: ${[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map(e => e.outerHTML.slice(0, 80)).join(' | ')}`)
              return faults
            }
            """);
        Assert.True(faults.Length == 0, $"{where}: {string.Join("; ", faults)}");
    }
}
