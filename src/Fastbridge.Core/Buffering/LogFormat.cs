using System.Buffers.Binary;
using Fastbridge.Core.Records;

namespace Fastbridge.Core.Buffering;

/// <summary>
/// The bytes of a segment file: a header of 56 bytes, then a frame for each record: marker, CRC-32, length (4 bytes each), sequence number (8), body. All
/// little endian.
/// </summary>
/// <remarks>
/// The marker is made of the log's random number, so that no payload can look like a frame to whoever searches for the next whole one behind damage. The
/// number is in the file's name too: a damaged header loses no record.
/// </remarks>
internal static class LogFormat
{
    public const uint Version = 1;
    public const int HeaderLength = 56;
    public const int FrameHeaderLength = 20;

    /// <summary>Magic, version and their checksum: what every version has, so that a newer one is told from a damaged one.</summary>
    public const int PrefixLength = 16;

    private static ReadOnlySpan<byte> Magic => "fbbuffer"u8;

    public static uint MarkerOf(ulong logId) => (uint)(logId ^ (logId >> 32)) | 1;

    public static void WriteHeader(Span<byte> to, in SegmentHeader header)
    {
        Magic.CopyTo(to);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(to[12..], Crc32.Compute(to[..12]));
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], header.LogId);
        BinaryPrimitives.WriteInt64LittleEndian(to[24..], header.FirstSequence);
        BinaryPrimitives.WriteInt64LittleEndian(to[32..], header.PreviousEnd);
        BinaryPrimitives.WriteInt64LittleEndian(to[40..], header.CreatedMs);
        BinaryPrimitives.WriteUInt32LittleEndian(to[48..], Crc32.Compute(to[..48]));
        BinaryPrimitives.WriteUInt32LittleEndian(to[52..], 0);
    }

    /// <summary>False where it is damaged.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> from, out SegmentHeader header)
    {
        header = default;
        if (from.Length < HeaderLength || !IsPrefix(from, out uint version) || version != Version ||
            BinaryPrimitives.ReadUInt32LittleEndian(from[48..]) != Crc32.Compute(from[..48]))
        {
            return false;
        }

        header = new SegmentHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(from[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[40..]));
        return true;
    }

    /// <summary>A whole prefix of a version that this program does not know.</summary>
    public static bool IsNewer(ReadOnlySpan<byte> from, out uint version) => IsPrefix(from, out version) && version > Version;

    public static int FrameLength(int body) => checked(FrameHeaderLength + body);

    public static void WriteFrame(Span<byte> to, uint marker, long sequence, ReadOnlySpan<byte> body)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, marker);
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], body.Length);
        BinaryPrimitives.WriteInt64LittleEndian(to[12..], sequence);
        body.CopyTo(to[FrameHeaderLength..]);
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], Crc32.Compute(to[8..(FrameHeaderLength + body.Length)]));
    }

    private static bool IsPrefix(ReadOnlySpan<byte> from, out uint version)
    {
        version = 0;
        if (from.Length < PrefixLength || !from.StartsWith(Magic) || BinaryPrimitives.ReadUInt32LittleEndian(from[12..]) != Crc32.Compute(from[..12]))
            return false;
        version = BinaryPrimitives.ReadUInt32LittleEndian(from[8..]);
        return true;
    }
}

/// <summary>What a segment says of itself.</summary>
/// <param name="LogId">The log's random number; a cursor of another log says nothing about this segment.</param>
/// <param name="FirstSequence">The sequence number of its first record.</param>
/// <param name="PreviousEnd">One more than the last number of the segment before: what is missing there at the end was damaged, what lies between was dropped on purpose.</param>
/// <param name="CreatedMs">Milliseconds since the epoch.</param>
internal readonly record struct SegmentHeader(ulong LogId, long FirstSequence, long PreviousEnd, long CreatedMs);
