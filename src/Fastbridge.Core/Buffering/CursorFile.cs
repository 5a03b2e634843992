using System.Buffers.Binary;
using Fastbridge.Core.Records;

namespace Fastbridge.Core.Buffering;

/// <summary>
/// How far a log has been delivered, in two small files that are written in turn, so that a crash during one leaves the other. It only saves repeats:
/// without it everything on disk is produced again.
/// </summary>
internal static class CursorFile
{
    private const int FixedLength = 44;

    private static ReadOnlySpan<byte> Magic => "fbcursor"u8;

    public static string PathOf(string folder, long generation) => Path.Combine(folder, (generation & 1) == 0 ? "cursor-0" : "cursor-1");

    public static int LengthOf(int unsettled) => FixedLength + 4 + unsettled * sizeof(long);

    /// <summary>Writes one of the two files; an error leaves the other as it is.</summary>
    /// <param name="sync">Wait until it is on disk: else a power loss may cost more repeats, and nothing else.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Save(string folder, in Cursor cursor, bool sync)
    {
        byte[] bytes = new byte[LengthOf(cursor.Unsettled.Length)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), LogFormat.Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(12), cursor.Generation);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(20), cursor.LogId);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(28), cursor.Next);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(36), cursor.Unsettled.Length);
        for (int i = 0; i < cursor.Unsettled.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(FixedLength + i * sizeof(long)), cursor.Unsettled.Span[i]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4), Crc32.Compute(bytes.AsSpan(0, bytes.Length - 4)));
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = LogFolder.Create(PathOf(folder, cursor.Generation), FileMode.OpenOrCreate);
        RandomAccess.Write(file, bytes, 0);
        RandomAccess.SetLength(file, bytes.Length);
        if (sync)
            RandomAccess.FlushToDisk(file);
    }

    /// <summary>The newer of the two that is whole; null where neither is. Never throws.</summary>
    public static Cursor? Load(string folder)
    {
        Cursor? newest = null;
        for (int i = 0; i < 2; i++)
        {
            if (TryLoad(PathOf(folder, i)) is { } cursor && (newest is null || cursor.Generation > newest.Value.Generation))
                newest = cursor;
        }

        return newest;
    }

    private static Cursor? TryLoad(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        ReadOnlySpan<byte> from = bytes;
        if (from.Length < FixedLength + 4 || !from.StartsWith(Magic) || BinaryPrimitives.ReadUInt32LittleEndian(from[^4..]) != Crc32.Compute(from[..^4]) ||
            BinaryPrimitives.ReadUInt32LittleEndian(from[8..]) != LogFormat.Version)
        {
            return null;
        }

        long count = BinaryPrimitives.ReadInt64LittleEndian(from[36..]);
        if (count < 0 || count > int.MaxValue / sizeof(long) - FixedLength || LengthOf((int)count) != from.Length)
            return null;
        long[] unsettled = new long[count];
        for (int i = 0; i < unsettled.Length; i++)
            unsettled[i] = BinaryPrimitives.ReadInt64LittleEndian(from[(FixedLength + i * sizeof(long))..]);
        return new Cursor(
            BinaryPrimitives.ReadInt64LittleEndian(from[12..]), BinaryPrimitives.ReadUInt64LittleEndian(from[20..]), BinaryPrimitives.ReadInt64LittleEndian(from[28..]), unsettled);
    }
}

/// <summary>How far a log has been delivered.</summary>
/// <param name="Generation">Rises from writing to writing.</param>
/// <param name="LogId">The log that it is about.</param>
/// <param name="Next">The first number that has not been handed to the sink.</param>
/// <param name="Unsettled">The numbers before <paramref name="Next"/> that Kafka does not have, rising.</param>
internal readonly record struct Cursor(long Generation, ulong LogId, long Next, ReadOnlyMemory<long> Unsettled)
{
    /// <summary>Kafka has this record.</summary>
    public bool IsSettled(long sequence) => sequence < Next && Unsettled.Span.BinarySearch(sequence) < 0;

    /// <summary>How many of the numbers from <paramref name="first"/> up to, not with, <paramref name="end"/> Kafka does not have.</summary>
    public long CountUnsettled(long first, long end)
    {
        long count = Math.Max(0, end - Math.Max(first, Next));
        foreach (long sequence in Unsettled.Span)
            count += sequence >= first && sequence < Math.Min(end, Next) ? 1 : 0;
        return count;
    }
}
