using System.Runtime.InteropServices;

namespace Fastbridge.Kafka.Interop;

/// <summary>An rd_kafka_conf_t until rd_kafka_new takes it over.</summary>
internal sealed class ConfHandle : SafeHandle
{
    public ConfHandle()
        : base(0, ownsHandle: true) => SetHandle(LibRdKafka.rd_kafka_conf_new());

    public override bool IsInvalid => handle == 0;

    /// <summary>The pointer; owned by this object still.</summary>
    public nint Pointer => handle;

    /// <summary>Sets a property: <see cref="LibRdKafka.ConfOk"/>, <see cref="LibRdKafka.ConfUnknown"/>, or another code for a value that is refused.</summary>
    public unsafe int Set(string name, string value, out string error)
    {
        byte* buffer = stackalloc byte[512];
        buffer[0] = 0;
        int result = LibRdKafka.rd_kafka_conf_set(handle, name, value, buffer, 512);
        error = result == LibRdKafka.ConfOk ? "" : LibRdKafka.Text(buffer);
        return result;
    }

    /// <summary>Makes a producer; 0 and a text when librdkafka refuses.</summary>
    public nint NewProducer(out string error) => New(LibRdKafka.TypeProducer, out error);

    /// <summary>Makes a consumer; 0 and a text when librdkafka refuses.</summary>
    public nint NewConsumer(out string error) => New(LibRdKafka.TypeConsumer, out error);

    protected override bool ReleaseHandle()
    {
        LibRdKafka.rd_kafka_conf_destroy(handle);
        return true;
    }

    private unsafe nint New(int type, out string error)
    {
        byte* buffer = stackalloc byte[512];
        buffer[0] = 0;
        nint client = LibRdKafka.rd_kafka_new(type, handle, buffer, 512);
        error = client == 0 ? LibRdKafka.Text(buffer) : "";
        if (client != 0)
            SetHandleAsInvalid();
        return client;
    }
}
