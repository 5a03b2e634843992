using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Mqtt;

/// <summary>
/// Names one received QoS 1 or 2 PUBLISH of one connection. Given to <see cref="IMqttHandler.OnPublish"/>, handed back to
/// <c>MqttClient.Acknowledge</c> in any order; the client sends the acks in receipt order [MQTT-4.6.0-2]. A receipt of an earlier
/// connection is ignored there: an ack never goes out on a newer connection for an older one's message.
/// </summary>
/// <param name="Connection">The connection's number, 1 for the first; 0 in <c>default</c>, which stands for QoS 0.</param>
/// <param name="Sequence">The place among that connection's QoS 1 and 2 PUBLISHes, from 0; wraps.</param>
public readonly record struct Receipt(int Connection, int Sequence);

/// <summary>What became of a PUBLISH that the handler was offered.</summary>
public enum PublishOutcome
{
    /// <summary>The handler has it, and will acknowledge its receipt sooner or later (at QoS 0: nothing more is owed).</summary>
    Taken,

    /// <summary>
    /// No room: the client stops reading this socket, awaits <see cref="IMqttHandler.WaitForRoomAsync"/>, and offers the same packet again.
    /// Keep alive goes on meanwhile; acks that become due are sent.
    /// </summary>
    NoRoom,

    /// <summary>The client is shutting down and leaves it to the broker: read and forgotten, never acknowledged, nor is anything behind it.</summary>
    Left,
}

/// <summary>
/// The application's side of an <c>MqttClient</c>. All members but <see cref="WaitForRoomAsync"/> are called on the connection's read
/// loop, one at a time; they must not block.
/// </summary>
public interface IMqttHandler
{
    /// <summary>A PUBLISH came. Spans of <paramref name="publish"/> are valid until this returns: copy what you keep.</summary>
    PublishOutcome OnPublish(in PublishPacket publish, Receipt receipt);

    /// <summary>Completes when it is worth offering the packet again that met <see cref="PublishOutcome.NoRoom"/>. Spurious completion is allowed.</summary>
    ValueTask WaitForRoomAsync(CancellationToken cancellation);

    /// <summary>CONNACK came and was accepted. Called before any PUBLISH of this connection is offered.</summary>
    void OnConnected(in MqttConnected connected);

    /// <summary>
    /// A PUBLISH longer than <see cref="MqttClientOptions.LargestPublish"/> was read past without being buffered. Its beginning (topic) is
    /// given; false holds the connection as <see cref="PublishOutcome.NoRoom"/> does. The handler owes its receipt an acknowledgement.
    /// </summary>
    PublishOutcome OnOversizedPublish(in PublishPacket publishWithoutPayload, long payloadBytes, Receipt receipt);

    /// <summary>
    /// What one read brought has been offered, or the connection ends within it: nothing more is offered before the next wait. Follows every read, also where nothing of it was
    /// for the handler. What was taken and held back for company within a read may go now.
    /// </summary>
    void OnBatchEnd()
    {
    }

    /// <summary>
    /// All that could be read has been offered, and the socket has nothing more: the server is slow, or it waits for acknowledgements. A good moment to
    /// send on what would else wait for company.
    /// </summary>
    /// <param name="unacknowledged">Messages of this connection that count against the server's limit: QoS 1 until PUBACK, QoS 2 until PUBCOMP [4.9].</param>
    void OnIdle(int unacknowledged)
    {
    }

    /// <summary>What was read has been offered, and the socket has more already.</summary>
    /// <param name="unacknowledged">As in <see cref="OnIdle"/>.</param>
    void OnMore(int unacknowledged)
    {
    }

    /// <summary>
    /// A redelivered QoS 2 PUBLISH that the handler had acknowledged before was answered by the session: PUBREC again, and nothing is offered
    /// [MQTT-4.3.3-10]. What the handler remembers under this packet identifier is settled.
    /// </summary>
    void OnRepeatAnswered(ushort packetId)
    {
    }

    /// <summary>
    /// Every state the connection goes through, for logs and status; see <see cref="MqttEvent"/>. On the read loop, but for a <see cref="MqttEvent.Subscribed"/> that
    /// needed no answer of the server: that one comes on the thread that changed the subscriptions.
    /// </summary>
    void OnEvent(MqttEvent what);
}
