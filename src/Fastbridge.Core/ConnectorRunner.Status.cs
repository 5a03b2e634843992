using Fastbridge.Core.Delivery;
using Fastbridge.Core.Live;

namespace Fastbridge.Core;

/// <content>What it tells of itself.</content>
public sealed partial class ConnectorRunner
{
    public ConnectorStatus Status
    {
        get
        {
            ConnectorCounters counters = _delivery.Counters;
            _rates.Look(counters.Received, counters.Delivered);
            return _events.Snapshot() with
            {
                ClusterName = _config.ClusterName,
                StartedAt = _startedAt,
                Received = counters.Received,
                ReceivedBytes = counters.ReceivedBytes,
                Delivered = counters.Delivered,
                DeadLettered = counters.DeadLettered,
                DeadLetterReasons = counters.DeadLetterReasons,
                Discarded = counters.Discarded,
                DiscardReasons = counters.DiscardReasons,
                FailureReasons = counters.FailureReasons,
                Strategy = _config.Failure.Name,
                Warning = _silence.Warning,
                SkippedRetained = counters.SkippedRetained,
                Adopted = counters.Adopted,
                ProducedAgain = counters.ProducedAgain,
                PossiblyRepeated = counters.PossiblyRepeated,
                Unmatched = counters.Unmatched,
                InFlight = _delivery.InFlight,
                InFlightBytes = _delivery.InFlightBytes,
                Window = _config.Window,
                ReceivedPerSecond = _rates.ReceivedPerSecond,
                DeliveredPerSecond = _rates.DeliveredPerSecond,
                LastMessageAt = _rates.LastReceivedAt,
                LastDeliveredAt = _rates.LastDeliveredAt,
                Buffer = _delivery.Buffer,
                AckLatency = _delivery.Latency.Ack.Status,
                RecentAckLatency = _recent.Status,
                ProduceLatency = _delivery.Latency.Produce.Status,
            };
        }
    }

    /// <summary>About once a second: for what the status tells of the present, and for what nobody looks at any more.</summary>
    internal void Sample()
    {
        _rates.Sample(_delivery.Counters.Received, _delivery.Counters.Delivered);
        _recent.Sample();
        ListenForSilence();
        _events.Remind();
        _delivery.CloseForgottenTap();
    }

    private void ListenForSilence()
    {
        if (_silence.Sample(_delivery.Counters.Received + _delivery.Counters.SkippedRetained, _config.ExpectMessageWithin) is not { } said)
            return;
        if (_silence.Warning.Length > 0)
            ConnectorLog.Silent(_log, Name, said);
        else
            ConnectorLog.Heard(_log, Name, said);
    }

    /// <inheritdoc cref="IBridgeControl.LookAtRecords"/>
    internal RecordSample LookAtRecords(int limit) => _delivery.LookAtRecords(limit);
}
