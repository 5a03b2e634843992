using System.Runtime.InteropServices;

namespace Fastbridge.Kafka.Interop;

/// <summary>rd_kafka_message_t. Memory of librdkafka: valid until the event that it came in is destroyed.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeMessage
{
    public int Error;
    public nint Topic;
    public int Partition;
    public byte* Value;
    public nuint ValueLength;
    public byte* Key;
    public nuint KeyLength;
    public long Offset;
    public nint Opaque;

    public readonly ReadOnlySpan<byte> ValueSpan => new(Value, checked((int)ValueLength));

    public readonly ReadOnlySpan<byte> KeySpan => new(Key, checked((int)KeyLength));
}

/// <summary>rd_kafka_vu_t: one argument of rd_kafka_produceva.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal unsafe struct NativeVu
{
    public const int TypeTopicHandle = 2;
    public const int TypePartition = 3;
    public const int TypeValue = 4;
    public const int TypeKey = 5;
    public const int TypeOpaque = 6;
    public const int TypeFlags = 7;
    public const int TypeTimestamp = 8;
    public const int TypeHeaders = 10;

    [FieldOffset(0)] public int Type;
    [FieldOffset(8)] public nint Pointer;
    [FieldOffset(8)] public int Int32;
    [FieldOffset(8)] public long Int64;
    [FieldOffset(16)] public nuint Size;
}
