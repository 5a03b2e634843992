using Fastbridge.Core.Config;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Core.Records;

/// <summary>Encoding allocates nothing on the managed heap in the steady state; 16 KB is room for what a runtime may do on its own: an object for every thirtieth record would be more.</summary>
public class RecordAllocationTests
{
    private const long Slack = 16 * 1024;

    [Fact]
    public void a_million_records_without_properties_allocate_nothing() =>
        Assert.InRange(Measure(Encoders.RobustMq(topic: "${topic}"), 1_000_000, new TestPublish(), topics: 8), 0, Slack);

    [Fact]
    public void records_with_properties_templates_and_headers_allocate_nothing()
    {
        TestPublish publish = new()
        {
            ContentType = "text/plain",
            CorrelationData = [1, 2, 3],
            MessageExpiryInterval = 60,
            UserProperties = [("client_id", "c\"1"), ("unit", "°C")],
        };
        foreach (string format in RecordEncoderFactory.Formats)
        {
            foreach (bool mqtt in new[] { false, true })
            {
                IRecordEncoder encoder = RecordEncoderFactory.Create(
                    Encoders.Kafka("t-${topic[1]}-${qos}", "${client_id}${username}${user_property.unit}${topic[0]}"),
                    new RecordConfig { Format = format, MqttHeaders = mqtt, Headers = mqtt ? [] : [new("h", "${topic}${qos}")], Username = "${topic[0]}" });
                Assert.InRange(Measure(encoder, 50_000, publish, topics: 8), 0, Slack);
            }
        }
    }

    [Fact]
    public void ever_new_topics_allocate_nothing_once_the_cache_has_grown() =>
        Assert.InRange(Measure(Encoders.RobustMq(), 20_000, new TestPublish(), topics: 20_000), 0, Slack);

    private static long Measure(IRecordEncoder encoder, int count, TestPublish publish, int topics)
    {
        byte[][] names = [.. Enumerable.Range(0, topics).Select(i => System.Text.Encoding.UTF8.GetBytes($"site/{i}/größe"))];
        byte[] payload = new byte[256];
        byte[] wire = publish.Wire();
        Run(Math.Max(1000, topics));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(count);
        return GC.GetAllocatedBytesForCurrentThread() - before;

        void Run(int times)
        {
            for (int i = 0; i < times; i++)
            {
                var packet = new PublishPacket
                {
                    Topic = names[i % names.Length],
                    Payload = payload,
                    QoS = QoS.AtLeastOnce,
                    PacketId = (ushort)i,
                    Properties = new PublishProperties
                    {
                        IsEmpty = !publish.HasProperties,
                        PayloadFormatIndicator = -1,
                        MessageExpiryInterval = publish.MessageExpiryInterval ?? -1,
                        HasContentType = publish.ContentType is not null,
                        ContentType = "text/plain"u8,
                        HasCorrelationData = publish.CorrelationData is not null,
                        CorrelationData = publish.CorrelationData,
                        Raw = wire,
                    },
                };
                encoder.Encode(packet, 1_640_995_200_000 + i);
            }
        }
    }
}
