namespace Fastbridge.Core.Buffering;

/// <summary>One file of the log. Fields without another word belong to whoever holds the log's gate.</summary>
internal sealed class Segment(string path, int number, long firstSequence)
{
    private long _length;
    private int _produced;
    private volatile bool _faulty;

    public string Path { get; } = path;

    /// <summary>Rises from file to file; names sort by it.</summary>
    public int Number { get; } = number;

    /// <summary>Its first record's number.</summary>
    public long FirstSequence { get; } = firstSequence;

    /// <summary>One more than the number of its last record that is safe on disk.</summary>
    public long EndSequence { get; set; } = firstSequence;

    /// <summary>Bytes that are safe on disk: the file may be read up to here. Written under the gate, read by any thread.</summary>
    public long Length
    {
        get => Volatile.Read(ref _length);
        set => Volatile.Write(ref _length, value);
    }

    /// <summary>Bytes written or staged, safe or not. The writer's.</summary>
    public long WrittenLength { get; set; } = LogFormat.HeaderLength;

    /// <summary>The number behind the last record written or staged. The writer's.</summary>
    public long WrittenEnd { get; set; } = firstSequence;

    /// <summary>What the file takes on disk, for the cap; may be more than <see cref="Length"/> where a tail could not be cut.</summary>
    public long Charged { get; set; }

    /// <summary>Nothing more is appended.</summary>
    public bool Closed { get; set; }

    /// <summary>The disk does not give all of it back. It is not written to any more, and set aside instead of removed when it is done with. Any thread.</summary>
    public bool Faulty
    {
        get => _faulty;
        set => _faulty = value;
    }

    /// <summary>It cannot even be opened, or is gone: the drain's.</summary>
    public bool Unreadable { get; set; }

    /// <summary>Records that were handed to the sink.</summary>
    public int Produced => Volatile.Read(ref _produced);

    /// <summary>Of those, how many Kafka has, or were put away.</summary>
    public int Settled { get; set; }

    /// <summary>Some of its records are with the sink.</summary>
    public bool IsOutstanding => Produced != Settled;

    public void OnProduced() => Interlocked.Increment(ref _produced);

    /// <summary>The sink did not take it after all.</summary>
    public void OnNotProduced() => Interlocked.Decrement(ref _produced);
}
