using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Transport;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Client;

/// <summary>The steady state allocates nothing: socket to handler to ack.</summary>
public class AllocationTests
{
    private const int Block = 1_000;
    private const int Warm = 20_000;
    private const int Measured = 100_000;

#if DEBUG
    // Unoptimised code makes an object of 72 bytes wherever a constant span of shorts is read, as in FrameHeader; optimised code does not.
    private const double MostBytes = 73;
#else
    private const double MostBytes = 0.5;
#endif

    [Theory]
    [InlineData(MqttVersion.V311, 1, false)]
    [InlineData(MqttVersion.V5, 1, false)]
    [InlineData(MqttVersion.V5, 0, false)]
    [InlineData(MqttVersion.V5, 1, true)]
    public async Task a_hundred_thousand_messages_received_and_acked_allocate_nothing(MqttVersion version, int qos, bool properties)
    {
        byte[][] given = properties
            ? [ServerPackets.UInt16Property(0x23, 5), ServerPackets.TextProperty(0x03, "application/json"), ServerPackets.UserProperty("client_id", "sensor")]
            : [];
        byte[] block = [.. Enumerable.Range(1, Block).SelectMany(id =>
            ServerPackets.Publish(version, "fleet/17/temperature", new byte[256], qos, (ushort)id, false, false, given))];
        FeedStream server = new(ServerPackets.ConnAck(version), block, (Warm + Measured) / Block);
        AckingHandler handler = new();
        using CancellationTokenSource stop = new();
        MqttClient client = new(
            new MqttClientOptions { Version = version, ClientId = "a", ReconnectDelay = TimeSpan.FromHours(1), ReconnectDelayMax = TimeSpan.FromHours(1) },
            handler,
            null,
            null,
            (_, _) => new ValueTask<MqttTransport>(new MqttTransport(server, null)));
        handler.Client = client;

        // The stream never makes it wait, so the whole connection runs on one thread of the pool, whose counter sees all of it.
        Task run = await Task.Factory.StartNew(() => client.RunAsync(stop.Token), TestContext.Current.CancellationToken, TaskCreationOptions.None, TaskScheduler.Default);
        Assert.Equal(Warm + Measured, handler.Count);
        Assert.InRange(handler.Allocated / (double)Measured, 0, MostBytes);
        if (qos == 1)
            Assert.True(server.Written >= 4L * (Warm + Measured), "an ack each");
        await stop.CancelAsync();
        await run.Guarded();
    }

    private sealed class AckingHandler : IMqttHandler
    {
        private long _start;

        public MqttClient Client { get; set; } = null!;

        public int Count { get; private set; }

        public long Allocated { get; private set; }

        public PublishOutcome OnPublish(in PublishPacket publish, Receipt receipt)
        {
            Count++;
            if (Count == Warm)
                _start = GC.GetAllocatedBytesForCurrentThread();
            else if (Count == Warm + Measured)
                Allocated = GC.GetAllocatedBytesForCurrentThread() - _start;
            if (publish.QoS != QoS.AtMostOnce)
                Client.Acknowledge(receipt);
            return PublishOutcome.Taken;
        }

        public ValueTask WaitForRoomAsync(CancellationToken cancellation) => default;

        public void OnConnected(in MqttConnected connected)
        {
        }

        public PublishOutcome OnOversizedPublish(in PublishPacket publishWithoutPayload, long payloadBytes, Receipt receipt) => PublishOutcome.Taken;

        public void OnEvent(MqttEvent what)
        {
        }
    }
}
