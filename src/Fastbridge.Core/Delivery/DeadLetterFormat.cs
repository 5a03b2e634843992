using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Fastbridge.Core.Delivery;

/// <summary>
/// A dead letter as JSON: RobustMQ's fields (connector_name, source_topic, error_message, retry_times, record), and what producing the record again needs. The same in the
/// file, a line each, and in a Kafka topic, a record each. <see cref="DeadLetter"/> reads it.
/// </summary>
internal static class DeadLetterFormat
{
    /// <summary>One letter, on one line, without the line's end.</summary>
    public static void Write(IBufferWriter<byte> line, string connector, RetainedRecord record, DateTimeOffset now)
    {
        using var json = new Utf8JsonWriter(line, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("connector_name", connector);
        json.WriteString("source_topic", record.MqttTopic);
        json.WriteString("error_message", record.Reason);
        json.WriteNumber("retry_times", record.History.Retries);
        json.WriteString("time", now.UtcDateTime);
        json.WriteString("kafka_topic", record.KafkaTopic);
        json.WriteNumber("kafka_timestamp", record.TimestampMs);
        WriteKey(json, record.Key);
        if (!record.Headers.IsEmpty)
            WriteHeaders(json, record.Headers.Span);
        if (!record.IsKept)
        {
            json.WriteNull("record");
        }
        else if (IsJsonObject(record.Value.Span))
        {
            json.WritePropertyName("record");
            json.WriteRawValue(record.Value.Span, skipInputValidation: true);
        }
        else
        {
            json.WriteBase64String("record_base64", record.Value.Span);
        }

        json.WriteEndObject();
    }

    private static void WriteKey(Utf8JsonWriter json, ReadOnlyMemory<byte>? key)
    {
        if (key is null)
            json.WriteNull("key");
        else if (System.Text.Unicode.Utf8.IsValid(key.Value.Span))
            json.WriteString("key", key.Value.Span);
        else
            json.WriteBase64String("key_base64", key.Value.Span);
    }

    private static void WriteHeaders(Utf8JsonWriter json, ReadOnlySpan<byte> headers)
    {
        json.WriteStartArray("headers");
        while (Records.HeaderList.TryTake(ref headers, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
        {
            json.WriteStartObject();
            json.WriteString("key", Encoding.UTF8.GetString(name));
            json.WriteBase64String("value_base64", value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>A record of the JSON formats stands in the line as it is; anything else, also JSON that spans lines, as Base64.</summary>
    private static bool IsJsonObject(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value[0] != (byte)'{' || value.Contains((byte)'\n'))
            return false;
        var reader = new Utf8JsonReader(value);
        try
        {
            return reader.Read() && reader.TrySkip() && reader.BytesConsumed == value.Length;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
