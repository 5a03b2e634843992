using Fastbridge.Core.Config;
using Fastbridge.Core.Records;

namespace Fastbridge.Tests.Core.Records;

public class RawRecordTests
{
    private static readonly TestPublish Full = new()
    {
        Payload = [0, 1, 2, 0xFF],
        Retain = true,
        ContentType = "text/plain",
        ResponseTopic = "re/ply",
        CorrelationData = "id-7"u8.ToArray(),
        PayloadFormatIndicator = 0,
        MessageExpiryInterval = 60,
        UserProperties = [("unit", "°C"), ("site", "7")],
    };

    [Fact]
    public void the_value_is_the_payload_as_it_stands()
    {
        IRecordEncoder encoder = Encoders.Raw();
        byte[] payload = new byte[70_000];
        new Random(3).NextBytes(payload);
        TestRecord record = new TestPublish { Payload = payload }.Encode(encoder);
        Assert.Equal(payload, record.Value);
        Assert.Equal(Crc32.Compute(payload), record.PayloadCrc);
        Assert.Equal("sensor/temperature", record.Key);
        Assert.Equal("mqtt_messages", record.Target.Name);
        Assert.Empty(record.Headers);
        Assert.Empty(new TestPublish().Encode(encoder).Value);
    }

    [Fact]
    public void headers_mqtt_carry_the_publish_and_its_properties() =>
        Assert.Equal(
            [
                ("mqtt.topic", "sensor/temperature"), ("mqtt.qos", "1"), ("mqtt.retain", "true"), ("mqtt.content_type", "text/plain"),
                ("mqtt.response_topic", "re/ply"), ("mqtt.correlation_data", "id-7"), ("mqtt.payload_format_indicator", "0"),
                ("mqtt.message_expiry_interval", "60"), ("mqtt.user_property.unit", "°C"), ("mqtt.user_property.site", "7"),
            ],
            Full.Encode(Encoders.Raw(new RecordConfig { MqttHeaders = true })).Headers);

    [Fact]
    public void headers_mqtt_without_properties_are_three() =>
        Assert.Equal(
            [("mqtt.topic", "sensor/temperature"), ("mqtt.qos", "1"), ("mqtt.retain", "false")],
            new TestPublish().Encode(Encoders.Raw(new RecordConfig { MqttHeaders = true })).Headers);

    [Theory]
    [InlineData("raw")]
    [InlineData("robustmq")]
    public void headers_of_a_map_stand_in_its_order_and_may_be_empty(string format)
    {
        var config = new RecordConfig
        {
            Format = format,
            ClientId = "${topic[1]}",
            Headers = [new("z", "${topic[0]}-${client_id}"), new("unit", "${user_property.unit}"), new("größe", "fixed")],
        };
        IRecordEncoder encoder = RecordEncoderFactory.Create(Encoders.Kafka(), config);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal([("z", "sensor-temperature"), ("unit", "°C"), ("größe", "fixed")], Full.Encode(encoder).Headers);
            Assert.Equal([("z", "sensor-temperature"), ("unit", ""), ("größe", "fixed")], new TestPublish().Encode(encoder).Headers);
        }
    }

    [Fact]
    public void a_header_with_qos_is_each_messages_own()
    {
        IRecordEncoder encoder = Encoders.Raw(new RecordConfig { Headers = [new("q", "${qos}")] });
        Assert.Equal([("q", "1")], new TestPublish().Encode(encoder).Headers);
        Assert.Equal([("q", "2")], new TestPublish { QoS = Fastbridge.Mqtt.Protocol.QoS.ExactlyOnce }.Encode(encoder).Headers);
    }
}
