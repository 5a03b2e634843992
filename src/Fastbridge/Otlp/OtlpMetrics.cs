using Fastbridge.Core.Metrics;
using Fastbridge.Metrics;

namespace Fastbridge.Otlp;

/// <summary>
/// Writes families as an ExportMetricsServiceRequest: counters as cumulative monotonic sums, gauges, and histograms with their buckets, under the names of /metrics
/// without <c>_total</c>. RobustMQ's names are left out: they say the same once more, for dashboards of Prometheus.
/// </summary>
internal sealed class OtlpMetrics(OtlpSettings settings) : ISeries
{
    private const ulong Cumulative = 2;

    private readonly ProtoWriter _proto = new();
    private FamilyType _type;
    private ulong _start;
    private ulong _now;

    /// <returns>Valid until the next call.</returns>
    public ReadOnlyMemory<byte> Write(Snapshot from, DateTimeOffset now)
    {
        _proto.Clear();
        _start = Nanoseconds(from.Bridge.StartedAt);
        _now = Nanoseconds(now);
        int resource = OtlpParts.BeginResource(_proto, settings);
        int scope = OtlpParts.BeginScope(_proto);
        foreach (Family family in Families.All)
        {
            if (!family.Name.StartsWith("mqtt_connector_", StringComparison.Ordinal))
                Write(family, from);
        }

        _proto.End(scope);
        _proto.End(resource);
        return _proto.Written;
    }

    void ISeries.Add(Labels labels, double value)
    {
        int point = BeginPoint(labels, 7);
        if (double.IsInteger(value) && Math.Abs(value) < long.MaxValue)
            _proto.Fixed(6, (ulong)(long)value);
        else
            _proto.Double(4, value);
        _proto.End(point);
    }

    void ISeries.Add(Labels labels, LatencyStatus times, double scale)
    {
        int point = BeginPoint(labels, 9);
        _proto.Fixed(4, (ulong)times.Count);
        _proto.Double(5, times.SumSeconds * scale);
        int counts = _proto.Begin(6);
        foreach (long count in times.Counts)
            _proto.Fixed((ulong)count);
        _proto.End(counts);
        int bounds = _proto.Begin(7);
        foreach (double bound in LatencyHistogram.Bounds)
            _proto.Fixed(BitConverter.DoubleToUInt64Bits(bound * scale));
        _proto.End(bounds);
        _proto.End(point);
    }

    public static ulong Nanoseconds(DateTimeOffset at) => (ulong)(at - DateTimeOffset.UnixEpoch).Ticks * 100;

    private void Write(Family family, Snapshot from)
    {
        _type = family.Type;
        int metric = _proto.Begin(2);
        _proto.Text(1, family.Name);
        _proto.Text(2, family.Help);
        // UCUM's short names, as OpenTelemetry has them.
        _proto.Text(3, family.Unit switch { "seconds" => "s", "bytes" => "By", _ => "" });
        int data = _proto.Begin(_type switch { FamilyType.Gauge => 5, FamilyType.Counter => 7, _ => 9 });
        family.Read(from, this);
        if (_type is not FamilyType.Gauge)
            _proto.Number(2, Cumulative);
        if (_type is FamilyType.Counter)
            _proto.Number(3, 1);
        _proto.End(data);
        _proto.End(metric);
    }

    private int BeginPoint(Labels labels, int attributes)
    {
        int point = _proto.Begin(1);
        foreach ((string name, string value) in labels.Owner)
            OtlpParts.Attribute(_proto, attributes, name, value);
        if (labels.Name is not null)
            OtlpParts.Attribute(_proto, attributes, labels.Name, labels.Value);
        if (_type is not FamilyType.Gauge)
            _proto.Fixed(2, labels.StartedAt is { } started ? Nanoseconds(started) : _start);
        _proto.Fixed(3, _now);
        return point;
    }
}
