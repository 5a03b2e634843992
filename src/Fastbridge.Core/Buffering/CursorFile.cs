using System.Buffers.Binary;
using Fastbridge.Core.Records;

namespace Fastbridge.Core.Buffering;

/// <summary>
/// What of a log Kafka does not have, and how far it was flushed, in two small files that are written in turn, so that a crash during one leaves the other. Without it
/// everything on disk is produced again, and nobody can tell a file that was cut from one that was never finished.
/// </summary>
internal static class CursorFile
{
    /// <summary>2: ranges, and how far the newest file was flushed. An older one is passed over, which costs repeats.</summary>
    private const uint Version = 2;
    private const int FixedLength = 56;

    private static ReadOnlySpan<byte> Magic => "fbcursor"u8;

    public static string PathOf(string folder, long generation) => Path.Combine(folder, (generation & 1) == 0 ? "cursor-0" : "cursor-1");

    public static int LengthOf(int ranges) => FixedLength + 4 + ranges * 2 * sizeof(long);

    /// <summary>Writes one of the two files; an error leaves the other as it is.</summary>
    /// <param name="sync">Wait until it is on disk: else a power loss may cost more repeats, and nothing else.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Save(string folder, in Cursor cursor, bool sync)
    {
        byte[] bytes = new byte[LengthOf(cursor.Unsettled.Ranges)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(12), cursor.Generation);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(20), cursor.LogId);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(28), cursor.End);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(36), cursor.Newest);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), cursor.Flushed);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(48), cursor.Unsettled.Ranges);
        for (int i = 0; i < cursor.Unsettled.Ranges * 2; i++)
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(FixedLength + i * sizeof(long)), cursor.Unsettled.Bound(i));
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
            BinaryPrimitives.ReadUInt32LittleEndian(from[8..]) != Version)
        {
            return null;
        }

        long ranges = BinaryPrimitives.ReadInt64LittleEndian(from[48..]);
        if (ranges < 0 || ranges > from.Length || LengthOf((int)ranges) != from.Length)
            return null;
        var unsettled = new NumberSet();
        for (int i = 0; i < ranges * 2; i += 2)
            unsettled.Add(At(from, i), At(from, i + 1));
        return new Cursor(
            BinaryPrimitives.ReadInt64LittleEndian(from[12..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[20..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[28..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[36..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[40..]),
            unsettled);
    }

    private static long At(ReadOnlySpan<byte> from, int bound) => BinaryPrimitives.ReadInt64LittleEndian(from[(FixedLength + bound * sizeof(long))..]);
}

/// <summary>What of a log Kafka does not have.</summary>
/// <param name="Generation">Rises from writing to writing; 0: nothing is known.</param>
/// <param name="LogId">The log that it is about.</param>
/// <param name="End">One more than the number of the last record that had been flushed.</param>
/// <param name="Newest">The newest file's number; 0 where there was none.</param>
/// <param name="Flushed">How many of its bytes had been flushed: what is missing of them is damage, what lies behind may be a write that a crash cut off.</param>
/// <param name="Unsettled">The numbers before <paramref name="End"/> that Kafka does not have and that were not given up. Not changed any more.</param>
internal readonly record struct Cursor(long Generation, ulong LogId, long End, int Newest, long Flushed, NumberSet Unsettled)
{
    /// <summary>Kafka has this record, or it was given up.</summary>
    public bool IsSettled(long sequence) => sequence < End && !Unsettled.Contains(sequence);

    /// <summary>How many of the numbers from <paramref name="first"/> up to, not with, <paramref name="end"/> Kafka does not have.</summary>
    public long CountUnsettled(long first, long end) => Unsettled.Count(first, Math.Min(end, End)) + Math.Max(0, end - Math.Max(first, End));
}
