using System.Buffers;
using System.Collections;
using System.Reflection;
using System.Text;
using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Mqtt.Codec;

/// <summary>What came of decoding: the answer, the packet or the violation as text, and the bytes consumed (0 unless done).</summary>
internal sealed record Outcome(FrameStatus Status, string Text, Violation? Rule, long Consumed);

/// <summary>Decodes any packet from a server as the read loop does, and writes down all that was found, so that two ways of feeding can be compared.</summary>
internal static class Decoding
{
    /// <summary>The first packet of the bytes.</summary>
    public static Outcome Decode(in ReadOnlySequence<byte> bytes, MqttVersion version)
    {
        using FrameScratch scratch = new();
        FrameScanner scanner = new(bytes, version, scratch);
        FrameStatus status = scanner.ReadHeader(out FrameHeader header, out ProtocolViolation? violation);
        string text = "";
        scoped ReadOnlySpan<byte> body = default;
        if (status == FrameStatus.Done)
            status = scanner.ReadBody(header, out body);
        if (status == FrameStatus.Done)
            status = Body(header, body, version, out text, out violation);
        if (status != FrameStatus.Done)
            return new Outcome(status, violation?.Message ?? "", violation?.Rule, 0);
        scanner.Consume(header);
        return new Outcome(status, text, null, bytes.Length - scanner.Remaining);
    }

    /// <summary>Feeds the bytes whole, in two segments split at every index, byte by byte, and growing; all must agree with the whole.</summary>
    public static Outcome DecodeEveryWay(ReadOnlySpan<byte> bytes, MqttVersion version)
    {
        Outcome whole = Decode(Segments.Whole(bytes), version);
        for (int i = 0; i <= bytes.Length; i++)
        {
            Assert.Equal(whole, Decode(Segments.Cut(bytes, i), version));
            Assert.Equal(whole, Decode(Segments.Cut(bytes, i, i), version));
        }

        Assert.Equal(whole, Decode(Segments.ByteByByte(bytes), version));

        // Behind it stands another packet, of which nothing may be touched.
        Outcome followed = Decode(Segments.Whole([.. bytes, 0xD0, 0x00]), version);
        if (whole.Status != FrameStatus.NeedMoreData)
            Assert.Equal(whole, followed);

        // A beginning is never more than a question, or already the same fault.
        for (int i = 0; i < bytes.Length && whole.Status == FrameStatus.Done; i++)
            Assert.Equal(FrameStatus.NeedMoreData, Decode(Segments.ByteByByte(bytes[..i]), version).Status);
        for (int i = 0; i < bytes.Length && whole.Status == FrameStatus.Malformed; i++)
        {
            Outcome early = Decode(Segments.ByteByByte(bytes[..i]), version);
            Assert.True(early.Status == FrameStatus.NeedMoreData || early.Rule == whole.Rule, early.Text);
        }

        return whole;
    }

    private static FrameStatus Body(FrameHeader header, ReadOnlySpan<byte> body, MqttVersion version, out string text, out ProtocolViolation? violation)
    {
        bool done;
        switch (header.Type)
        {
            case PacketType.ConnAck:
                done = ConnAckPacket.TryRead(body, version, out ConnAckPacket? connAck, out violation);
                text = Show(connAck);
                break;
            case PacketType.Publish:
                done = PublishDecoder.TryRead(header, body, version, out PublishPacket publish, out violation);
                text = done ? Show(publish) : "";
                break;
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp:
                done = AckPacket.TryRead(header.Type, body, version, out AckPacket ack, out violation);
                text = $"{header.Type} {Show(ack)}";
                break;
            case PacketType.SubAck or PacketType.UnsubAck:
                done = SubAckPacket.TryRead(header.Type, body, version, out SubAckPacket? subAck, out violation);
                text = $"{header.Type} {Show(subAck)}";
                break;
            case PacketType.PingResp:
                done = PingPacket.TryReadResponse(body, out violation);
                text = "PingResp";
                break;
            case PacketType.Disconnect:
                done = DisconnectPacket.TryRead(body, out DisconnectPacket? disconnect, out violation);
                text = Show(disconnect);
                break;
            case PacketType.Auth:
                done = AuthPacket.TryRead(body, out AuthPacket? auth, out violation);
                text = Show(auth);
                break;
            default:
                throw new InvalidOperationException($"the frame header let {header.Type} through");
        }

        Assert.Equal(done, violation is null);
        return done ? FrameStatus.Done : FrameStatus.Malformed;
    }

    public static string Show(in PublishPacket publish)
    {
        StringBuilder text = new();
        text.Append(publish.Dup ? "dup " : "").Append(publish.Retain ? "retain " : "");
        text.Append($"{publish.QoS} id={publish.PacketId} topic={Encoding.UTF8.GetString(publish.Topic)} payload={Convert.ToHexString(publish.Payload)}");
        PublishProperties properties = publish.Properties;
        if (properties.IsEmpty)
            return text.ToString();
        text.Append($" format={properties.PayloadFormatIndicator} expiry={properties.MessageExpiryInterval} alias={properties.TopicAlias}");
        if (properties.HasContentType)
            text.Append($" type={Encoding.UTF8.GetString(properties.ContentType)}");
        if (properties.HasResponseTopic)
            text.Append($" response={Encoding.UTF8.GetString(properties.ResponseTopic)}");
        if (properties.HasCorrelationData)
            text.Append($" correlation={Convert.ToHexString(properties.CorrelationData)}");
        foreach (UserPropertyEnumerator user in properties.UserProperties)
            text.Append($" {Encoding.UTF8.GetString(user.Key)}:{Encoding.UTF8.GetString(user.Value)}");
        return text.ToString();
    }

    // The members that are not null, by name: records of the codec are plain data.
    private static string Show<T>(T packet)
    {
        if (packet is null)
            return "";
        IEnumerable<string> members = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.Name is not "FirstByte")
            .Select(p => (p.Name, Value: Value(p.GetValue(packet))))
            .Where(p => p.Value.Length > 0)
            .Select(p => $"{p.Name}={p.Value}");
        return $"{typeof(T).Name} {string.Join(' ', members)}";
    }

    private static string Value(object? value) => value switch
    {
        null => "",
        string text => $"'{text}'",
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        System.Collections.Immutable.ImmutableArray<UserProperty> { IsDefault: true } => "",
        UserProperty user => $"{user.Key}:{user.Value}",
        IEnumerable list => string.Join(',', list.Cast<object>().Select(Value)),
        _ => string.Format(System.Globalization.CultureInfo.InvariantCulture, "{0}", value),
    };
}
