namespace Fastbridge.Core.Records;

/// <summary>The buffers of one thread, shared by all encoders that run on it: a thousand idle connectors hold none.</summary>
internal sealed class RecordBuffers
{
    [ThreadStatic]
    private static RecordBuffers? _ofThread;

    public static RecordBuffers OfThread => _ofThread ??= new RecordBuffers();

    /// <summary>The record's value.</summary>
    public ByteBuffer Value { get; } = new();

    /// <summary>The pieces of a topic that is not in the cache.</summary>
    public ByteBuffer Pieces { get; } = new();

    /// <summary>What templates render: client_id, username, key, Kafka topic.</summary>
    public ByteBuffer Scratch { get; } = new();

    /// <summary>The Kafka headers.</summary>
    public ByteBuffer Headers { get; } = new();
}
