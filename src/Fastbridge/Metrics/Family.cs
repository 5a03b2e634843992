namespace Fastbridge.Metrics;

/// <summary>What kind of number a metric is.</summary>
internal enum FamilyType
{
    /// <summary>Only rises, from the start of the process or of the connector.</summary>
    Counter,

    Gauge,

    Histogram,
}

/// <summary>One metric with all its series, in no particular format: read by the text formats and by OTLP alike.</summary>
/// <param name="Name">Prometheus' form, without the <c>_total</c> of a counter; ends with the unit where there is one.</param>
/// <param name="Unit">OpenMetrics' name of the unit, or empty.</param>
/// <param name="Help">One line: what is counted.</param>
/// <param name="Read">Tells every series of it. Called on any thread, one at a time for one sink.</param>
internal sealed record Family(string Name, FamilyType Type, string Unit, string Help, Action<Snapshot, ISeries> Read);

/// <summary>Where a family tells its series.</summary>
internal interface ISeries
{
    /// <param name="labels">See <see cref="Labels"/>.</param>
    /// <param name="value">Whole numbers up to 2^53 are kept exactly.</param>
    void Add(Labels labels, double value);

    /// <param name="times">The buckets and the sum.</param>
    /// <param name="scale">1: in seconds; 1,000: in milliseconds.</param>
    void Add(Labels labels, Core.Metrics.LatencyStatus times, double scale = 1);
}

/// <summary>A series' labels: whose it is, and perhaps one more.</summary>
/// <param name="Owner">Pairs that many series share.</param>
/// <param name="Name">The further label; null: none.</param>
internal readonly record struct Labels(KeyValuePair<string, string>[] Owner, string? Name = null, string Value = "")
{
    /// <summary>Since when the owner counts; null: since the process began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    public static readonly Labels None = new([]);
}
