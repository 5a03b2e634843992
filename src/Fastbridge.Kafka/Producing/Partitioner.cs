using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fastbridge.Kafka.Interop;

namespace Fastbridge.Kafka.Producing;

/// <summary>
/// Partitioner of producers whose connectors write no keys: a record goes by the hash of its MQTT topic, so that order holds. librdkafka
/// calls it on the thread that produces, and on its own for records that waited for metadata.
/// </summary>
internal static unsafe class Partitioner
{
    public static delegate* unmanaged[Cdecl]<nint, byte*, nuint, int, nint, nint, int> Pointer => &Choose;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Choose(nint topic, byte* key, nuint keyLength, int partitions, nint topicOpaque, nint messageOpaque)
        => key == null
            ? RecordOpaque.PartitionHash(messageOpaque) % partitions
            : LibRdKafka.rd_kafka_msg_partitioner_murmur2(topic, key, keyLength, partitions, topicOpaque, messageOpaque);
}
