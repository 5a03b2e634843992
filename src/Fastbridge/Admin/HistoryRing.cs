using Fastbridge.Core;

namespace Fastbridge.Admin;

/// <summary>What is kept of one connector at one moment: 24 bytes.</summary>
/// <param name="Received">Messages a second since the sample before; not a number where the connector did not run.</param>
/// <param name="Delivered">Records a second, likewise.</param>
/// <param name="InFlight">Messages.</param>
/// <param name="BufferBytes">Bytes on disk; not a number where there is no buffer.</param>
/// <param name="AckP50">The ack latency of the minute before, milliseconds; not a number where nothing was measured.</param>
/// <param name="AckP99">Likewise.</param>
internal readonly record struct HistoryRow(float Received, float Delivered, float InFlight, float BufferBytes, float AckP50, float AckP99);

/// <summary>One connector's samples, the oldest overwritten. Not thread-safe: <see cref="History"/> locks.</summary>
internal sealed class HistoryRing
{
    /// <summary>Rows at first; a connector that is a minute old needs no hour's memory.</summary>
    private const int FirstRows = 45;

    private HistoryRow[] _rows = new HistoryRow[FirstRows];
    private int _next;
    private long _received;
    private long _delivered;

    /// <summary>The round of <see cref="History"/> in which it was last written: tells which connectors are gone.</summary>
    public long Round { get; set; }

    public int Count { get; private set; }

    /// <summary>The counters as they are now, without a row: what was counted before nobody has a time for.</summary>
    public void Begin(ConnectorStatus status) => (_received, _delivered) = (status.Received, status.Delivered);

    /// <param name="seconds">Since the sample before; more than 0.</param>
    /// <param name="most">Rows that are kept.</param>
    public void Add(ConnectorStatus status, double seconds, int most)
    {
        bool isStopped = status.State is ConnectorState.Stopped;
        Add(
            new HistoryRow(
                isStopped ? float.NaN : Rate(status.Received, _received, seconds),
                isStopped ? float.NaN : Rate(status.Delivered, _delivered, seconds),
                status.InFlight,
                status.Buffer?.Bytes ?? float.NaN,
                Milliseconds(status, 0.5),
                Milliseconds(status, 0.99)),
            most);
        Begin(status);
    }

    /// <summary>Half as many rows, each the mean of two.</summary>
    public void Thin()
    {
        HistoryRow[] all = ToArray();
        _next = Count = 0;
        // From the newest back, so that the newest row stays at its time; an odd one at the old end goes.
        for (int i = all.Length % 2; i < all.Length; i += 2)
        {
            (HistoryRow a, HistoryRow b) = (all[i], all[i + 1]);
            Add(new HistoryRow(Mean(a.Received, b.Received), Mean(a.Delivered, b.Delivered), Mean(a.InFlight, b.InFlight), Mean(a.BufferBytes, b.BufferBytes), Mean(a.AckP50, b.AckP50), Mean(a.AckP99, b.AckP99)), _rows.Length);
        }
    }

    /// <summary>A copy, the oldest first.</summary>
    public HistoryRow[] ToArray()
    {
        var all = new HistoryRow[Count];
        for (int i = 0; i < Count; i++)
            all[i] = _rows[(_next - Count + i + _rows.Length) % _rows.Length];
        return all;
    }

    private void Add(HistoryRow row, int most)
    {
        int wanted = Count < _rows.Length ? _rows.Length : Math.Min(most, _rows.Length * 2);
        if (_rows.Length > most || _rows.Length < wanted)
        {
            HistoryRow[] all = ToArray();
            _rows = new HistoryRow[Math.Min(wanted, most)];
            Count = Math.Min(all.Length, _rows.Length);
            all.AsSpan(all.Length - Count).CopyTo(_rows);
            _next = Count % _rows.Length;
        }

        _rows[_next] = row;
        _next = (_next + 1) % _rows.Length;
        Count = Math.Min(Count + 1, _rows.Length);
    }

    /// <summary>A counter that is smaller than before is a connector's that was started anew.</summary>
    private static float Rate(long now, long before, double seconds) => (float)((now < before ? now : now - before) / seconds);

    private static float Milliseconds(ConnectorStatus status, double share) => status.RecentAckLatency.Quantile(share) is { } seconds ? (float)(seconds * 1000) : float.NaN;

    private static float Mean(float a, float b) => float.IsNaN(a) ? b : float.IsNaN(b) ? a : (a + b) / 2;
}
