using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Benchmarks.Records;

/// <summary>The record by Utf8JsonWriter on a reused buffer, as well as that can be done: names encoded before, Base64 twice, no validation.</summary>
internal sealed class WriterRecord : IDisposable
{
    private static readonly JsonEncodedText Topic = JsonEncodedText.Encode("topic"), QoS = JsonEncodedText.Encode("qos"),
        Retain = JsonEncodedText.Encode("retain"), Payload = JsonEncodedText.Encode("payload"), ClientId = JsonEncodedText.Encode("client_id"),
        Username = JsonEncodedText.Encode("username"), Timestamp = JsonEncodedText.Encode("timestamp"), MessageId = JsonEncodedText.Encode("message_id"),
        Header = JsonEncodedText.Encode("header"), Key = JsonEncodedText.Encode("key"), Data = JsonEncodedText.Encode("data"),
        Tags = JsonEncodedText.Encode("tags"), Crc = JsonEncodedText.Encode("crc_num");

    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);
    private readonly Utf8JsonWriter _json;

    public WriterRecord() =>
        _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    public void Dispose() => _json.Dispose();

    public int Encode(in PublishPacket publish, long receivedMs)
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteString(Topic, publish.Topic);
        _json.WriteNumber(QoS, (int)publish.QoS);
        _json.WriteBoolean(Retain, publish.Retain);
        _json.WriteBase64String(Payload, publish.Payload);
        _json.WriteString(ClientId, ""u8);
        _json.WriteString(Username, ""u8);
        _json.WriteNumber(Timestamp, receivedMs / 1000);
        _json.WriteNumber(MessageId, publish.PacketId);
        _json.WriteStartArray(Header);
        _json.WriteEndArray();
        _json.WriteString(Key, publish.Topic);
        _json.WriteBase64String(Data, publish.Payload);
        _json.WriteStartArray(Tags);
        ReadOnlySpan<byte> rest = publish.Topic;
        for (int slash = rest.IndexOf((byte)'/'); slash >= 0; slash = rest.IndexOf((byte)'/'))
        {
            _json.WriteStringValue(rest[..slash]);
            rest = rest[(slash + 1)..];
        }

        _json.WriteStringValue(rest);
        _json.WriteEndArray();
        _json.WriteNumber(Crc, Crc32.Compute(publish.Payload));
        _json.WriteEndObject();
        _json.Flush();
        return _buffer.WrittenCount;
    }
}
