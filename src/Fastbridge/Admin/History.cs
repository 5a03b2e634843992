using Fastbridge.Core;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Admin;

/// <summary>
/// The last hour of every connector, for charts: a sample every 5 seconds, or coarser where there are many connectors, so that it stays below 5 MB whatever their
/// number. It looks at the status only, so what moves messages knows nothing of it, and it lives while the admin API does. Any thread.
/// </summary>
internal sealed class History : IDisposable
{
    /// <summary>Between two samples, where there are at most <see cref="FinestConnectors"/>.</summary>
    public static readonly TimeSpan FinestStep = TimeSpan.FromSeconds(5);

    /// <summary>720 rows of 24 bytes, times this: 4.3 MB.</summary>
    public const int FinestConnectors = 250;

    private const int FinestRows = 720;

    /// <summary>22 rows an hour: at 8,000 connectors. Beyond that memory grows by 540 bytes a connector, a hundredth of what a connector itself takes.</summary>
    private const int CoarsestFactor = 32;

    private readonly IBridgeControl _bridge;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<(string, string), HistoryRing> _rings = [];
    private readonly ITimer _timer;
    private DateTimeOffset _sampledAt;
    private long _sampled;
    private long _round;
    private int _factor = 1;
    private bool _failed;

    public History(IBridgeControl bridge, ILogger log, TimeProvider time)
    {
        _bridge = bridge;
        _log = log;
        _time = time;
        _sampled = time.GetTimestamp();
        _timer = time.CreateTimer(static self => ((History)self!).OnTimer(), this, FinestStep, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Null: no sample holds that connector.</summary>
    /// <param name="clusterName">Null: the first of that name.</param>
    public HistoryView? Of(string? clusterName, string name)
    {
        lock (_lock)
        {
            foreach (((string cluster, string connector), HistoryRing ring) in _rings)
            {
                if (connector == name && (clusterName ?? cluster) == cluster)
                    return new HistoryView(FinestStep * _factor, _sampledAt, ring.ToArray());
            }
        }

        return null;
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>A fault of the status would come up on a timer's thread, where it would end the process.</summary>
    private void OnTimer()
    {
        try
        {
            Sample(_bridge.Status);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (!_failed)
                AdminLog.HistoryFailed(_log, e);
            _failed = true;
        }

        // One after the other: a status that takes long is not asked for again meanwhile.
        _timer.Change(FinestStep * _factor, Timeout.InfiniteTimeSpan);
    }

    private void Sample(BridgeStatus status)
    {
        lock (_lock)
        {
            double seconds = _time.GetElapsedTime(_sampled).TotalSeconds;
            if (seconds <= 0)
                return;
            _sampled = _time.GetTimestamp();
            _sampledAt = _time.GetUtcNow();
            _round++;
            while (status.Connectors.Length > FinestConnectors * _factor && _factor < CoarsestFactor)
            {
                _factor *= 2;
                foreach (HistoryRing ring in _rings.Values)
                    ring.Thin();
            }

            foreach (ConnectorStatus connector in status.Connectors)
                Add(connector, seconds);
            DropGone();
        }
    }

    private void Add(ConnectorStatus connector, double seconds)
    {
        if (!_rings.TryGetValue((connector.ClusterName, connector.Name), out HistoryRing? ring))
        {
            ring = new HistoryRing { Round = _round };
            ring.Begin(connector);
            _rings.Add((connector.ClusterName, connector.Name), ring);
        }
        else if (ring.Round != _round)
        {
            // Once a round: what still drains stands in the status behind the connector that took its place.
            ring.Round = _round;
            ring.Add(connector, seconds, FinestRows / _factor);
        }
    }

    private void DropGone()
    {
        List<(string, string)> gone = [];
        foreach (((string, string) key, HistoryRing ring) in _rings)
        {
            if (ring.Round != _round)
                gone.Add(key);
        }

        foreach ((string, string) key in gone)
            _rings.Remove(key);
    }
}

/// <param name="Step">Between two rows.</param>
/// <param name="Until">When the last row was taken, UTC.</param>
/// <param name="Rows">The oldest first. A copy.</param>
internal sealed record HistoryView(TimeSpan Step, DateTimeOffset Until, HistoryRow[] Rows);
