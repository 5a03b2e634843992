using System.Text.Json;
using Microsoft.Playwright;

namespace Fastbridge.Tests.Browser;

/// <summary>Changing a bridge, without a mouse.</summary>
public class KeyboardTests(Chromium chromium) : DashboardTest(chromium)
{
    [Fact]
    public async Task a_connector_is_made_edited_stopped_started_and_deleted_by_keyboard_alone()
    {
        await StartAsync(null, ("main", "fleet/#"));
        // A fault is an answer with 400, which the console notes.
        IPage page = await OpenAsync(tolerates: "400 (Bad Request)");
        await page.Locator("tbody tr").WaitForAsync();

        // The first Tab leads past what stands above every view.
        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("skip", await page.EvaluateAsync<string>("() => document.activeElement.id"));
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, "#new");
        await page.Keyboard.PressAsync("Enter");
        await UntilAsync(page, "document.activeElement.tagName === 'H1' && document.title.startsWith('New connector')");

        // With faults: told beside the fields, and the first wrong field has the focus.
        await TypeAsync(page, "#field-connector_name", "made by keys");
        await TypeAsync(page, "#field-topic_id", "press/#x");
        await TypeAsync(page, "#field-config-bootstrap_servers", "nowhere");
        await TabToAsync(page, "#save");
        await page.Keyboard.PressAsync("Enter");
        await UntilAsync(page, "document.activeElement.id === 'field-topic_id'");
        await page.Locator("#field-topic_id-fault", new PageLocatorOptions { HasTextString = "'#' must stand alone" }).WaitForAsync();
        await page.Locator("#field-config-bootstrap_servers-fault", new PageLocatorOptions { HasTextString = "the port is missing" }).WaitForAsync();
        await page.Locator("#field-config-topic-fault", new PageLocatorOptions { HasTextString = "must not be empty" }).WaitForAsync();
        await AssertSoundAsync(page, "form with faults");
        await ShootAsync(page, "form-with-faults");

        // Right.
        await TypeAsync(page, "#field-topic_id", "press/+/x");
        await TypeAsync(page, "#field-config-bootstrap_servers", Kafka);
        await TypeAsync(page, "#field-config-topic", "records");
        await TypeAsync(page, "#field-config", """{"linger_ms": 5, "properties": {"ssl.key.password": "hush"}}""");
        await page.Keyboard.PressAsync("Tab");
        await TabToAsync(page, "#save");
        await page.Keyboard.PressAsync("Enter");
        await UntilAsync(page, "document.activeElement.textContent === 'made by keys'");
        await page.Locator(".state", new PageLocatorOptions { HasTextString = "Running" }).WaitForAsync();
        Assert.DoesNotContain("hush", await page.ContentAsync(), StringComparison.Ordinal);

        // Edited: what the form does not show keeps its value, the secret among it.
        await TabToAsync(page, "#edit");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("#field-config-topic").WaitForAsync();
        await UntilAsync(page, "document.activeElement.tagName === 'H1'");
        await TypeAsync(page, "#field-config-topic", "other");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator(".panel", new PageLocatorOptions { HasTextString = "other" }).First.WaitForAsync();
        JsonElement config = Stored("made by keys")!.Value.GetProperty("config");
        Assert.Equal(("other", 5, "hush"), (config.GetProperty("topic").GetString(), config.GetProperty("linger_ms").GetInt32(), config.GetProperty("properties").GetProperty("ssl.key.password").GetString()));

        // Stopped and started.
        await TabToAsync(page, "#toggle");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("#toggle", new PageLocatorOptions { HasTextString = "Start" }).WaitForAsync();
        await page.Locator(".state", new PageLocatorOptions { HasTextString = "Stopped" }).WaitForAsync();
        await UntilAsync(page, "document.activeElement.id === 'toggle' && !document.activeElement.disabled");
        await page.Keyboard.PressAsync("Space");
        await page.Locator(".state", new PageLocatorOptions { HasTextString = "Running" }).WaitForAsync();

        // Deleted: Escape leaves it alone, and only its name deletes it.
        await TabToAsync(page, "#delete");
        await page.Keyboard.PressAsync("Enter");
        await UntilAsync(page, "document.activeElement.id === 'delete-name'");
        await ShootAsync(page, "delete");
        await page.Keyboard.PressAsync("Escape");
        await UntilAsync(page, "!document.querySelector('dialog') && document.activeElement.id === 'delete'");
        await page.Keyboard.PressAsync("Enter");
        await TypeAsync(page, "#delete-name", "made by key");
        await page.Keyboard.PressAsync("Enter");
        Assert.True(await page.Locator("#delete-now").IsDisabledAsync());
        await TypeAsync(page, "#delete-name", "made by keys");
        await page.Keyboard.PressAsync("Enter");
        await UntilAsync(page, "document.title.startsWith('Connectors') && document.querySelectorAll('tbody tr').length === 1");
        Assert.Null(Stored("made by keys"));
        Assert.NotNull(Stored("main"));
    }

    [Fact]
    public async Task a_form_that_was_overtaken_by_another_change_says_so_and_overwrites_nothing()
    {
        await StartAsync(null, ("main", "fleet/#"));
        IPage page = await OpenAsync("/#/connector/default/main/edit", tolerates: "409 (Conflict)");
        await page.Locator("#field-config-topic").FillAsync("mine");
        using (var http = new HttpClient())
        {
            using var body = new StringContent("""{"connector_name":"main","topic_name":"theirs/#"}""", System.Text.Encoding.UTF8, "application/json");
            using HttpResponseMessage answer = await http.PostAsync(new Uri($"{Origin}/api/cluster/connector/update"), body, TestContext.Current.CancellationToken);
            answer.EnsureSuccessStatusCode();
        }

        await page.Locator("#save").ClickAsync();
        await page.GetByText("the file was changed since it was read").First.WaitForAsync();
        Assert.Equal(("theirs/#", "records"), (Stored("main")!.Value.GetProperty("topic_id").GetString(), Stored("main")!.Value.GetProperty("config").GetProperty("topic").GetString()));
        await page.Locator("#reload").ClickAsync();
        await UntilAsync(page, "document.querySelector('#field-topic_id')?.value === 'theirs/#' && document.querySelector('#field-config-topic').value === 'records'");
        await page.Locator("#field-config").FillAsync("{");
        await page.Locator("#save").ClickAsync();
        await page.Locator("#field-config-fault", new PageLocatorOptions { HasTextString = "no JSON" }).WaitForAsync();
    }

    /// <summary>The file's record of that name; null: none.</summary>
    private JsonElement? Stored(string name)
    {
        JsonElement file = JsonDocument.Parse(System.IO.File.ReadAllText(File)).RootElement;
        foreach (JsonElement record in file.GetProperty("connectors").EnumerateArray())
        {
            if (record.GetProperty("connector_name").GetString() == name) return record;
        }

        return null;
    }
}
