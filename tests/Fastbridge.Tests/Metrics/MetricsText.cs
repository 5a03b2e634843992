using System.Globalization;

namespace Fastbridge.Tests.Metrics;

/// <summary>
/// A reader of Prometheus' text format 0.0.4 and of OpenMetrics 1.0.0 that forgives nothing: each family in one piece, HELP and TYPE once and before its samples, no series
/// twice, labels escaped, histograms whole and rising, counters named as their format wants them.
/// </summary>
internal sealed class MetricsText
{
    private readonly bool _open;
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private readonly HashSet<string> _helped = [];
    private string _family = "";

    private MetricsText(bool open) => _open = open;

    public List<Sample> Samples { get; } = [];

    /// <summary>Families by name, with their type.</summary>
    public IReadOnlyDictionary<string, string> Types => _types;

    public static MetricsText Read(string text, bool open)
    {
        var read = new MetricsText(open);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        string[] lines = text[..^1].Split('\n');
        if (open) Assert.Equal("# EOF", lines[^1]);
        foreach (string line in open ? lines[..^1] : lines)
        {
            if (line.StartsWith('#')) read.Head(line);
            else read.Line(line);
        }

        read.CheckHistograms();
        Assert.Equal(read.Samples.Count, read.Samples.Select(s => s.Key).Distinct().Count());
        return read;
    }

    public double Value(string name, params (string Name, string Value)[] labels) =>
        Assert.Single(Samples, s => s.Name == name && labels.All(l => s.Labels.GetValueOrDefault(l.Name) == l.Value)).Value;

    private void Head(string line)
    {
        string[] parts = line.Split(' ', 4);
        Assert.Equal(4, parts.Length);
        string family = parts[2];
        Assert.True(IsName(family), line);
        switch (parts[1])
        {
            case "HELP":
                Assert.True(_helped.Add(family), $"{family} has two HELP lines or stands in two places");
                _family = family;
                break;
            case "TYPE":
                Assert.Equal(_family, family);
                Assert.Contains(parts[3], new[] { "counter", "gauge", "histogram" });
                Assert.True(_types.TryAdd(family, parts[3]), line);
                Assert.Equal(!_open && parts[3] == "counter", family.EndsWith("_total", StringComparison.Ordinal));
                break;
            case "UNIT":
                Assert.True(_open, line);
                Assert.Equal(_family, family);
                Assert.EndsWith("_" + parts[3], family, StringComparison.Ordinal);
                break;
            default:
                Assert.Fail(line);
                break;
        }
    }

    private void Line(string line)
    {
        int at = 0;
        while (at < line.Length && line[at] is not ('{' or ' ')) at++;
        string name = line[..at];
        Assert.True(IsName(name), line);
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (line[at] == '{')
        {
            do
            {
                int equals = line.IndexOf('=', ++at);
                string label = line[at..equals];
                Assert.True(IsName(label), line);
                Assert.Equal('"', line[equals + 1]);
                at = equals + 2;
                var value = new System.Text.StringBuilder();
                for (; line[at] != '"'; at++)
                    value.Append(line[at] != '\\' ? line[at] : line[++at] switch { 'n' => '\n', '\\' => '\\', '"' => '"', _ => throw new InvalidDataException(line) });
                Assert.True(labels.TryAdd(label, value.ToString()), line);
                at++;
            }
            while (line[at] == ',');
            Assert.Equal('}', line[at++]);
        }

        Assert.Equal(' ', line[at]);
        string number = line[(at + 1)..];
        double read = number == "+Inf" ? double.PositiveInfinity : double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
        string type = _types[_family];
        string[] suffixes = type == "histogram" ? ["_bucket", "_sum", "_count"] : type == "counter" && _open ? ["_total"] : [""];
        Assert.Contains(name, suffixes.Select(s => _family + s));
        if (type == "counter") Assert.True(read >= 0 && double.IsFinite(read), line);
        Samples.Add(new Sample(_family, name, labels, read));
    }

    private void CheckHistograms()
    {
        foreach (IGrouping<string, Sample> histogram in Samples.Where(s => _types[s.Family] == "histogram").GroupBy(s => $"{s.Family} {Others(s)}"))
        {
            Sample[] buckets = [.. histogram.Where(s => s.Name.EndsWith("_bucket", StringComparison.Ordinal))];
            Assert.Equal("+Inf", buckets[^1].Labels["le"]);
            double[] bounds = [.. buckets[..^1].Select(b => double.Parse(b.Labels["le"], CultureInfo.InvariantCulture))];
            Assert.Equal(bounds.Order().Distinct(), bounds);
            Assert.Equal(buckets.Select(b => b.Value).Order(), buckets.Select(b => b.Value));
            Assert.Equal(buckets[^1].Value, Assert.Single(histogram, s => s.Name.EndsWith("_count", StringComparison.Ordinal)).Value);
            Assert.Single(histogram, s => s.Name.EndsWith("_sum", StringComparison.Ordinal));
        }
    }

    private static string Others(Sample sample) => string.Join(',', sample.Labels.Where(l => l.Key != "le"));

    private static bool IsName(string text) => text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    internal sealed record Sample(string Family, string Name, SortedDictionary<string, string> Labels, double Value)
    {
        public string Key => $"{Name} {string.Join(',', Labels)}";
    }
}
