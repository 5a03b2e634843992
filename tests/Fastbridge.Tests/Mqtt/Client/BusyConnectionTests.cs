using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Transport;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Client;

/// <summary>A connection may run on the thread that hears of all sockets: it must not keep it.</summary>
public class BusyConnectionTests
{
    [Fact]
    public async Task a_connection_that_always_finds_something_to_read_goes_over_to_the_pool()
    {
        byte[] block = [.. Enumerable.Repeat(ServerPackets.Publish(MqttVersion.V5, "fleet/17/temperature", new byte[256]), 1_000).SelectMany(p => p)];
        FeedStream server = new(ServerPackets.ConnAck(MqttVersion.V5), block, times: int.MaxValue);
        MqttClient client = new(new MqttClientOptions { Version = MqttVersion.V5, ClientId = "a" }, new TakingHandler(), null, null, (_, _) => new(new MqttTransport(server, null)));
        using CancellationTokenSource stop = new();
        TaskCompletionSource<Task> returned = new(TaskCreationOptions.RunContinuationsAsynchronously);

        new Thread(() => returned.SetResult(client.RunAsync(stop.Token))) { IsBackground = true }.Start();

        Task run = await returned.Task.Guarded();
        await stop.CancelAsync();
        await run.Guarded();
    }

    private sealed class TakingHandler : IMqttHandler
    {
        public PublishOutcome OnPublish(in PublishPacket publish, Receipt receipt) => PublishOutcome.Taken;

        public PublishOutcome OnOversizedPublish(in PublishPacket publish, long payloadLength, Receipt receipt) => PublishOutcome.Taken;

        public ValueTask WaitForRoomAsync(CancellationToken cancellation) => default;

        public void OnConnected(in MqttConnected connected)
        {
        }

        public void OnEvent(MqttEvent what)
        {
        }
    }
}
