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

    /// <summary>The handle in this producer, or 0 where librdkafka refuses the name.</summary>
    public nint HandleIn(NativeProducer native)
    {
        if (!ReferenceEquals(Native, native))
        {
            Handle = native.GetTopic(Name);
            Native = native;
        }

        return Handle;
    }
}
