using Fastbridge.Core.Delivery;

namespace Fastbridge.Kafka.Producing;

/// <summary>
/// A topic as one share sees it. The name lasts; librdkafka's handle is found anew after a rebuild. All but the name belongs to the share's
/// producing thread.
/// </summary>
internal sealed class KafkaTopic(string name, KafkaRecordSink owner) : IRecordTopic
{
    public string Name { get; } = name;

    public KafkaRecordSink Owner { get; } = owner;

    /// <summary>Whose handle <see cref="Handle"/> is.</summary>
    public NativeProducer? Native { get; private set; }

    public nint Handle { get; private set; }

    /// <summary>Something was produced to it since the last <see cref="IRecordSink.Hurry"/>.</summary>
    public bool IsFresh { get; set; }

    /// <summary>Takes a handle of this producer in place of any other; 0 where librdkafka refuses the name.</summary>
    public nint Acquire(NativeProducer native)
    {
        Handle = native.GetTopic(Name);
        Native = Handle == 0 ? null : native;
        return Handle;
    }

    /// <summary>Gives the handle back; the topic may acquire another.</summary>
    public void Release()
    {
        Native?.ReleaseTopic(Name);
        (Native, Handle) = (null, 0);
    }
}
