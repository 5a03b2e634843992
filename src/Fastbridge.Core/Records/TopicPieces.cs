using System.Runtime.CompilerServices;

namespace Fastbridge.Core.Records;

/// <summary>
/// What can be said of every message of one MQTT topic that has no User Properties: pieces of the record's value, in the encoder's own
/// order, then the key, then the map's headers. Spans are valid until the encoder's next call.
/// </summary>
internal readonly ref struct TopicPieces(ReadOnlySpan<byte> all, scoped in PieceEnds ends, TopicTarget target, int partitionHash)
{
    private readonly ReadOnlySpan<byte> _all = all;
    private readonly PieceEnds _ends = ends;

    public TopicTarget Target { get; } = target;

    public int PartitionHash { get; } = partitionHash;

    public int Length => _all.Length;

    public ReadOnlySpan<byte> Key => Piece(PieceEnds.Key);

    public ReadOnlySpan<byte> Headers => Piece(PieceEnds.Headers);

    /// <summary>The encoder's own piece <paramref name="index"/>, 0 to <see cref="PieceEnds.Key"/> - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Piece(int index)
    {
        int start = index == 0 ? 0 : _ends[index - 1];
        return _all[start.._ends[index]];
    }
}

/// <summary>Where each piece ends.</summary>
[InlineArray(Count)]
internal struct PieceEnds
{
    public const int Key = 4;
    public const int Headers = 5;
    public const int Count = 6;

    private int _first;
}

/// <summary>Makes the pieces of a topic that the cache does not hold.</summary>
internal interface ITopicPieceBuilder
{
    /// <summary>Appends the pieces to <paramref name="output"/>, which is empty, and notes where each ends.</summary>
    TopicTarget Build(ReadOnlySpan<byte> topic, ByteBuffer output, ref PieceEnds ends);
}
