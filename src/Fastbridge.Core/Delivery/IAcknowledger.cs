using Fastbridge.Mqtt;

namespace Fastbridge.Core.Delivery;

/// <summary>The MQTT end as the delivery core needs it: an MqttClient, or a test's stand-in.</summary>
internal interface IAcknowledger
{
    /// <summary>Any thread, any order; receipts of an earlier connection are ignored.</summary>
    void Acknowledge(ReadOnlySpan<Receipt> receipts);

    /// <summary>
    /// The first receipt of the present connection whose ack has not been written; default: there is no connection. Never one behind a message that the handler has not
    /// acknowledged. Any thread, and under locks of the caller's.
    /// </summary>
    Receipt FirstUnacknowledged { get; }

    /// <summary>When the bytes now being read were received, milliseconds since the epoch; read once a batch.</summary>
    long ReceivedAtMs { get; }
}
