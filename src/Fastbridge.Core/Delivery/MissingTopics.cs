namespace Fastbridge.Core.Delivery;

/// <summary>
/// Kafka topics that a template yielded and that are missing or denied. Each is waited for once; when that is over its records are dead letters, at once and without
/// being produced, but for one trial now and then: an attempt on a missing topic takes librdkafka half a minute, and withholds the acks of all behind it.
/// </summary>
/// <remarks>Any thread.</remarks>
internal sealed class MissingTopics(TimeSpan wait, TimeProvider time)
{
    /// <summary>Beyond it all are forgotten, and waited for again: whoever makes topics up must not fill the memory.</summary>
    private const int MostTopics = 4_096;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1);

    /// <summary>A topic that was made meanwhile is found within this.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Missing> _topics = new(StringComparer.Ordinal);
    private volatile bool _any;

    /// <summary>Some topic is watched; the reader's cheap look.</summary>
    public bool Any => _any;

    /// <summary>A record of this topic could not be produced for the topic's sake.</summary>
    /// <returns>True when it has been waited for long enough.</returns>
    public bool OnFault(string topic)
    {
        long now = time.GetTimestamp();
        lock (_lock)
        {
            // A fault long after the last is a new one: the topic was there in between.
            if (!_topics.TryGetValue(topic, out Missing? missing) || time.GetElapsedTime(missing.LastFault, now) > missing.Pause + wait + FirstPause)
            {
                if (_topics.Count >= MostTopics)
                    _topics.Clear();
                _topics[topic] = missing = new Missing { Since = now };
                _any = true;
            }

            missing.LastFault = now;
            if (time.GetElapsedTime(missing.Since, now) < wait)
                return false;
            if (missing.PausedAt is not { } at || time.GetElapsedTime(at, now) >= missing.Pause)
            {
                missing.Pause = missing.PausedAt is null ? FirstPause : missing.Pause * 2 < LongestPause ? missing.Pause * 2 : LongestPause;
                missing.PausedAt = now;
            }

            return true;
        }
    }

    /// <summary>True where a record of this topic need not be tried now.</summary>
    public bool IsGivenUp(string topic)
    {
        lock (_lock)
            return _topics.TryGetValue(topic, out Missing? missing) && missing.PausedAt is { } at && time.GetElapsedTime(at) < missing.Pause;
    }

    /// <summary>Kafka took a record of this topic.</summary>
    public void OnArrived(string topic)
    {
        lock (_lock)
        {
            _topics.Remove(topic);
            _any = _topics.Count > 0;
        }
    }

    private sealed class Missing
    {
        public long Since { get; init; }

        public long LastFault { get; set; }

        public long? PausedAt { get; set; }

        public TimeSpan Pause { get; set; }
    }
}
