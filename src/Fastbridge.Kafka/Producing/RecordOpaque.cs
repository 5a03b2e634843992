namespace Fastbridge.Kafka.Producing;

/// <summary>
/// The 64 bits that travel with a record through librdkafka and come back in its report: 16 bits share, 17 bits slot, 31 bits partition
/// hash. The hash is in it so that the partitioner, which runs on librdkafka's threads, needs nothing of ours.
/// </summary>
internal static class RecordOpaque
{
    public const int MaxShares = 1 << 16;
    public const int MaxSlot = (1 << 17) - 1;

    public static nint Pack(int share, int slot, int partitionHash)
        => (nint)(((ulong)(ushort)share << 48) | ((ulong)(uint)slot << 31) | ((uint)partitionHash & int.MaxValue));

    public static int Share(nint opaque) => (int)((ulong)opaque >> 48);

    public static int Slot(nint opaque) => (int)((ulong)opaque >> 31) & MaxSlot;

    public static int PartitionHash(nint opaque) => (int)opaque & int.MaxValue;
}
