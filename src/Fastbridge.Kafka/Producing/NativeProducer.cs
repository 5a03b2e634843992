using Fastbridge.Core.Delivery;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Security;

namespace Fastbridge.Kafka.Producing;

/// <summary>One life of an rd_kafka_t: from rd_kafka_new to rd_kafka_destroy, with its queue and topic handles.</summary>
internal sealed unsafe class NativeProducer
{
    private readonly Dictionary<string, (nint Handle, int Users)> _topics = [];
    private readonly Lock _topicsLock = new();
    private readonly bool _keyless;

    private readonly TokenFeed? _tokens;

    private NativeProducer(nint handle, ProducerSettings settings)
    {
        Handle = handle;
        _keyless = settings.Keyless;
        _tokens = settings.Tokens is { } tokens ? new TokenFeed(tokens) : null;
        Queue = LibRdKafka.rd_kafka_queue_get_main(handle);

        // Logs come the same way as reports, so that one thread sees all.
        _ = LibRdKafka.rd_kafka_set_log_queue(handle, Queue);
    }

    public nint Handle { get; }

    /// <summary>Reports, errors and log lines.</summary>
    public nint Queue { get; }

    /// <exception cref="SinkConfigurationException">librdkafka refuses the settings (a file that is missing, two that contradict).</exception>
    public static NativeProducer Create(ProducerSettings settings)
    {
        using ConfHandle conf = settings.NewConf();
        nint handle = conf.NewProducer(out string error);
        return handle == 0
            ? throw new SinkConfigurationException(FileTrouble.Of(settings.Scrubber.Clean(error), settings.PropertyMap))
            : new NativeProducer(handle, settings);
    }

    /// <summary>Answers <see cref="LibRdKafka.EventTokenRefresh"/>; returns at once. A token that cannot be had comes as an error event.</summary>
    /// <param name="warn">Gets one line, on another thread, where the token before it is still good.</param>
    public void FetchToken(Action<string>? warn) => _tokens?.Fetch(Handle, warn);

    /// <summary>The handle of a topic, for a share to keep until <see cref="ReleaseTopic"/>; 0 where librdkafka refuses the name. Any thread.</summary>
    public nint GetTopic(string name)
    {
        lock (_topicsLock)
        {
            if (_topics.TryGetValue(name, out (nint Handle, int Users) known))
            {
                _topics[name] = (known.Handle, known.Users + 1);
                return known.Handle;
            }

            nint conf = 0;
            if (_keyless)
            {
                conf = LibRdKafka.rd_kafka_default_topic_conf_dup(Handle);
                LibRdKafka.rd_kafka_topic_conf_set_partitioner_cb(conf, Partitioner.Pointer);
            }

            nint topic = LibRdKafka.rd_kafka_topic_new(Handle, name, conf);
            if (topic != 0)
                _topics.Add(name, (topic, 1));
            return topic;
        }
    }

    /// <summary>A share gives a handle back. With its last user it goes; records on their way keep what they need of it. Any thread, also after <see cref="Destroy"/>.</summary>
    public void ReleaseTopic(string name)
    {
        lock (_topicsLock)
        {
            if (!_topics.TryGetValue(name, out (nint Handle, int Users) known))
                return;
            if (known.Users > 1)
            {
                _topics[name] = (known.Handle, known.Users - 1);
                return;
            }

            _topics.Remove(name);
            LibRdKafka.rd_kafka_topic_destroy(known.Handle);
        }
    }

    /// <summary>Topic handles that shares keep.</summary>
    public int TopicCount
    {
        get
        {
            lock (_topicsLock)
                return _topics.Count;
        }
    }

    /// <summary>Has every message reported as purged that is queued here, and with <paramref name="inFlight"/> also those that brokers hold.</summary>
    public void Purge(bool inFlight)
        => _ = LibRdKafka.rd_kafka_purge(Handle, LibRdKafka.PurgeQueue | LibRdKafka.PurgeNonBlocking | (inFlight ? LibRdKafka.PurgeInFlight : 0));

    /// <summary>Joins librdkafka's threads. Nobody may use this object any more.</summary>
    public void Destroy()
    {
        _tokens?.End();
        lock (_topicsLock)
        {
            foreach ((nint topic, int _) in _topics.Values)
                LibRdKafka.rd_kafka_topic_destroy(topic);
            _topics.Clear();
        }

        LibRdKafka.rd_kafka_queue_destroy(Queue);
        LibRdKafka.rd_kafka_destroy(Handle);
    }
}
