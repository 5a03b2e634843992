using Fastbridge.Tests.Support;
using Microsoft.Playwright;

namespace Fastbridge.Tests.Browser;

/// <summary>One test with a browser at a time, all of them in the same one.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<Chromium>
{
    public const string Name = "browser";
}

/// <summary>A headless Chromium with a profile of its own, started for the first test that asks for it.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Skips the test where there is no Chromium.</summary>
    public async Task<IBrowser> BrowserAsync()
    {
        string chromium = TestTools.RequireChromium();
        _playwright ??= await Playwright.CreateAsync().WaitAsync(TestTools.Guard);
        return _browser ??= await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            Timeout = (float)TestTools.Guard.TotalMilliseconds,
            // Without a sandbox, for that cannot be had as root; and nothing that asks for anything of the world outside.
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.CloseAsync().WaitAsync(TestTools.Guard);
        _playwright?.Dispose();
    }
}
