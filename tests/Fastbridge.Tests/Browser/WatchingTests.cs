using Fastbridge.Tests.Support;
using Microsoft.Playwright;

namespace Fastbridge.Tests.Browser;

/// <summary>Looking at a bridge that runs.</summary>
public class WatchingTests(Chromium chromium) : DashboardTest(chromium)
{
    [Fact]
    public async Task the_list_lives_and_leads_to_a_connectors_charts_and_records()
    {
        await StartAsync(null, ("main", "fleet/#"), ("quiet one", "nothing/here"));
        StartFleet(200);
        IPage page = await OpenAsync();
        ILocator row = page.Locator("tbody tr", new PageLocatorOptions { HasTextString = "main" });
        await row.WaitForAsync();
        await UntilAsync(page, "parseFloat(document.querySelector('tbody tr:has([href$=\"/main\"]) [data-column=\"out\"]')?.textContent.replace(/,/g, '')) > 10");
        Assert.Equal("Running", await row.Locator(".state").TextContentAsync());
        await AssertSoundAsync(page, "list");

        // Another sort, and a search.
        await page.Locator("th[data-column=in] button").ClickAsync();
        Assert.Equal("descending", await page.Locator("th[data-column=in]").GetAttributeAsync("aria-sort"));
        await UntilAsync(page, "document.querySelector('tbody tr').textContent.includes('main')");
        await page.Locator("#search").FillAsync("QUIET");
        await UntilAsync(page, "document.querySelectorAll('tbody tr').length === 1 && document.querySelector('tbody').textContent.includes('quiet one')");
        await page.Locator("#search").FillAsync("");

        await row.Locator("a").ClickAsync();
        Assert.Equal("main", await page.Locator("h1").TextContentAsync());
        // A chart is drawn when its canvas holds the colour of its line.
        await UntilAsync(page, """
            [...document.querySelectorAll('.chart:first-child canvas')].some(c => {
              const data = c.getContext('2d').getImageData(0, 0, c.width, c.height).data
              for (let i = 0; i < data.length; i += 4) if (Math.abs(data[i] - 15) + Math.abs(data[i + 1] - 118) + Math.abs(data[i + 2] - 110) < 30 && data[i + 3] > 200) return true
              return false
            })
            """);
        Assert.Matches("In: [0-9,.]+ now, [0-9,.]+ at most", await page.Locator(".chart:first-child .plot").GetAttributeAsync("aria-label") ?? "");
        Assert.Contains("rack-of-the-test", await page.Locator(".panel").First.TextContentAsync(), StringComparison.Ordinal);
        await page.GetByText("fleet/#").First.WaitForAsync();
        await page.GetByText("Ack latency").First.WaitForAsync();

        // No record before it is asked for; then the fleet's, its payload beginning with the publisher's number.
        Assert.Equal(0, await page.Locator(".records tbody tr").CountAsync());
        await page.Locator("#watch").ClickAsync();
        await UntilAsync(page, "document.querySelectorAll('.records tbody tr').length === 20");
        Assert.Matches("^[0-3]:[0-9]+", await page.Locator(".records tbody tr:first-child td:last-child .code").TextContentAsync() ?? "");
        Assert.StartsWith("fleet/", await page.Locator(".records tbody tr:first-child td:nth-child(2)").TextContentAsync(), StringComparison.Ordinal);
        await Bridge.Log.WaitForAsync(["connector main", "looks at its records"]);
        await AssertSoundAsync(page, "connector");
        await ShootAsync(page, "connector-light");
        await page.Locator("#watch").ClickAsync();
        await page.GetByText("No longer watched").WaitForAsync();
    }

    [Theory]
    [InlineData(1280, ColorScheme.Light, "desktop-light")]
    [InlineData(1280, ColorScheme.Dark, "desktop-dark")]
    [InlineData(360, ColorScheme.Light, "phone-light")]
    [InlineData(360, ColorScheme.Dark, "phone-dark")]
    public async Task every_view_fits_the_screen_in_both_themes(int width, ColorScheme theme, string name)
    {
        string longName = "gateway-with-a-very-long-name-" + new string('x', 60);
        await StartAsync(null, ("main", "fleet/#"), ("press-7", "hall/7/press/+/state"), (longName, "long/" + new string('y', 120)));
        StartFleet(200);
        IPage page = await OpenAsync(width: width, height: 740, theme: theme);
        await page.GetByText(longName).WaitForAsync();
        await UntilAsync(page, "parseFloat(document.querySelector('tbody tr:has([href$=\"/main\"]) [data-column=\"out\"]')?.textContent.replace(/,/g, '')) > 10");
        await AssertSoundAsync(page, "list");
        Assert.Equal(theme == ColorScheme.Dark ? "rgb(16, 20, 24)" : "rgb(245, 246, 248)", await BackgroundAsync(page));
        await ShootAsync(page, $"list-{name}");

        await page.GotoAsync($"{Origin}/#/connector/default/{longName}");
        await page.GetByText("new").First.WaitForAsync();
        await AssertSoundAsync(page, "a long name");
        await page.GotoAsync($"{Origin}/#/connector/default/main");
        await page.Locator("#watch").ClickAsync();
        await UntilAsync(page, "document.querySelectorAll('.records tbody tr').length > 3 && document.querySelector('.chart canvas') && !document.querySelector('.chart .now').textContent");
        await AssertSoundAsync(page, "connector");
        await ShootAsync(page, $"connector-{name}");

        await page.GotoAsync($"{Origin}/#/connector/default/main/edit");
        await page.Locator("#field-config-topic").WaitForAsync();
        await AssertSoundAsync(page, "form");
        await ShootAsync(page, $"form-{name}");

        // The switch goes before the system's wish, and lasts.
        await page.Locator("#theme").SelectOptionAsync(theme == ColorScheme.Dark ? "light" : "dark");
        await page.ReloadAsync();
        await page.Locator("#field-config-topic").WaitForAsync();
        Assert.Equal(theme == ColorScheme.Dark ? "rgb(245, 246, 248)" : "rgb(16, 20, 24)", await BackgroundAsync(page));
    }

    [Fact]
    public async Task a_silent_connector_stands_out_as_warn_with_the_reason_and_a_message_ends_it()
    {
        await StartAsync(null, (_, connector) => connector["expect_message_within"] = 1, ("quiet", "hall/#"), ("other", "yard/#"));
        await Bridge.WaitForAsync("quiet", "no message for");
        await Bridge.WaitForAsync("other", "no message for");
        IPage page = await OpenAsync();
        ILocator row = page.Locator("tbody tr", new PageLocatorOptions { HasTextString = "quiet" });
        await UntilAsync(page, "[...document.querySelectorAll('tbody .state')].map(e => e.textContent).join() === 'Warn,Warn'");
        Assert.Contains("no message for", await row.TextContentAsync(), StringComparison.Ordinal);
        await page.Locator("#filter").SelectOptionAsync("Warn");
        await UntilAsync(page, "document.querySelectorAll('tbody tr').length === 2");
        await page.Locator("#filter").SelectOptionAsync("Running");
        await UntilAsync(page, "document.querySelectorAll('tbody tr').length === 0");
        await page.Locator("#filter").SelectOptionAsync("");
        await AssertSoundAsync(page, "list with a warning");
        await ShootAsync(page, "list-warn");

        await row.Locator("a").ClickAsync();
        await UntilAsync(page, "document.querySelector('.state')?.textContent === 'Warn'");
        await page.GetByText("expect_message_within is 1 s").First.WaitForAsync();
        await AssertSoundAsync(page, "connector with a warning");
        await ShootAsync(page, "connector-warn");

        // Messages go on, so it stays well for as long as the page needs to show it; the other one stays silent.
        await using Fleet hall = new Fleet(new FleetOptions { Port = Broker.Port, Root = "hall", Messages = 1_000_000, Rate = 20 }).Start();
        await UntilAsync(page, "document.querySelector('.state')?.textContent === 'Running'");
        await page.GotoAsync(Origin + "/#/");
        await UntilAsync(page, "[...document.querySelectorAll('tbody .state')].map(e => e.textContent).sort().join() === 'Running,Warn'");
    }

    [Fact]
    public async Task by_https_the_page_works_as_by_http()
    {
        await StartAsync(Token, null, ("main", "fleet/#"));
        using var certificates = new Certificates();
        await Bridge.StopAsync();
        Origin = Origin.Replace("http://", "https://", StringComparison.Ordinal);
        await StartBridgeAsync(Token, "--admin-cert-file", certificates.ServerCertFile, "--admin-key-file", certificates.ServerKeyFile);
        IPage page = await OpenAsync(tolerates: "401");
        await page.Locator("#token").FillAsync(Token);
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("tbody tr").WaitForAsync();
        await page.Locator("tbody tr a").ClickAsync();
        await page.Locator("#watch").WaitForAsync();
    }

    [Fact]
    public async Task a_file_with_faults_is_told_with_them_and_a_bridge_that_is_gone_as_well()
    {
        await StartAsync(null, ("main", "fleet/#"));
        IPage page = await OpenAsync(tolerates: "ERR_CONNECTION_REFUSED");
        await page.Locator("tbody tr").WaitForAsync();
        string sound = await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken);
        await System.IO.File.WriteAllTextAsync(File, sound.Replace("\"topic\"", "\"topik\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await page.GetByText("is not in force").WaitForAsync();
        await page.GetByText("did you mean \"topic\"?").WaitForAsync();
        await ShootAsync(page, "file-with-faults");
        await System.IO.File.WriteAllTextAsync(File, sound, TestContext.Current.CancellationToken);
        await UntilAsync(page, "!document.body.textContent.includes('is not in force')");

        await Bridge.StopAsync();
        await page.GetByText("The bridge does not answer").WaitForAsync();
        Assert.Equal("no", await page.Locator("#pulse").GetAttributeAsync("data-live"));
    }

    [Fact]
    public async Task with_a_token_set_the_page_asks_for_it_and_keeps_it_out_of_every_address()
    {
        await StartAsync(Token, ("main", "fleet/#"));
        IPage page = await OpenAsync(tolerates: "401");
        await page.Locator("#token").FillAsync("not-the-right-token-at-all");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByText("does not know this token").WaitForAsync();
        await AssertSoundAsync(page, "token");
        await ShootAsync(page, "token");
        Assert.Equal("password", await page.Locator("#token").GetAttributeAsync("type"));
        await page.Locator("#token").FillAsync(Token);
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("tbody tr").WaitForAsync();
        Assert.DoesNotContain(Token, page.Url, StringComparison.Ordinal);
        Assert.Equal("[]", await page.EvaluateAsync<string>("() => JSON.stringify(Object.values(localStorage))"));
        await page.ReloadAsync();
        await page.Locator("tbody tr").WaitForAsync();
        await page.Locator("#forget").ClickAsync();
        await page.Locator("#token").WaitForAsync();
        Assert.Equal("[]", await page.EvaluateAsync<string>("() => JSON.stringify(Object.values(sessionStorage))"));
        Assert.DoesNotContain(Token, Bridge.Log.Text, StringComparison.Ordinal);
    }

    private static Task<string> BackgroundAsync(IPage page) => page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
}
