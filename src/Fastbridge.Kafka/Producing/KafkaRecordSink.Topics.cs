using System.Collections.Concurrent;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Kafka.Producing;

/// <content>Topics and their handles in librdkafka, both bounded: a template may yield names without end.</content>
internal sealed partial class KafkaRecordSink
{
    /// <summary>As many as the record encoder remembers. A handle costs librdkafka some kilobytes and a place in every metadata request.</summary>
    internal const int MostTopics = 4_096;

    // Asked by the producing thread and by the delivery thread.
    private readonly ConcurrentDictionary<string, KafkaTopic> _topics = new(StringComparer.Ordinal);

    // Those that hold a handle of _handlesOf: the producing thread's.
    private readonly Queue<KafkaTopic> _withHandle = new();
    private NativeProducer? _handlesOf;
    private volatile string? _askedTopic;

    /// <summary>The topic that Kafka is asked about until it is there; else null.</summary>
    public string? AskedTopic
    {
        get => _askedTopic;
        set => _askedTopic = value;
    }

    public void AskTopic(string name)
    {
        _askedTopic = name;
        producer.Ask();
    }

    public IRecordTopic GetTopic(string name)
    {
        if (_topics.TryGetValue(name, out KafkaTopic? known))
            return known;

        // Whoever holds a topic that is forgotten here goes on using it.
        if (_topics.Count >= MostTopics)
            _topics.Clear();
        return _topics.GetOrAdd(name, static (n, sink) => new KafkaTopic(n, sink), this);
    }

    /// <summary>The topic's handle in this producer. The oldest gives way to a new one: it acquires another when it is used again.</summary>
    private nint HandleOf(KafkaTopic topic, NativeProducer native)
    {
        if (ReferenceEquals(topic.Native, native))
            return topic.Handle;
        if (!ReferenceEquals(_handlesOf, native))
        {
            // The handles went with their producer.
            _withHandle.Clear();
            _handlesOf = native;
        }

        while (_withHandle.Count >= MostTopics)
        {
            KafkaTopic oldest = _withHandle.Dequeue();

            // What lingers is to be hurried by its handle. Whoever is hurried often has few of these.
            if (oldest.IsFresh)
                HurryTopic(oldest, native);
            oldest.Release();
        }

        nint handle = topic.Acquire(native);
        if (handle != 0)
            _withHandle.Enqueue(topic);
        return handle;
    }

    /// <summary>The share closes: nobody produces by it any more when this returns.</summary>
    private void ReleaseTopics()
    {
        Interlocked.MemoryBarrierProcessWide();
        var spin = new SpinWait();
        while (IsBusy)
            spin.SpinOnce();
        foreach (KafkaTopic topic in _withHandle)
            topic.Release();
        _withHandle.Clear();
    }
}
