namespace Fastbridge.Core.Delivery;

/// <summary>What <see cref="InflightWindow.Adopt"/> found.</summary>
internal enum Adoption
{
    /// <summary>Nothing of the kind: a message to be produced.</summary>
    None,

    /// <summary>Its record is with Kafka; the ack follows the report.</summary>
    Pending,

    /// <summary>Kafka has its record: acknowledge now.</summary>
    Delivered,
}
