using System.Globalization;

namespace Fastbridge.Demo;

/// <summary>What was published against what arrived: lost, repeated, out of order by topic.</summary>
internal sealed class DemoLedger(IEnumerable<(string Topic, byte[] Payload)> messages)
{
    private readonly Dictionary<string, int> _next = [];
    private readonly Lock _lock = new();
    private int _arrived;
    private int _repeated;
    private int _reordered;

    public IReadOnlyList<(string Topic, byte[] Payload)> Expected { get; } = [.. messages];

    public bool AllArrived
    {
        get
        {
            lock (_lock)
                return _arrived >= Expected.Count;
        }
    }

    public bool IsPerfect => AllArrived && _repeated == 0 && _reordered == 0;

    public void Arrived(string topic, byte[] payload)
    {
        lock (_lock)
        {
            int from = _next.GetValueOrDefault(topic);
            int at = IndexOf(topic, payload, from);
            if (at >= 0)
            {
                if (IndexOf(topic, null, from) != at)
                    _reordered++;
                _next[topic] = at + 1;
                _arrived++;
            }
            else if (IndexOf(topic, payload, 0) >= 0)
            {
                _repeated++;
            }
        }
    }

    public string Summary() => string.Create(CultureInfo.InvariantCulture,
        $"{Expected.Count} messages published at QoS 1, {_arrived} records in Kafka: {Expected.Count - _arrived} lost, {_repeated} repeated, {_reordered} out of order.");

    /// <summary>The first message of a topic from an index on, with that payload where one is given.</summary>
    private int IndexOf(string topic, byte[]? payload, int from)
    {
        for (int i = from; i < Expected.Count; i++)
        {
            if (Expected[i].Topic == topic && (payload is null || Expected[i].Payload.AsSpan().SequenceEqual(payload)))
                return i;
        }

        return -1;
    }
}
