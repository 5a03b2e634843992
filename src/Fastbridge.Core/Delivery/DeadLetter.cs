using System.Text;
using System.Text.Json;
using Fastbridge.Core.Records;

namespace Fastbridge.Core.Delivery;

/// <summary>A dead letter as it was read back. Its bytes are its own.</summary>
public sealed record DeadLetter
{
    /// <summary>Where it stands: <c>file:3</c> (line 3), or <c>kafka:0:17</c> (partition and offset).</summary>
    public required string Id { get; init; }

    public string ConnectorName { get; init; } = "";

    /// <summary>The MQTT topic.</summary>
    public string SourceTopic { get; init; } = "";

    public string ErrorMessage { get; init; } = "";

    public int RetryTimes { get; init; }

    /// <summary>When it was put away, UTC, as written.</summary>
    public string Time { get; init; } = "";

    public string KafkaTopic { get; init; } = "";

    /// <summary>Of the record, milliseconds since the epoch.</summary>
    public long KafkaTimestamp { get; init; }

    /// <summary>Null: a record without a key.</summary>
    public byte[]? Key { get; init; }

    /// <summary>In the form of <see cref="HeaderList"/>.</summary>
    public byte[] Headers { get; init; } = [];

    /// <summary>The record's value, byte for byte; null where it was too large to be kept.</summary>
    public byte[]? Value { get; init; }

    /// <summary>The letter itself, JSON on one line.</summary>
    public required byte[] Json { get; init; }

    /// <summary>Reads a letter; null where the bytes are none.</summary>
    public static DeadLetter? Parse(ReadOnlySpan<byte> json, string id)
    {
        try
        {
            // A letter is one level deeper than the record in it, which may have the 64 levels that a reader takes by default.
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 128 });
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
                return null;
            var letter = new DeadLetter { Id = id, Json = json.ToArray() };
            bool named = false;
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                named |= name == "connector_name";
                reader.Read();
                letter = letter.With(name, json, ref reader);
            }

            return named && reader.TokenType is JsonTokenType.EndObject && !reader.Read() ? letter : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private DeadLetter With(string name, ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        switch (name)
        {
            case "connector_name":
                return this with { ConnectorName = reader.GetString() ?? "" };
            case "source_topic":
                return this with { SourceTopic = reader.GetString() ?? "" };
            case "error_message":
                return this with { ErrorMessage = reader.GetString() ?? "" };
            case "retry_times":
                return this with { RetryTimes = reader.GetInt32() };
            case "time":
                return this with { Time = reader.GetString() ?? "" };
            case "kafka_topic":
                return this with { KafkaTopic = reader.GetString() ?? "" };
            case "kafka_timestamp":
                return this with { KafkaTimestamp = reader.GetInt64() };
            case "key":
                return this with { Key = reader.TokenType is JsonTokenType.Null ? null : Encoding.UTF8.GetBytes(reader.GetString()!) };
            case "key_base64":
                return this with { Key = reader.GetBytesFromBase64() };
            case "record_base64":
                return this with { Value = reader.GetBytesFromBase64() };
            case "headers":
                return this with { Headers = ReadHeaders(ref reader) };
            case "record" when reader.TokenType is not JsonTokenType.Null:
                // The record's bytes as they stand: what is produced again is what Kafka did not take.
                long start = reader.TokenStartIndex;
                reader.Skip();
                return this with { Value = json[(int)start..(int)reader.BytesConsumed].ToArray() };
            default:
                reader.Skip(); // A newer version's.
                return this;
        }
    }

    private static byte[] ReadHeaders(ref Utf8JsonReader reader)
    {
        var list = new ByteBuffer();
        while (reader.Read() && reader.TokenType is JsonTokenType.StartObject)
        {
            byte[] key = [], value = [];
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                bool isKey = reader.ValueTextEquals("key"u8);
                reader.Read();
                if (isKey)
                    key = Encoding.UTF8.GetBytes(reader.GetString() ?? "");
                else
                    value = reader.GetBytesFromBase64();
            }

            HeaderList.Append(list, key, value);
        }

        return list.Written.ToArray();
    }
}
