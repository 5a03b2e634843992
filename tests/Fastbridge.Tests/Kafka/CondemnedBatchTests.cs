using System.Text;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Core.Records;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Reading;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Kafka;

/// <summary>A topic that takes each record but not the batches they travel in: the whole way, from delivery core to Kafka and back.</summary>
public class CondemnedBatchTests(Lab lab)
{
    [Fact]
    public async Task where_batches_are_too_large_and_records_are_not_no_record_is_put_away()
    {
        const int Count = 1_000;
        string kafka = await lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "batches", 1, ("max.message.bytes", "4000"));
        string folder = Directory.CreateTempSubdirectory("fastbridge-condemned-").FullName;
        var ends = new Ends(topic);
        KafkaConfig config = Sinks.Config(kafka) with { Topic = topic, CompressionType = "none", BatchSize = 100_000 };
        var connector = new ConnectorConfig { Name = "c", Mqtt = new MqttClientOptions(), Kafka = config };
        await using var delivery = new ConnectorDelivery(connector, ends, new DeadLetterFile(Path.Combine(folder, "dead.jsonl")), ends, TimeProvider.System);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using IRecordSink sink = factory.Open(config, delivery);
        delivery.Start(sink, ends);
        delivery.OnConnected(new MqttConnected(1, false, "c", 65_535, 0));
        using var guard = new CancellationTokenSource(TestTools.Guard);
        for (int i = 0; i < Count; i++)
        {
            while (!Take(delivery, i))
            {
                await delivery.WaitForRoomAsync(guard.Token);
                Assert.False(guard.IsCancellationRequested, "no room in two minutes");
            }
        }

        delivery.Leave();
        await delivery.WhenSettledAsync(TestTools.Guard);
        Assert.Equal((0, 0), (delivery.InFlight, delivery.Counters.DeadLettered));
        Assert.True(delivery.Counters.ProducedAgain > 0, "no batch was condemned: the test shows nothing");
        List<KafkaRecord> read = await Sinks.ReadAll(kafka, topic, Count);
        Assert.Equal(Count, read.Select(r => r.Value.Text()).Distinct().Count());
        Directory.Delete(folder, recursive: true);
    }

    private static bool Take(ConnectorDelivery delivery, int number)
    {
        byte[] payload = Encoding.UTF8.GetBytes($"{number}".PadRight(500));
        var packet = new PublishPacket { Topic = "a"u8, Payload = payload, PacketId = (ushort)(number + 1), QoS = QoS.AtLeastOnce, Properties = new PublishProperties { IsEmpty = true } };
        bool taken = delivery.OnPublish(in packet, new Receipt(1, number)) == PublishOutcome.Taken;
        delivery.OnBatchEnd();
        return taken;
    }

    /// <summary>The other ends: payloads as they are, acks and words for nobody.</summary>
    private sealed class Ends(string topic) : IAcknowledger, IConnectorEvents, IRecordEncoder
    {
        private readonly TopicTarget _target = new(topic, null);
        private byte[] _value = [];

        public Receipt FirstUnacknowledged => default;

        public long ReceivedAtMs => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

        public void Acknowledge(ReadOnlySpan<Receipt> receipts)
        {
        }

        public EncodedRecord Encode(in PublishPacket publish, long receivedMs)
        {
            _value = publish.Payload.ToArray();
            return new EncodedRecord { Value = _value, HasKey = true, Key = publish.Topic, Target = _target, PartitionHash = 7, PayloadCrc = Crc32.Compute(publish.Payload) };
        }

        public void OnMqtt(MqttEvent what)
        {
        }

        public void OnKafka(string? fault)
        {
        }

        public void OnHeld(string? reason)
        {
        }

        public void OnDeadLetter(RetainedRecord record, string path)
        {
        }
    }
}
