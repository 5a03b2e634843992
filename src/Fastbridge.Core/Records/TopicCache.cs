using System.Buffers.Binary;
using System.Numerics;

namespace Fastbridge.Core.Records;

/// <summary>
/// The prepared pieces of the MQTT topics that a connector has seen lately. A hit allocates nothing; a miss only what makes the arrays
/// grow. Empty until the first message, so that an idle connector costs nothing. Used by one thread at a time.
/// </summary>
/// <remarks>
/// Open addressing over one array of bytes. When it is full (topics or bytes) all is forgotten at once: no list to keep in order on a hit, and
/// a flood of ever new topics costs one building of pieces each, which is what it costs to have no cache. A topic is looked for in
/// sixteen places at most, so that colliding topics cannot make the search long.
/// </remarks>
internal sealed class TopicCache(ITopicPieceBuilder builder, int maxTopics = TopicCache.DefaultMaxTopics, int maxBytes = TopicCache.DefaultMaxBytes)
{
    /// <summary>4,096 topics: the sensors of a large site. With <see cref="DefaultMaxBytes"/> it is what 256 bytes a topic come to.</summary>
    internal const int DefaultMaxTopics = 4_096;

    /// <summary>1 MB for the bytes of all pieces.</summary>
    internal const int DefaultMaxBytes = 1024 * 1024;

    /// <summary>At half full, as the table is at most, two topics in ten thousand find sixteen places taken.</summary>
    private const int Probes = 16;
    private const ulong Mix = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Differs from process to process, so that nobody can prepare topics that collide.</summary>
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64() | 1;

    private Slot[] _slots = [];
    private Entry[] _entries = [];
    private byte[] _bytes = [];
    private int _count;
    private int _used;

    internal int Count => _count;

    internal int BytesHeld => _bytes.Length;

    /// <summary>The pieces of <paramref name="topic"/>, from memory or built now.</summary>
    /// <param name="scratch">Where pieces are built; cleared on a miss. Pieces too large to be kept are given from there.</param>
    public TopicPieces Get(ReadOnlySpan<byte> topic, ByteBuffer scratch)
    {
        uint hash = Hash(topic);
        Slot[] slots = _slots;
        for (uint probe = 0; probe < Probes && slots.Length != 0; probe++)
        {
            Slot slot = slots[(hash + probe) & (uint)(slots.Length - 1)];
            if (slot.EntryPlusOne == 0)
                break;
            if (slot.Hash != hash)
                continue;
            ref readonly Entry entry = ref _entries[slot.EntryPlusOne - 1];
            if (_bytes.AsSpan(entry.Start, entry.TopicLength).SequenceEqual(topic))
                return Pieces(entry);
        }

        return Add(topic, hash, scratch);
    }

    private TopicPieces Pieces(in Entry entry) =>
        new(_bytes.AsSpan(entry.Start + entry.TopicLength, entry.Ends[PieceEnds.Count - 1]), entry.Ends, entry.Target, entry.PartitionHash);

    private TopicPieces Add(ReadOnlySpan<byte> topic, uint hash, ByteBuffer scratch)
    {
        scratch.Clear();
        PieceEnds ends = default;
        TopicTarget target = builder.Build(topic, scratch, ref ends);
        int partitionHash = Murmur2.Positive(topic);
        int size = topic.Length + scratch.Length;

        // One topic that would take an eighth of all the room (some have 65,535 bytes) is not worth the others.
        if (size > maxBytes / 8)
            return new TopicPieces(scratch.Finish(), ends, target, partitionHash);
        if (_count == maxTopics || _used + size > maxBytes)
            Forget();
        MakeRoom(size);
        topic.CopyTo(_bytes.AsSpan(_used));
        scratch.Written.CopyTo(_bytes.AsSpan(_used + topic.Length));
        _entries[_count] = new Entry(_used, topic.Length, ends, target, partitionHash);
        _used += size;
        _count++;
        Place(new Slot(hash, _count));
        return Pieces(_entries[_count - 1]);
    }

    private void Forget()
    {
        Array.Clear(_slots);
        Array.Clear(_entries); // lets go of the targets
        _count = _used = 0;
    }

    private void MakeRoom(int size)
    {
        if (_used + size > _bytes.Length)
            Array.Resize(ref _bytes, Math.Min(Math.Max(_used + size, Math.Max(_bytes.Length * 2, 1024)), maxBytes));
        if (_count < _entries.Length)
            return;
        Array.Resize(ref _entries, Math.Min(Math.Max(_count * 2, 8), maxTopics));
        Slot[] old = _slots;
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)_entries.Length * 2)];
        foreach (Slot slot in old)
        {
            if (slot.EntryPlusOne != 0)
                Place(slot);
        }
    }

    /// <summary>Takes the first free place, or the last one tried: the topic that stood there is found no more, and built again when it comes.</summary>
    private void Place(Slot slot)
    {
        uint mask = (uint)(_slots.Length - 1);
        uint at = slot.Hash;
        for (int probe = 1; probe < Probes && _slots[at & mask].EntryPlusOne != 0; probe++)
            at++;
        _slots[at & mask] = slot;
    }

    /// <summary>Multiply and shift, eight bytes a step; good enough to spread topics, and a tenth of the price of a keyed hash.</summary>
    private static uint Hash(ReadOnlySpan<byte> topic)
    {
        ulong h = Seed + ((ulong)topic.Length * Mix);
        ReadOnlySpan<byte> rest = topic;
        while (rest.Length > 8)
        {
            h = (h ^ BinaryPrimitives.ReadUInt64LittleEndian(rest)) * Mix;
            h ^= h >> 32;
            rest = rest[8..];
        }

        if (topic.Length >= 8)
        {
            h ^= BinaryPrimitives.ReadUInt64LittleEndian(topic[^8..]); // the last eight bytes, some of them once more
        }
        else
        {
            for (int i = 0; i < rest.Length; i++)
                h ^= (ulong)rest[i] << (8 * i);
        }

        h = (h ^ (h >> 29)) * Mix;
        return (uint)(h >> 32);
    }

    private readonly record struct Slot(uint Hash, int EntryPlusOne);

    private readonly record struct Entry(int Start, int TopicLength, PieceEnds Ends, TopicTarget Target, int PartitionHash);
}
