using System.Text;
using Fastbridge.Core.Config;
using Fastbridge.Core.Config.Store;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Config.Store;

/// <summary>
/// Every operation on every shape, notation and style. edits.approved.txt beside this file shows the lines that go (-) and come (+); every other byte of a file
/// is as it was. FASTBRIDGE_UPDATE_DOCS=1 writes it anew, to be read before it is committed.
/// </summary>
public sealed class EditingTests
{
    private static readonly (string Name, Func<StoreFixture, Task<StoreOutcome>> Run)[] Operations =
    [
        ("create", f => f.CreateAsync("new \"one\" 🌡")),
        ("update topic_id", f => f.UpdateAsync(new ConnectorDraft { Name = "b", TopicIds = ["x/+", "y"] })),
        ("update config", f => f.UpdateAsync(new ConnectorDraft { Name = "b", Config = """{"bootstrap_servers": "k2:9092", "topic": "b", "key": "it's", "properties": {"sasl.password": "${env:SECRET}"}}""" })),
        ("stop", f => f.EnableAsync("b", false)),
        ("delete", f => f.DeleteAsync("b")),
    ];

    [Fact]
    public async Task every_operation_changes_its_lines_and_no_others()
    {
        var rendered = new StringBuilder();
        foreach ((string sample, string file, string text) in Samples.All)
        {
            foreach ((string operation, Func<StoreFixture, Task<StoreOutcome>> run) in Operations)
            {
                using var fixture = new StoreFixture(file, text);
                StoreOutcome outcome = await run(fixture);
                rendered.Append(System.Globalization.CultureInfo.InvariantCulture, $"=== {sample}: {operation}: {outcome.Result}\n");
                foreach (string fault in outcome.Faults)
                    rendered.Append("! ").Append(fault).Append('\n');
                rendered.Append(LineDiff.Of(text, fixture.Text));
                if (outcome.IsDone)
                    Assert.Equal([], ConnectorsFile.Load(fixture.Path, StoreFixture.Environment).Faults.Select(f => f.ToString()));
            }
        }

        string path = Path.Combine(TestTools.Root, "tests", "Fastbridge.Tests", "Core", "Config", "Store", "edits.approved.txt");
        if (Environment.GetEnvironmentVariable("FASTBRIDGE_UPDATE_DOCS") == "1")
            await File.WriteAllTextAsync(path, rendered.ToString(), TestContext.Current.CancellationToken);
        Assert.True(File.Exists(path), $"{path} is missing; run this test with FASTBRIDGE_UPDATE_DOCS=1 and read what it writes");
        Assert.Equal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), rendered.ToString());
    }

    /// <summary>Random changes one after another, against a plain list as the model; every comment outside what was changed survives.</summary>
    [Fact]
    public async Task many_changes_leave_what_a_model_says()
    {
        var random = new Random(20_261_121);
        foreach ((string sample, string file, string text) in Samples.All)
        {
            if (sample.Contains("aliases", StringComparison.Ordinal))
                continue; // an anchor that others use cannot be taken out, and the approved texts show it
            using var fixture = new StoreFixture(file, text);
            Dictionary<string, (string Topic, string Status)> model = (await fixture.ListAsync()).Connectors.ToDictionary(c => c.Name, c => (c.TopicIds[0], c.Status));
            for (int i = 0; i < 25; i++)
            {
                string name = model.Count == 0 || random.Next(3) == 0 ? $"n{i}" : model.Keys.ElementAt(random.Next(model.Count));
                string topic = $"t/{random.Next(1000)}";
                int kind = random.Next(4);
                StoreOutcome outcome = kind switch
                {
                    _ when !model.ContainsKey(name) => await fixture.Store.CreateAsync(StoreFixture.Draft(name, StoreFixture.Kafka, topic), TestContext.Current.CancellationToken),
                    0 => await fixture.DeleteAsync(name),
                    1 => await fixture.EnableAsync(name, model[name].Status == "Stopped"),
                    2 => await fixture.UpdateAsync(StoreFixture.Draft(name, $$"""{"topic": "t{{i}}", "bootstrap_servers": "k:1", "retries": {{i}}}""", topic)),
                    _ => await fixture.UpdateAsync(StoreFixture.Draft(name, null, topic)),
                };
                Assert.True(outcome.IsDone, $"{sample}: {string.Join("; ", outcome.Faults)}\n{fixture.Text}");
                if (!model.TryGetValue(name, out (string Topic, string Status) old))
                    model[name] = (topic, "Idle");
                else if (kind == 0)
                    model.Remove(name);
                else
                    model[name] = kind == 1 ? (old.Topic, old.Status == "Stopped" ? "Idle" : "Stopped") : (topic, old.Status);
                StoreList list = await fixture.ListAsync();
                Assert.Equal(model, list.Connectors.ToDictionary(c => c.Name, c => (c.TopicIds[0], c.Status)));
                Assert.Equal(outcome.Revision, list.Revision);
                if (outcome.IsDone)
                    Assert.Equal([], ConnectorsFile.Load(fixture.Path, StoreFixture.Environment).Faults.Select(f => $"{f}\n{fixture.Text}"));
            }

            foreach (string comment in (string[])["the plant's gateway", "one broker", "only this", "// end\n", "# end"])
                Assert.Equal(text.Contains(comment, StringComparison.Ordinal), fixture.Text.Contains(comment, StringComparison.Ordinal));
        }
    }
}
