using Fastbridge.Core.Metrics;

namespace Fastbridge.Core.Live;

/// <summary>What a histogram measured in the last half to whole minute, for a status that shows the present. Looked at once a second; any thread.</summary>
internal sealed class RecentLatency(LatencyHistogram histogram)
{
    /// <summary>In samples of a second: with two halves between half a minute and a minute, enough for a p99 that does not jump.</summary>
    private const int Half = 30;

    private readonly Lock _lock = new();
    private LatencyStatus _older = LatencyStatus.Empty;
    private LatencyStatus _newer = LatencyStatus.Empty;
    private int _age;

    public LatencyStatus Status
    {
        get
        {
            lock (_lock)
                return histogram.Status.Since(_older);
        }
    }

    /// <summary>About once a second.</summary>
    public void Sample()
    {
        lock (_lock)
        {
            if (++_age < Half)
                return;
            _age = 0;
            (_older, _newer) = (_newer, histogram.Status);
        }
    }
}
