using Fastbridge.Core.Delivery;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Buffering;

/// <summary>What a <see cref="ConnectorBuffer"/> needs of its connector. Called on the buffer's own threads.</summary>
internal interface IBufferHost
{
    /// <summary>Waits until the reader is out of its offer. It does not begin another as before: the mode was changed first.</summary>
    void HoldReader();

    /// <summary>Records that came back are being brought to an end: nothing else may be produced.</summary>
    bool IsRecovering { get; }

    /// <summary>The drain may produce now: nothing is being recovered, and the rate allows it. While messages go by the disk only, for the rate is the reader's else.</summary>
    bool MayProduce { get; }

    /// <summary>Produces a record of the buffer. What can never be queued goes the way of all failures and counts as queued.</summary>
    ProduceStatus Produce(in StoredRecord record, int slot);

    void Acknowledge(ReadOnlySpan<Receipt> receipts);

    /// <summary>There may be room, or another way to go: the reader shall look.</summary>
    void OfferRoom();

    /// <summary>What ails the buffer, one line; null when it works again.</summary>
    void OnBufferFault(string? fault);

    /// <summary>Messages go by the disk from now on, or straight to Kafka again.</summary>
    void OnBufferMode(bool buffered);

    /// <summary>Messages were given up because the buffer is full.</summary>
    void OnBufferDropped(long messages);

    /// <summary>Something on disk is not as it was written.</summary>
    void OnBufferDamaged(string what);
}
