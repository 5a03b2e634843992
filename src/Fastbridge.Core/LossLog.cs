using System.Globalization;
using Fastbridge.Core.Delivery;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Core;

/// <summary>
/// Says what did not reach its Kafka topic: the first of a kind in full, those that follow within a minute as one line with their number. Any thread.
/// </summary>
internal sealed class LossLog(string connector, ILogger log, TimeProvider time)
{
    /// <summary>One line a minute and reason: an outage of a day stays readable.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(bool Dropped, string Code), Kind> _kinds = [];

    public void OnDeadLetter(RetainedRecord record, string where)
    {
        if (IsFirst(dropped: false, record.Code))
            ConnectorLog.DeadLettered(log, connector, record.MqttTopic, record.Value.Length, record.Reason, where);
    }

    public void OnDiscarded(RetainedRecord record)
    {
        if (IsFirst(dropped: true, record.Code))
            ConnectorLog.Discarded(log, connector, record.MqttTopic, record.Value.Length, record.Reason);
    }

    /// <summary>Says what was gathered for a minute.</summary>
    public void Tick() => Say(all: false);

    /// <summary>Says all that was gathered.</summary>
    public void Flush() => Say(all: true);

    private bool IsFirst(bool dropped, string code)
    {
        lock (_lock)
        {
            if (_kinds.TryGetValue((dropped, code), out Kind? kind))
            {
                kind.Unsaid++;
                return false;
            }

            _kinds.Add((dropped, code), new Kind { Since = time.GetUtcNow(), At = time.GetTimestamp() });
            return true;
        }
    }

    private void Say(bool all)
    {
        lock (_lock)
        {
            if (_kinds.Count == 0)
                return;
            foreach (((bool dropped, string code), Kind kind) in _kinds)
            {
                if (!all && time.GetElapsedTime(kind.At) < Quiet)
                    continue;
                if (kind.Unsaid > 0)
                {
                    string since = kind.Since.UtcDateTime.ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture);
                    ConnectorLog.MoreLost(log, connector, kind.Unsaid, dropped ? "were dropped" : "became dead letters", since, code);
                    (kind.Unsaid, kind.Since, kind.At) = (0, time.GetUtcNow(), time.GetTimestamp());
                }
                else
                {
                    _kinds.Remove((dropped, code)); // A minute without: the next is a first one again.
                }
            }
        }
    }

    private sealed class Kind
    {
        public long Unsaid { get; set; }

        public DateTimeOffset Since { get; set; }

        public long At { get; set; }
    }
}
