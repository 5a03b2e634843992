using Fastbridge.Core.Delivery;

namespace Fastbridge.Kafka.Producing;

/// <content>
/// Records that are tried alone. librdkafka has no batch bound for one record, and another connector's records on the same topic would share its batch; so they go through
/// a second producer of the same settings, whose batches hold one record. It lives only while something is tried.
/// </content>
internal sealed partial class KafkaRecordSink
{
    private KafkaRecordSink? _apart;

    /// <summary>Opens a share in the producer whose batches hold one record; null where this is that producer's own share.</summary>
    public Func<IDeliveryListener, KafkaRecordSink>? OpenApart { get; init; }

    public ProduceStatus TryProduceAlone(IRecordTopic topic, in OutgoingRecord record, int slot)
    {
        if (OpenApart is null)
            return TryProduce(topic, in record, slot);
        _apart ??= OpenApart(new ApartListener(this));
        return _apart.TryProduce(_apart.GetTopic(topic.Name), in record, slot);
    }

    public void EndAlone()
    {
        KafkaRecordSink? apart = _apart;
        _apart = null;

        apart?.Close();
    }

    /// <summary>Tells on what the second producer reports. Its own state is no news: the first one meets the same brokers.</summary>
    private sealed class ApartListener(KafkaRecordSink sink) : IDeliveryListener
    {
        public void OnDelivered(ReadOnlySpan<int> slots) => sink.Listener.OnDelivered(slots);

        public void OnFailed(in FailedRecord record) => sink.Listener.OnFailed(record with { Topic = sink.GetTopic(record.Topic.Name) });

        public void OnReportsEnd() => sink.Listener.OnReportsEnd();

        public void OnRoom() => sink.Listener.OnRoom();

        public void OnSinkState(string? fault)
        {
        }
    }
}
