using System.Buffers;
using System.Buffers.Text;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Core.Records;

/// <summary>
/// Format <c>robustmq</c>: RobustMQ's JSON object, compact, fields in its order, <c>timestamp</c> once. Written by hand on spans: what a topic
/// decides is prepared, the payload's Base64 is made once and copied for <c>data</c>.
/// </summary>
internal sealed class RobustMqEncoder(RecordTemplates templates) : RecordEncoder(templates)
{
    // The topic's pieces. Between them stand what each message decides: QoS and RETAIN, Base64, time and packet identifier, header, CRC.
    private const int Head = 0;     // {"topic":"…","qos":
    private const int Identity = 1; // ","client_id":"…","username":"…","timestamp":
    private const int Middle = 2;   // ,"header":[],"key":"…","data":"
    private const int Tail = 3;     // ","tags":[…],"crc_num":

    /// <summary>More than the parts between pieces and Base64 can take: QoS and RETAIN 28, two numbers 30, a name 14, the checksum 10, the brace.</summary>
    private const int Fixed = 128;

    private long _second = -1;
    private byte[] _time = [];
    private int _timeLength;

    protected override void AppendPieces(in TemplateInput input, ReadOnlySpan<byte> key, ByteBuffer output, ref PieceEnds ends)
    {
        output.Append("{\"topic\":\""u8);
        JsonText.Append(output, input.Topic);
        output.Append("\",\"qos\":"u8);
        ends[Head] = output.Length;

        AppendIdentity(output, input.ClientId, input.Username);
        ends[Identity] = output.Length;

        output.Append(",\"header\":[]"u8);
        AppendKey(output, key);
        ends[Middle] = output.Length;

        output.Append("\",\"tags\":[\""u8);
        ReadOnlySpan<byte> rest = input.Topic;
        for (int slash = rest.IndexOf((byte)'/'); slash >= 0; slash = rest.IndexOf((byte)'/'))
        {
            JsonText.Append(output, rest[..slash]);
            output.Append("\",\""u8);
            rest = rest[(slash + 1)..];
        }

        JsonText.Append(output, rest);
        output.Append("\"],\"crc_num\":"u8);
        ends[Tail] = output.Length;
    }

    protected override ReadOnlySpan<byte> EncodeValue(
        scoped in PublishPacket publish, scoped in TopicPieces topic, scoped in RecordFields fields, long receivedMs, uint crc, ByteBuffer output)
    {
        output.Clear();
        int base64Length = Base64.GetMaxEncodedToUtf8Length(publish.Payload.Length);
        output.Reserve(topic.Length + (2 * base64Length) + Fixed); // once; without properties nothing below grows again

        output.Append(topic.Piece(Head));
        output.Append(Flags(publish));
        int base64At = output.Length;
        if (Base64.EncodeToUtf8(publish.Payload, output.Reserve(base64Length), out _, out int written) != OperationStatus.Done || written != base64Length)
            throw new InvalidOperationException($"Base64 of {publish.Payload.Length} bytes gave {written} instead of {base64Length}.");
        output.Advance(base64Length);

        if (fields.AsTopic)
            output.Append(topic.Piece(Identity));
        else
            AppendIdentity(output, fields.ClientId, fields.Username);

        output.Append(Time(receivedMs));
        AppendNumber(output, publish.PacketId);

        if (fields.AsTopic && publish.Properties.IsEmpty)
        {
            output.Append(topic.Piece(Middle));
        }
        else
        {
            output.Append(",\"header\":["u8);
            RobustMqHeader.Append(output, publish.Properties);
            output.Append((byte)']');
            AppendKey(output, fields.Key);
        }

        output.Append(output.Written.Slice(base64At, base64Length));
        output.Append(topic.Piece(Tail));
        AppendNumber(output, crc);
        output.Append((byte)'}');
        return output.Finish();
    }

    private static void AppendIdentity(ByteBuffer output, ReadOnlySpan<byte> clientId, ReadOnlySpan<byte> username)
    {
        output.Append("\",\"client_id\":\""u8);
        JsonText.Append(output, clientId);
        output.Append("\",\"username\":\""u8);
        JsonText.Append(output, username);
        output.Append("\",\"timestamp\":"u8);
    }

    private static void AppendKey(ByteBuffer output, ReadOnlySpan<byte> key)
    {
        output.Append(",\"key\":\""u8);
        JsonText.Append(output, key);
        output.Append("\",\"data\":\""u8);
    }

    private static void AppendNumber(ByteBuffer output, uint value)
    {
        Utf8Formatter.TryFormat(value, output.Reserve(10), out int written);
        output.Advance(written);
    }

    private static ReadOnlySpan<byte> Flags(in PublishPacket publish) => (publish.QoS, publish.Retain) switch
    {
        (QoS.AtMostOnce, false) => "0,\"retain\":false,\"payload\":\""u8,
        (QoS.AtMostOnce, true) => "0,\"retain\":true,\"payload\":\""u8,
        (QoS.AtLeastOnce, false) => "1,\"retain\":false,\"payload\":\""u8,
        (QoS.AtLeastOnce, true) => "1,\"retain\":true,\"payload\":\""u8,
        (_, false) => "2,\"retain\":false,\"payload\":\""u8,
        (_, true) => "2,\"retain\":true,\"payload\":\""u8,
    };

    /// <summary>The seconds and the next field's name; the same bytes for all messages of one second.</summary>
    private ReadOnlySpan<byte> Time(long receivedMs)
    {
        long second = receivedMs / 1000;
        if (second != _second || _timeLength == 0)
        {
            ReadOnlySpan<byte> next = ",\"message_id\":"u8;
            if (_time.Length == 0)
                _time = new byte[20 + next.Length];
            Utf8Formatter.TryFormat(second, _time, out int digits);
            next.CopyTo(_time.AsSpan(digits));
            _timeLength = digits + next.Length;
            _second = second;
        }

        return _time.AsSpan(0, _timeLength);
    }
}
