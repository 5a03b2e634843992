using System.Buffers.Binary;
using Fastbridge.Core.Records;
using Fastbridge.Kafka.Interop;

namespace Fastbridge.Kafka.Producing;

/// <summary>Between <see cref="HeaderList"/>'s bytes and librdkafka's headers.</summary>
internal static unsafe class NativeHeaders
{
    /// <summary>Headers of librdkafka with copies of these, to be handed over or destroyed; 0 for none.</summary>
    public static nint Make(ReadOnlySpan<byte> list)
    {
        if (list.IsEmpty)
            return 0;

        nint headers = LibRdKafka.rd_kafka_headers_new(8);
        byte empty = 0;
        while (HeaderList.TryTake(ref list, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
        {
            fixed (byte* nameStart = name)
            fixed (byte* valueStart = value)
            {
                _ = LibRdKafka.rd_kafka_header_add(
                    headers, nameStart == null ? &empty : nameStart, name.Length, valueStart == null ? &empty : valueStart, value.Length);
            }
        }

        return headers;
    }

    /// <summary>The headers of a message in the form of <see cref="HeaderList"/>, in <paramref name="buffer"/>, which grows as needed.</summary>
    public static ReadOnlySpan<byte> Read(NativeMessage* message, ref byte[] buffer)
    {
        nint headers;
        if (LibRdKafka.rd_kafka_message_headers(message, &headers) != 0)
            return default;

        int length = 0;
        byte* name;
        byte* value;
        nuint valueLength;
        for (nuint i = 0; LibRdKafka.rd_kafka_header_get_all(headers, i, &name, &value, &valueLength) == 0; i++)
        {
            Append(ref buffer, ref length, System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));
            Append(ref buffer, ref length, new ReadOnlySpan<byte>(value, checked((int)valueLength)));
        }

        return buffer.AsSpan(0, length);
    }

    private static void Append(ref byte[] buffer, ref int length, ReadOnlySpan<byte> part)
    {
        int end = checked(length + 4 + part.Length);
        if (end > buffer.Length)
            Array.Resize(ref buffer, Math.Max(end, buffer.Length * 2));
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(length), part.Length);
        part.CopyTo(buffer.AsSpan(length + 4));
        length = end;
    }
}
