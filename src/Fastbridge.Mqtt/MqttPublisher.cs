using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Mqtt;

/// <summary>The handler of a client that only publishes: subscribes to nothing, and takes what a server sends all the same.</summary>
public sealed class MqttPublisher : IMqttHandler
{
    public PublishOutcome OnPublish(in PublishPacket publish, Receipt receipt) => PublishOutcome.Left;

    public ValueTask WaitForRoomAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public void OnConnected(in MqttConnected connected)
    {
    }

    public PublishOutcome OnOversizedPublish(in PublishPacket publishWithoutPayload, long payloadBytes, Receipt receipt) => PublishOutcome.Left;

    public void OnEvent(MqttEvent what)
    {
    }
}
