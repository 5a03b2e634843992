using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Cli.Mqtt;

/// <summary>
/// A received message as a line: tab-separated columns (topic, QoS, retained, properties, payload), or a JSON object. What could command a terminal is escaped;
/// a payload that is not UTF-8 is shown in hexadecimal.
/// </summary>
/// <param name="json">JSON Lines.</param>
/// <param name="hex">Every payload in hexadecimal.</param>
internal sealed class MessageFormat(bool json, bool hex)
{
    /// <summary>The line with its line end; the caller's.</summary>
    public ReadOnlyMemory<byte> Line(in PublishPacket message)
    {
        bool asHex = hex || !Utf8.IsValid(message.Payload);
        if (json)
            return Json(message, asHex, -1);
        StringBuilder line = Columns(message);
        if (asHex)
            line.Append(hex ? "" : "hex:").Append(Convert.ToHexStringLower(message.Payload));
        else
            line.Append(Printable.Text(Encoding.UTF8.GetString(message.Payload)));
        return Encoding.UTF8.GetBytes(line.Append('\n').ToString());
    }

    /// <summary>A message that is too long to be kept: its size in place of its payload.</summary>
    public ReadOnlyMemory<byte> Oversized(in PublishPacket message, long bytes) => json
        ? Json(message, asHex: false, bytes)
        : Encoding.UTF8.GetBytes(Columns(message).Append(CultureInfo.InvariantCulture, $"({bytes} bytes, too long to be shown)\n").ToString());

    private static StringBuilder Columns(in PublishPacket message)
    {
        var line = new StringBuilder(Printable.Text(Encoding.UTF8.GetString(message.Topic)));
        line.Append("\tQoS ").Append((int)message.QoS).Append(message.Retain ? "\tretained\t" : "\t-\t");
        int start = line.Length;
        PublishProperties properties = message.Properties;
        if (properties.HasContentType)
            Pair(line, "content-type", Encoding.UTF8.GetString(properties.ContentType));
        if (properties.HasResponseTopic)
            Pair(line, "response-topic", Encoding.UTF8.GetString(properties.ResponseTopic));
        if (properties.HasCorrelationData)
            Pair(line, "correlation-data", Bytes(properties.CorrelationData));
        if (properties.PayloadFormatIndicator >= 0)
            Pair(line, "payload-format-indicator", properties.PayloadFormatIndicator.ToString(CultureInfo.InvariantCulture));
        if (properties.MessageExpiryInterval >= 0)
            Pair(line, "message-expiry-interval", properties.MessageExpiryInterval.ToString(CultureInfo.InvariantCulture));
        foreach (UserPropertyEnumerator property in properties.UserProperties)
            Pair(line, Encoding.UTF8.GetString(property.Key), Encoding.UTF8.GetString(property.Value));
        return (line.Length == start ? line.Append('-') : line).Append('\t');

        static void Pair(StringBuilder line, string name, string value)
        {
            if (line[^1] != '\t')
                line.Append(' ');
            line.Append(Printable.Text(name)).Append('=').Append(Printable.Text(value));
        }
    }

    private static string Bytes(ReadOnlySpan<byte> bytes) => Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : "hex:" + Convert.ToHexStringLower(bytes);

    private static ReadOnlyMemory<byte> Json(in PublishPacket message, bool asHex, long oversized)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + message.Payload.Length);
        // The default encoder also escapes what is not ASCII, so that no terminal can be commanded.
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("topic", message.Topic);
            writer.WriteNumber("qos", (int)message.QoS);
            writer.WriteBoolean("retain", message.Retain);
            writer.WriteStartObject("properties");
            PublishProperties properties = message.Properties;
            if (properties.HasContentType)
                writer.WriteString("content_type", properties.ContentType);
            if (properties.HasResponseTopic)
                writer.WriteString("response_topic", properties.ResponseTopic);
            if (properties.HasCorrelationData)
                writer.WriteString("correlation_data_hex", Convert.ToHexStringLower(properties.CorrelationData));
            if (properties.PayloadFormatIndicator >= 0)
                writer.WriteNumber("payload_format_indicator", properties.PayloadFormatIndicator);
            if (properties.MessageExpiryInterval >= 0)
                writer.WriteNumber("message_expiry_interval", properties.MessageExpiryInterval);
            writer.WriteEndObject();
            writer.WriteStartArray("user_properties");
            foreach (UserPropertyEnumerator property in properties.UserProperties)
            {
                writer.WriteStartObject();
                writer.WriteString("key", property.Key);
                writer.WriteString("value", property.Value);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (oversized >= 0)
                writer.WriteNumber("payload_bytes", oversized);
            else if (asHex)
                writer.WriteString("payload_hex", Convert.ToHexStringLower(message.Payload));
            else
                writer.WriteString("payload", message.Payload);
            writer.WriteEndObject();
        }

        buffer.GetSpan(1)[0] = (byte)'\n';
        buffer.Advance(1);
        return buffer.WrittenMemory;
    }
}
