using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Mqtt.Session;

/// <summary>One message that we publish, from the call to its last acknowledgement. Fields belong to <see cref="OutboundPublishes"/>'s lock.</summary>
internal sealed class PendingPublish(OutgoingPublish message) : TaskCompletionSource<PublishResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public OutgoingPublish Message { get; } = message;

    /// <summary>0 until it is sent first.</summary>
    public ushort PacketId { get; set; }

    /// <summary>Sent on some connection: from then on it is sent with DUP.</summary>
    public bool WasSent { get; set; }

    /// <summary>Sent on this connection: it counts against the server's Receive Maximum until acknowledged.</summary>
    public bool SentHere { get; set; }

    /// <summary>PUBREC came: PUBREL is what is sent again, and the message itself no more [MQTT-4.3.3-7].</summary>
    public bool Released { get; set; }
}
