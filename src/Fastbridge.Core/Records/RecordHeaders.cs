using System.Buffers.Binary;
using System.Buffers.Text;
using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Core.Records;

/// <summary>Writes the Kafka headers that a connector asks for, in the form of <see cref="HeaderList"/>.</summary>
internal static class RecordHeaders
{
    /// <summary>
    /// The map of the connectors file, in its order. A value that renders empty is a header with an empty value, so that each record has the
    /// same headers.
    /// </summary>
    public static void AppendMap(RecordTemplates templates, in TemplateInput input, ByteBuffer list)
    {
        foreach (ref readonly (byte[] Name, Template Value) header in templates.Headers.AsSpan())
        {
            HeaderList.Append(list, header.Name, default);
            int start = list.Length;
            header.Value.Render(input, list);
            BinaryPrimitives.WriteInt32LittleEndian(list.From(start - 4), list.Length - start); // the length, known only now
        }
    }

    /// <summary>
    /// Headers "mqtt": mqtt.topic, mqtt.qos (0, 1, 2), mqtt.retain (true, false); then, where the PUBLISH has them, mqtt.content_type,
    /// mqtt.response_topic, mqtt.correlation_data (its bytes), mqtt.payload_format_indicator, mqtt.message_expiry_interval (seconds); then each
    /// User Property, in order, as mqtt.user_property.NAME, which is how templates name it.
    /// </summary>
    public static void AppendMqtt(in PublishPacket publish, ByteBuffer list)
    {
        HeaderList.Append(list, "mqtt.topic"u8, publish.Topic);
        HeaderList.Append(list, "mqtt.qos"u8, [(byte)('0' + (byte)publish.QoS)]);
        HeaderList.Append(list, "mqtt.retain"u8, publish.Retain ? "true"u8 : "false"u8);
        if (publish.Properties.IsEmpty)
            return;

        PublishProperties properties = publish.Properties;
        if (properties.HasContentType)
            HeaderList.Append(list, "mqtt.content_type"u8, properties.ContentType);
        if (properties.HasResponseTopic)
            HeaderList.Append(list, "mqtt.response_topic"u8, properties.ResponseTopic);
        if (properties.HasCorrelationData)
            HeaderList.Append(list, "mqtt.correlation_data"u8, properties.CorrelationData);
        AppendNumber(list, "mqtt.payload_format_indicator"u8, properties.PayloadFormatIndicator);
        AppendNumber(list, "mqtt.message_expiry_interval"u8, properties.MessageExpiryInterval);

        ReadOnlySpan<byte> prefix = "mqtt.user_property."u8;
        foreach (UserPropertyEnumerator property in properties.UserProperties)
        {
            int length = prefix.Length + property.Key.Length;
            BinaryPrimitives.WriteInt32LittleEndian(list.Reserve(4), length);
            list.Advance(4);
            list.Append(prefix);
            list.Append(property.Key);
            BinaryPrimitives.WriteInt32LittleEndian(list.Reserve(4), property.Value.Length);
            list.Advance(4);
            list.Append(property.Value);
        }
    }

    private static void AppendNumber(ByteBuffer list, ReadOnlySpan<byte> name, long value)
    {
        if (value < 0)
            return;
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out int count);
        HeaderList.Append(list, name, digits[..count]);
    }
}
