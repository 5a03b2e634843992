using System.Text;
using System.Text.Json;
using Fastbridge.Core.Config;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Core.Records;

public class RobustMqRecordTests
{
    private const string Golden =
        """{"topic":"sensor/temperature","qos":1,"retain":false,"payload":"eyJ0ZW1wZXJhdHVyZSI6IDI1LjUsICJodW1pZGl0eSI6IDYwfQ==","client""" +
        """_id":"sensor_001","username":"sensor_user","timestamp":1640995200,"message_id":12345,"header":[{"key":"content-type","val""" +
        """ue":"application/json"}],"key":"sensor_001","data":"eyJ0ZW1wZXJhdHVyZSI6IDI1LjUsICJodW1pZGl0eSI6IDYwfQ==","tags":["sensor","tem""" +
        """perature"],"crc_num":2291312661}""";

    private static readonly TestPublish Example = new()
    {
        Payload = Encoding.UTF8.GetBytes("""{"temperature": 25.5, "humidity": 60}"""),
        ContentType = "application/json",
    };

    /// <summary>The reference page's example. Its header has the content type alone, so client_id and username come from the connector's templates.</summary>
    [Theory]
    [InlineData("sensor_001")]
    [InlineData("${client_id}")]
    public void the_golden_record_is_met_byte_for_byte(string key)
    {
        TestRecord record = Example.Encode(Encoders.RobustMq(key, clientId: "sensor_001", username: "sensor_user"));
        Assert.Equal(Golden, record.Text);
        Assert.Equal("sensor_001", record.Key);
        Assert.Equal(2291312661, record.PayloadCrc);
        Assert.Equal("mqtt_messages", record.Target.Name);
        Assert.Empty(record.Headers);
    }

    [Fact]
    public void without_properties_the_header_is_empty_and_the_rest_the_same()
    {
        TestRecord record = (Example with { ContentType = null }).Encode(Encoders.RobustMq("sensor_001", clientId: "sensor_001", username: "sensor_user"));
        Assert.Equal(Golden.Replace("""[{"key":"content-type","value":"application/json"}]""", "[]", StringComparison.Ordinal), record.Text);
    }

    [Fact]
    public void client_id_and_username_come_from_user_properties_before_templates()
    {
        IRecordEncoder encoder = Encoders.RobustMq("${client_id}:${username}", clientId: "${topic[1]}", username: "nobody");
        using JsonDocument plain = JsonDocument.Parse(new TestPublish().Encode(encoder).Value);
        Assert.Equal("temperature", plain.RootElement.GetProperty("client_id").GetString());
        Assert.Equal("nobody", plain.RootElement.GetProperty("username").GetString());
        Assert.Equal("temperature:nobody", plain.RootElement.GetProperty("key").GetString());

        TestRecord record = new TestPublish { UserProperties = [("client_id", "c1"), ("x", "y"), ("client_id", "c2"), ("username", "")] }.Encode(encoder);
        using JsonDocument named = JsonDocument.Parse(record.Value);
        Assert.Equal("c1", named.RootElement.GetProperty("client_id").GetString());
        Assert.Equal("", named.RootElement.GetProperty("username").GetString());
        Assert.Equal("c1:", record.Key);
        Assert.Equal(
            """[{"key":"client_id","value":"c1"},{"key":"x","value":"y"},{"key":"client_id","value":"c2"},{"key":"username","value":""}]""",
            named.RootElement.GetProperty("header").GetRawText());
    }

    [Fact]
    public void without_either_client_id_and_username_are_empty() =>
        Assert.Contains("\"client_id\":\"\",\"username\":\"\",", new TestPublish().Encode(Encoders.RobustMq()).Text, StringComparison.Ordinal);

    [Fact]
    public void header_lists_the_properties_in_order_as_strings()
    {
        TestPublish publish = new()
        {
            ContentType = "text/plain",
            ResponseTopic = "re/ply",
            CorrelationData = [0, 1, 255],
            PayloadFormatIndicator = 1,
            MessageExpiryInterval = 4_294_967_295,
            UserProperties = [("b", "2"), ("a", "\"1\"")],
        };
        using JsonDocument document = JsonDocument.Parse(publish.Encode(Encoders.RobustMq()).Value);
        Assert.Equal(
            """[{"key":"content-type","value":"text/plain"},{"key":"response-topic","value":"re/ply"},{"key":"correlation-data","value":"AAH/"},""" +
            """{"key":"payload-format-indicator","value":"1"},{"key":"message-expiry-interval","value":"4294967295"},""" +
            """{"key":"b","value":"2"},{"key":"a","value":"\"1\""}]""",
            document.RootElement.GetProperty("header").GetRawText());
    }

    [Fact]
    public void properties_that_are_present_and_empty_are_listed()
    {
        TestPublish publish = new() { ContentType = "", CorrelationData = [], PayloadFormatIndicator = 0, MessageExpiryInterval = 0, UserProperties = [("", "")] };
        Assert.Contains(
            """[{"key":"content-type","value":""},{"key":"correlation-data","value":""},{"key":"payload-format-indicator","value":"0"},""" +
            """{"key":"message-expiry-interval","value":"0"},{"key":"","value":""}],""",
            publish.Encode(Encoders.RobustMq()).Text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(QoS.AtMostOnce, true, 0, "\"qos\":0,\"retain\":true,", "\"message_id\":0,")]
    [InlineData(QoS.AtMostOnce, false, 0, "\"qos\":0,\"retain\":false,", "\"message_id\":0,")]
    [InlineData(QoS.AtLeastOnce, true, 1, "\"qos\":1,\"retain\":true,", "\"message_id\":1,")]
    [InlineData(QoS.ExactlyOnce, false, 65535, "\"qos\":2,\"retain\":false,", "\"message_id\":65535,")]
    [InlineData(QoS.ExactlyOnce, true, 65535, "\"qos\":2,\"retain\":true,", "\"message_id\":65535,")]
    public void flags_and_packet_identifier_are_the_publishs(QoS qos, bool retain, int id, string flags, string messageId)
    {
        string text = new TestPublish { QoS = qos, Retain = retain, PacketId = (ushort)id }.Encode(Encoders.RobustMq()).Text;
        Assert.Contains(flags, text, StringComparison.Ordinal);
        Assert.Contains(messageId, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "[\"a\"]")]
    [InlineData("/a//b/", "[\"\",\"a\",\"\",\"b\",\"\"]")]
    [InlineData("a\"/\\/\u0001/😀", "[\"a\\\"\",\"\\\\\",\"\\u0001\",\"😀\"]")]
    public void tags_are_the_topics_levels(string topic, string tags) =>
        Assert.Contains($"\"tags\":{tags},\"crc_num\"", new TestPublish { Topic = topic }.Encode(Encoders.RobustMq()).Text, StringComparison.Ordinal);

    [Fact]
    public void an_empty_payload_is_an_empty_string_with_crc_0()
    {
        string text = new TestPublish().Encode(Encoders.RobustMq()).Text;
        Assert.Contains("\"payload\":\"\",", text, StringComparison.Ordinal);
        Assert.EndsWith("\"data\":\"\",\"tags\":[\"sensor\",\"temperature\"],\"crc_num\":0}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void time_moves_on_with_the_second()
    {
        IRecordEncoder encoder = Encoders.RobustMq();
        foreach ((long ms, string seconds) in new[] { (0L, "0"), (999L, "0"), (1000L, "1"), (1_640_995_200_999L, "1640995200"), (1_640_995_201_000L, "1640995201"), (5L, "0") })
            Assert.Contains($"\"timestamp\":{seconds},\"message_id\"", new TestPublish().Encode(encoder, ms).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "sensor/temperature")]
    [InlineData("", null)]
    [InlineData("sensor_data", "sensor_data")]
    [InlineData("${topic[9]}", null)]
    [InlineData("${topic[1]}-${qos}", "temperature-1")]
    [InlineData("${user_property.none}", null)]
    public void the_key_is_the_template_and_none_where_that_is_empty(string? key, string? expected)
    {
        foreach (TestPublish publish in new[] { new TestPublish(), new TestPublish { ContentType = "x" } })
        {
            TestRecord record = publish.Encode(Encoders.RobustMq(key));
            Assert.Equal(expected, record.Key);
            Assert.Contains($"\"key\":\"{expected}\",\"data\"", record.Text, StringComparison.Ordinal);
            Assert.Equal(Murmur2.Positive("sensor/temperature"u8), record.PartitionHash);
        }
    }

    [Fact]
    public void qos_in_a_template_is_each_messages_own()
    {
        IRecordEncoder encoder = Encoders.RobustMq("k${qos}", topic: "t${qos}", clientId: "c${qos}", username: "u${qos}");
        foreach (QoS qos in new[] { QoS.AtMostOnce, QoS.AtLeastOnce, QoS.ExactlyOnce, QoS.AtMostOnce })
        {
            TestRecord record = new TestPublish { QoS = qos }.Encode(encoder);
            Assert.Equal($"k{(int)qos}", record.Key);
            Assert.Equal($"t{(int)qos}", record.Target.Name);
            Assert.Contains($"\"client_id\":\"c{(int)qos}\",\"username\":\"u{(int)qos}\"", record.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void an_unknown_format_is_refused_and_the_known_ones_are_named()
    {
        ArgumentException fault = Assert.Throws<ArgumentException>(() => RecordEncoderFactory.Create(Encoders.Kafka(), new RecordConfig { Format = "avro" }));
        Assert.Contains("\"avro\"; known are robustmq, raw", fault.Message, StringComparison.Ordinal);
        Assert.Equal(["robustmq", "raw"], RecordEncoderFactory.Formats);
    }
}
