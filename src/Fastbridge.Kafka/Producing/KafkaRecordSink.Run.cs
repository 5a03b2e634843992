using Fastbridge.Core.Delivery;
using Fastbridge.Kafka.Interop;

namespace Fastbridge.Kafka.Producing;

/// <content>
/// Records of one read, handed over together: librdkafka's locks are taken once for up to 64 of them. While a run holds records the share is busy, so the
/// producer that they are for is not destroyed. All of it is the producing thread's.
/// </content>
internal sealed unsafe partial class KafkaRecordSink
{
    private nint _run;
    private bool _gathers;

    // Of what is in the run; null while it is empty.
    private KafkaTopic? _runTopic;

    public void BeginRun() => _gathers = true;

    public void EndRun()
    {
        _gathers = false;
        SendRun();
        Volatile.Write(ref _busy, 0);
    }

    private void SendRun()
    {
        if (_runTopic is null)
            return;
        LibRdKafka.rd_kafka_run_send(_run);
        _runTopic = null;
    }

    private ProduceStatus AddToRun(KafkaTopic topic, nint handle, byte* value, nuint valueLength, byte* key, nuint keyLength, nint opaque)
    {
        if (_run == 0)
            _run = LibRdKafka.rd_kafka_run_new();
        int count = LibRdKafka.rd_kafka_run_add(_run, handle, value, valueLength, key, keyLength, opaque);
        if (count < 0)
            return Faults.OfProduce(LibRdKafka.rd_kafka_last_error());
        _runTopic = count == 0 ? null : topic;
        return ProduceStatus.Queued;
    }

    /// <summary>Nobody produces any more.</summary>
    private void FreeRun()
    {
        if (_run != 0)
            LibRdKafka.rd_kafka_run_destroy(_run);
        _run = 0;
    }
}
