using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Fastbridge.Core.Metrics;

namespace Fastbridge.Metrics;

/// <summary>
/// Writes families in Prometheus' text format 0.0.4 or in OpenMetrics 1.0.0, which differ in the head lines, in counters' family names and in the end. One look at a
/// time; the text lies in a pooled buffer, which <see cref="Dispose"/> gives back.
/// </summary>
internal sealed class TextFormat(bool openMetrics) : ISeries, IDisposable
{
    public const string PlainType = "text/plain; version=0.0.4; charset=utf-8";
    public const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
    private int _length;
    private Family? _family;

    /// <summary>Valid until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Text => _buffer.AsMemory(0, _length);

    public static TextFormat Write(bool openMetrics, Snapshot from)
    {
        var text = new TextFormat(openMetrics);
        foreach (Family family in Families.All)
            text.Write(family, from);
        if (openMetrics)
            text.Put("# EOF\n"u8);
        return text;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    void ISeries.Add(Labels labels, double value) => Sample(_family!.Type is FamilyType.Counter ? "_total" : "", labels, null, value);

    void ISeries.Add(Labels labels, LatencyStatus times, double scale)
    {
        long below = 0;
        for (int i = 0; i < times.Counts.Length; i++)
        {
            below += times.Counts[i];
            Sample("_bucket", labels, i < LatencyHistogram.Bounds.Length ? LatencyHistogram.Bounds[i] * scale : double.PositiveInfinity, below);
        }

        Sample("_sum", labels, null, times.SumSeconds * scale);
        Sample("_count", labels, null, below);
    }

    private void Write(Family family, Snapshot from)
    {
        _family = family;
        // In 0.0.4 a counter's family carries the name of its samples; in OpenMetrics it does not.
        string suffix = family.Type is FamilyType.Counter && !openMetrics ? "_total" : "";
        Head("# HELP "u8, suffix);
        Escaped(family.Help, quotes: openMetrics);
        Put("\n"u8);
        Head("# TYPE "u8, suffix);
        Put(family.Type switch { FamilyType.Counter => "counter"u8, FamilyType.Gauge => "gauge"u8, _ => "histogram"u8 });
        Put("\n"u8);
        if (openMetrics && family.Unit.Length > 0)
        {
            Head("# UNIT "u8, suffix);
            Put(family.Unit);
            Put("\n"u8);
        }

        family.Read(from, this);
    }

    private void Head(ReadOnlySpan<byte> what, string suffix)
    {
        Put(what);
        Put(_family!.Name);
        Put(suffix);
        Put(" "u8);
    }

    private void Sample(string suffix, Labels labels, double? bound, double value)
    {
        Put(_family!.Name);
        Put(suffix);
        bool any = false;
        foreach ((string name, string text) in labels.Owner)
            Label(name, text, ref any);
        if (labels.Name is not null)
            Label(labels.Name, labels.Value, ref any);
        if (bound is { } le)
        {
            Put(any ? ",le=\""u8 : "{le=\""u8);
            any = true;
            Number(le);
            // OpenMetrics wants 1.0; the same in both, or a series would change its name with the format.
            if (double.IsInteger(le))
                Put(".0"u8);
            Put("\""u8);
        }

        Put(any ? "} "u8 : " "u8);
        Number(value);
        Put("\n"u8);
    }

    private void Label(string name, string value, ref bool any)
    {
        Put(any ? ","u8 : "{"u8);
        any = true;
        Put(name);
        Put("=\""u8);
        Escaped(value, quotes: true);
        Put("\""u8);
    }

    /// <summary>Names come from files: none may end a value, or begin a line.</summary>
    private void Escaped(string text, bool quotes)
    {
        ReadOnlySpan<char> left = text;
        while (left.IndexOfAny('\\', '\n', quotes ? '"' : '\\') is >= 0 and var at)
        {
            Put(left[..at]);
            Put(left[at] switch { '\n' => "\\n"u8, '"' => "\\\""u8, _ => "\\\\"u8 });
            left = left[(at + 1)..];
        }

        Put(left);
    }

    private void Number(double value)
    {
        if (double.IsPositiveInfinity(value))
        {
            Put("+Inf"u8);
            return;
        }

        const double exact = 1L << 53;
        Span<byte> room = Room(32);
        int written;
        if (double.IsInteger(value) && Math.Abs(value) <= exact)
            Utf8Formatter.TryFormat((long)value, room, out written);
        else
            Utf8Formatter.TryFormat(value, room, out written);
        _length += written;
    }

    private void Put(ReadOnlySpan<char> text) => _length += Encoding.UTF8.GetBytes(text, Room(text.Length * 3));

    private void Put(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        _length += text.Length;
    }

    private Span<byte> Room(int bytes)
    {
        if (_buffer.Length - _length < bytes)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + bytes));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsSpan(_length);
    }
}
