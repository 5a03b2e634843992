using System.Buffers.Binary;
using System.Buffers.Text;

namespace Fastbridge.Bench;

/// <summary>The first bytes of a payload: which message of which connector it is.</summary>
internal static class Stamp
{
    public const int Length = 12;

    /// <summary>Base64 of <see cref="Length"/> bytes: 12 is a multiple of three, so the rest of the payload does not reach into it.</summary>
    private const int EncodedLength = Length / 3 * 4;

    private static ReadOnlySpan<byte> Payload => "\"payload\":\""u8;

    public static void Write(Span<byte> payload, int connector, long sequence)
    {
        BinaryPrimitives.WriteInt32LittleEndian(payload, connector);
        BinaryPrimitives.WriteInt64LittleEndian(payload[4..], sequence);
    }

    /// <summary>From a record's value.</summary>
    /// <returns>False where the value is no record of a bench.</returns>
    public static bool TryRead(ReadOnlySpan<byte> value, out int connector, out long sequence)
    {
        connector = 0;
        sequence = 0;
        int at = value.IndexOf(Payload);
        if (at < 0 || value.Length < at + Payload.Length + EncodedLength)
            return false;
        Span<byte> stamp = stackalloc byte[Length];
        if (Base64.DecodeFromUtf8(value.Slice(at + Payload.Length, EncodedLength), stamp, out _, out int written) != System.Buffers.OperationStatus.Done || written != Length)
            return false;
        connector = BinaryPrimitives.ReadInt32LittleEndian(stamp);
        sequence = BinaryPrimitives.ReadInt64LittleEndian(stamp[4..]);
        return connector >= 0 && sequence >= 0;
    }
}
