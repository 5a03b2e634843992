using System.Globalization;
using System.Text;
using System.Text.Json;
using Fastbridge.Core.Config;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Core.Records;

/// <summary>The same record built with Utf8JsonWriter, for thousands of PUBLISHes from a fixed seed, must be the same bytes.</summary>
public class RecordOracleTests
{
    private static readonly string[] Fragments =
        ["sensor", "größe", "😀", "\"", "\\", "\n", "\u0001", "\u001F", "\u007F", "\u2028", "\uFEFF", "\uFFFE", "温度", " ", "$SYS", "", "a-b_c.9", "'<>&+`"];

    private static readonly string?[] Templates = [null, "", "fixed \"x\"", "${topic}", "${topic[1]}", "${user_property.unit}", "${qos}"];

    private static readonly string?[] Keys =
        [null, "", "fixed", "${client_id}", "${username}/${topic[0]}", "${user_property.unit}${qos}"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void random_publishes_agree_with_utf8jsonwriter(int seed)
    {
        var random = new Random(seed);
        for (int connector = 0; connector < 25; connector++)
        {
            string? key = Pick(random, Keys);
            var config = new RecordConfig { ClientId = Pick(random, Templates), Username = Pick(random, Templates) };
            IRecordEncoder encoder = RecordEncoderFactory.Create(Encoders.Kafka(key: key), config);
            string[] topics = [.. Enumerable.Range(0, 5).Select(_ => Topic(random))];
            for (int i = 0; i < 40; i++)
            {
                TestPublish publish = Random(random, topics);
                long ms = random.NextInt64(0, 4_102_444_800_000);
                TestRecord record = publish.Encode(encoder, ms);
                string expectedKey = Oracle.Render(key ?? "${topic}", publish, config);
                Assert.Equal(Oracle.Build(publish, config, expectedKey, ms), record.Text);
                Assert.Equal(expectedKey, record.Key ?? "");
                using JsonDocument document = JsonDocument.Parse(record.Value);
                Assert.Equal(publish.Topic, document.RootElement.GetProperty("topic").GetString());
                Assert.Equal(publish.Payload, document.RootElement.GetProperty("data").GetBytesFromBase64());
            }
        }
    }

    [Fact]
    public void every_combination_of_properties_agrees_with_utf8jsonwriter()
    {
        IRecordEncoder encoder = Encoders.RobustMq();
        for (int bits = 0; bits < 64; bits++)
        {
            var publish = new TestPublish
            {
                Payload = [1, 2, 3],
                ContentType = (bits & 1) != 0 ? "a/b" : null,
                ResponseTopic = (bits & 2) != 0 ? "r\"t" : null,
                CorrelationData = (bits & 4) != 0 ? [9, 8, 7, 6] : null,
                PayloadFormatIndicator = (bits & 8) != 0 ? 1 : null,
                MessageExpiryInterval = (bits & 16) != 0 ? 3600 : null,
                UserProperties = (bits & 32) != 0 ? [("k", "v"), ("client_id", "c")] : [],
            };
            Assert.Equal(Oracle.Build(publish, new RecordConfig(), publish.Topic, 0), publish.Encode(encoder, 0).Text);
        }
    }

    [Theory]
    [InlineData('\u0001')]
    [InlineData('/')]
    [InlineData('x')]
    public void the_longest_topic_and_property_are_no_problem(char fill)
    {
        string longest = new(fill, 65_535);
        var publish = new TestPublish { Topic = longest, ContentType = longest, UserProperties = [(longest, longest)], Payload = new byte[70_000] };
        IRecordEncoder encoder = Encoders.RobustMq();
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(Oracle.Build(publish, new RecordConfig(), longest, 0), publish.Encode(encoder, 0).Text);
            TestPublish bare = publish with { ContentType = null, UserProperties = [] };
            Assert.Equal(Oracle.Build(bare, new RecordConfig(), longest, 0), bare.Encode(encoder, 0).Text);
        }
    }

    private static TestPublish Random(Random random, string[] topics)
    {
        int size = random.Next(8) == 0 ? random.Next(70_001) : random.Next(600);
        byte[] payload = new byte[size];
        random.NextBytes(payload);
        var publish = new TestPublish
        {
            Topic = random.Next(4) == 0 ? Topic(random) : Pick(random, topics)!,
            Payload = payload,
            QoS = (QoS)random.Next(3),
            Retain = random.Next(2) == 0,
            PacketId = (ushort)random.Next(65_536),
        };
        if (random.Next(3) == 0)
            return publish;
        byte[] correlation = new byte[random.Next(20)];
        random.NextBytes(correlation);
        return publish with
        {
            ContentType = random.Next(2) == 0 ? Text(random) : null,
            ResponseTopic = random.Next(2) == 0 ? Topic(random) : null,
            CorrelationData = random.Next(2) == 0 ? correlation : null,
            PayloadFormatIndicator = random.Next(2) == 0 ? random.Next(2) : null,
            MessageExpiryInterval = random.Next(2) == 0 ? random.NextInt64(0, uint.MaxValue) : null,
            UserProperties = [.. Enumerable.Range(0, random.Next(5)).Select(_ => (Name(random), Text(random)))],
        };
    }

    private static string Name(Random random) => random.Next(5) switch
    {
        0 => "client_id",
        1 => "username",
        2 => "unit",
        _ => Text(random),
    };

    private static string Topic(Random random) => string.Join('/', Enumerable.Range(0, random.Next(1, 6)).Select(_ => Text(random)));

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => Pick(random, Fragments)));

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];

    /// <summary>The record by the plainest means: strings, Utf8JsonWriter, zlib's checksum by its definition.</summary>
    private static class Oracle
    {
        public static string Build(TestPublish publish, RecordConfig config, string key, long ms)
        {
            using var stream = new MemoryStream();
            using (var json = new Utf8JsonWriter(stream))
            {
                json.WriteStartObject();
                Text(json, "topic", publish.Topic);
                json.WriteNumber("qos", (int)publish.QoS);
                json.WriteBoolean("retain", publish.Retain);
                Text(json, "payload", Convert.ToBase64String(publish.Payload));
                Text(json, "client_id", Identity("client_id", publish, config.ClientId));
                Text(json, "username", Identity("username", publish, config.Username));
                json.WriteNumber("timestamp", ms / 1000);
                json.WriteNumber("message_id", publish.PacketId);
                json.WriteStartArray("header");
                Header(json, "content-type", publish.ContentType);
                Header(json, "response-topic", publish.ResponseTopic);
                Header(json, "correlation-data", publish.CorrelationData is { } data ? Convert.ToBase64String(data) : null);
                Header(json, "payload-format-indicator", publish.PayloadFormatIndicator?.ToString(CultureInfo.InvariantCulture));
                Header(json, "message-expiry-interval", publish.MessageExpiryInterval?.ToString(CultureInfo.InvariantCulture));
                foreach ((string name, string value) in publish.UserProperties)
                    Header(json, name, value);
                json.WriteEndArray();
                Text(json, "key", key);
                Text(json, "data", Convert.ToBase64String(publish.Payload));
                json.WriteStartArray("tags");
                foreach (string level in publish.Topic.Split('/'))
                    json.WriteRawValue(Quote(level));
                json.WriteEndArray();
                json.WriteNumber("crc_num", ~Crc32Tables.Update(uint.MaxValue, publish.Payload));
                json.WriteEndObject();
            }

            return Encoding.UTF8.GetString(stream.ToArray());
        }

        public static string Render(string template, TestPublish publish, RecordConfig config)
        {
            string[] levels = publish.Topic.Split('/');
            return template
                .Replace("${client_id}", Identity("client_id", publish, config.ClientId), StringComparison.Ordinal)
                .Replace("${username}", Identity("username", publish, config.Username), StringComparison.Ordinal)
                .Replace("${qos}", ((int)publish.QoS).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace("${user_property.unit}", Property("unit", publish) ?? "", StringComparison.Ordinal)
                .Replace("${topic[0]}", levels[0], StringComparison.Ordinal)
                .Replace("${topic[1]}", levels.Length > 1 ? levels[1] : "", StringComparison.Ordinal)
                .Replace("${topic}", publish.Topic, StringComparison.Ordinal);
        }

        private static string Identity(string name, TestPublish publish, string? template) =>
            Property(name, publish) ?? (template is null ? "" : Render(template, publish, new RecordConfig()));

        private static string? Property(string name, TestPublish publish) =>
            publish.UserProperties.Where(p => p.Key == name).Select(p => p.Value).FirstOrDefault();

        private static void Header(Utf8JsonWriter json, string key, string? value)
        {
            if (value is null)
                return;
            json.WriteStartObject();
            Text(json, "key", key);
            Text(json, "value", value);
            json.WriteEndObject();
        }

        private static void Text(Utf8JsonWriter json, string name, string value)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(Quote(value));
        }

        /// <summary>RFC 8259, section 7, character by character; .NET's encoders all escape more.</summary>
        private static string Quote(string text)
        {
            var quoted = new StringBuilder("\"");
            foreach (char c in text)
            {
                quoted.Append(c switch
                {
                    '"' => "\\\"",
                    '\\' => "\\\\",
                    '\b' => "\\b",
                    '\f' => "\\f",
                    '\n' => "\\n",
                    '\r' => "\\r",
                    '\t' => "\\t",
                    < ' ' => $"\\u{(int)c:X4}",
                    _ => c.ToString(),
                });
            }

            return quoted.Append('"').ToString();
        }
    }
}
