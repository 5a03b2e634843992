using System.Buffers.Text;
using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Core.Records;

/// <summary>
/// The elements of the record's <c>header</c>: what of these the PUBLISH has, each <c>{"key":…,"value":…}</c> with a string for a value:
/// content-type, response-topic, correlation-data (Base64), payload-format-indicator, message-expiry-interval (seconds), then the User
/// Properties in their order, <c>client_id</c> and <c>username</c> among them.
/// </summary>
internal static class RobustMqHeader
{
    public static void Append(ByteBuffer output, in PublishProperties properties)
    {
        if (properties.IsEmpty)
            return;
        int start = output.Length;
        if (properties.HasContentType)
            AppendText(output, start, "content-type"u8, properties.ContentType);
        if (properties.HasResponseTopic)
            AppendText(output, start, "response-topic"u8, properties.ResponseTopic);
        if (properties.HasCorrelationData)
        {
            Open(output, start, "correlation-data"u8);
            int length = Base64.GetMaxEncodedToUtf8Length(properties.CorrelationData.Length);
            Base64.EncodeToUtf8(properties.CorrelationData, output.Reserve(length), out _, out int written);
            output.Advance(written);
            output.Append("\"}"u8);
        }

        AppendNumber(output, start, "payload-format-indicator"u8, properties.PayloadFormatIndicator);
        AppendNumber(output, start, "message-expiry-interval"u8, properties.MessageExpiryInterval);
        foreach (UserPropertyEnumerator property in properties.UserProperties)
            AppendText(output, start, property.Key, property.Value);
    }

    private static void AppendText(ByteBuffer output, int start, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Open(output, start, key);
        JsonText.Append(output, value);
        output.Append("\"}"u8);
    }

    private static void AppendNumber(ByteBuffer output, int start, ReadOnlySpan<byte> key, long value)
    {
        if (value < 0)
            return;
        Open(output, start, key);
        Utf8Formatter.TryFormat(value, output.Reserve(20), out int written);
        output.Advance(written);
        output.Append("\"}"u8);
    }

    private static void Open(ByteBuffer output, int start, ReadOnlySpan<byte> key)
    {
        output.Append(output.Length == start ? "{\"key\":\""u8 : ",{\"key\":\""u8);
        JsonText.Append(output, key);
        output.Append("\",\"value\":\""u8);
    }
}
