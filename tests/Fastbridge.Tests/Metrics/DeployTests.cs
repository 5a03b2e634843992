using System.Text;
using System.Text.Json;
using Fastbridge.Core;
using Fastbridge.Metrics;
using Fastbridge.Tests.Admin;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Metrics;

/// <summary>What deploy/ gives to operators speaks of metrics that there are.</summary>
public class DeployTests
{
    private static readonly string Deploy = Path.Combine(TestTools.Root, "deploy");

    [Theory]
    [InlineData("prometheus/alerts.yml", 15)]
    [InlineData("grafana/fastbridge.json", 30)]
    public void every_metric_that_it_names_is_served(string file, int least)
    {
        HashSet<string> served = Served();
        string[] named = [.. NamesIn(File.ReadAllText(Path.Combine(Deploy, file)))];
        Assert.True(named.Length >= least, $"only {named.Length} names were found: the reader of names is blind");
        Assert.Empty(named.Where(n => !served.Contains(n)).Distinct());
    }

    [Fact]
    public void the_reader_of_names_finds_a_wrong_one() =>
        Assert.Equal(["fastbridge_nothing_total", "process_nothing"], NamesIn("rate(fastbridge_nothing_total{a=\"b\"}[5m]) > process_nothing or my_process_x").Where(n => !Served().Contains(n)));

    [Fact]
    public void the_dashboard_is_json_whose_panels_each_ask_for_something_in_a_place_of_their_own()
    {
        using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Deploy, "grafana/fastbridge.json")));
        var places = new HashSet<(int, int)>();
        foreach (JsonElement panel in dashboard.RootElement.GetProperty("panels").EnumerateArray())
        {
            Assert.All(panel.GetProperty("targets").EnumerateArray(), t => Assert.NotEmpty(NamesIn(t.GetProperty("expr").GetString()!)));
            JsonElement place = panel.GetProperty("gridPos");
            for (int x = 0; x < place.GetProperty("w").GetInt32(); x++)
            {
                for (int y = 0; y < place.GetProperty("h").GetInt32(); y++)
                    Assert.True(places.Add((place.GetProperty("x").GetInt32() + x, place.GetProperty("y").GetInt32() + y)), $"{panel.GetProperty("title")} lies over another");
            }
        }
    }

    [Theory]
    [InlineData("rules", "alerts.yml")]
    [InlineData("config", "prometheus.yml")]
    public async Task promtool_takes_it(string what, string file)
    {
        (int code, string output, string error) = await ChildProcess.RunAsync(TestTools.RequirePromtool(), ["check", what, Path.Combine(Deploy, "prometheus", file)]);
        Assert.True(code == 0, output + error);
    }

    private static HashSet<string> Served()
    {
        var bridge = new FakeBridge();
        ConnectorStatus full = MetricsCallTests.Full with { LastDeliveredAt = FakeBridge.Start };
        using TextFormat text = TextFormat.Write(openMetrics: false, new Snapshot(bridge.Status with { Connectors = [full] }, ProcessUse.Now(), new Fastbridge.Admin.AdminCounts()));
        return [.. MetricsText.Read(Encoding.UTF8.GetString(text.Text.Span), open: false).Samples.Select(s => s.Name)];
    }

    /// <summary>Words that begin as our metrics do. A job's name alone is no metric.</summary>
    private static IEnumerable<string> NamesIn(string text)
    {
        int at = 0;
        while (at < text.Length)
        {
            int start = at;
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_')) at++;
            string word = text[start..at];
            if (((string[])["fastbridge_", "process_", "dotnet_", "mqtt_connector_"]).Any(p => word.StartsWith(p, StringComparison.Ordinal))) yield return word;
            if (at == start) at++;
        }
    }
}
