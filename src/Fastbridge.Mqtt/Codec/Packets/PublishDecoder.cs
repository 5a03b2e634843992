using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>Decodes PUBLISH [3.3], the packet that comes a million times a second: plain spans, nothing allocated, nothing copied.</summary>
internal static class PublishDecoder
{
    /// <summary>Decodes a whole body. In 5.0 an empty topic passes where a Topic Alias stands; the session resolves it.</summary>
    /// <param name="header">The packet's fixed header; its flags were checked there.</param>
    public static bool TryRead(
        FrameHeader header,
        ReadOnlySpan<byte> body,
        MqttVersion version,
        out PublishPacket packet,
        [NotNullWhen(false)] out ProtocolViolation? violation)
    {
        // [3.3.2] topic length (2), topic, packet identifier (2; QoS 1 and 2), properties (5.0), then the payload to the packet's end
        int qos = header.FirstByte >> 1 & 3;
        int at = body.Length < 2 ? int.MaxValue : 2 + BinaryPrimitives.ReadUInt16BigEndian(body);
        if (at > body.Length - (qos == 0 ? 0 : 2))
            return Fail(out packet, out violation, Truncated(body.Length));
        ReadOnlySpan<byte> topic = body[2..at];
        if (!MqttText.IsTopicName(topic))
            return Fail(out packet, out violation, MqttText.ExplainTopic(topic));
        ushort id = 0;
        if (qos != 0)
        {
            id = BinaryPrimitives.ReadUInt16BigEndian(body[at..]);
            at += 2;
            if (id == 0)
                return Fail(out packet, out violation, new(Violations.PacketIdZero, "0"));
        }

        if (version == MqttVersion.V5)
        {
            if (at == body.Length || body[at] != 0)
                return TryReadProperties(header, topic, id, body[at..], out packet, out violation);
            at++;
        }

        if (topic.IsEmpty)
            return Fail(out packet, out violation, new(Violations.TopicEmpty, "''"));
        packet = new PublishPacket(header.FirstByte, id, topic, body[at..]);
        violation = null;
        return true;
    }

    /// <summary>
    /// Decodes the beginning of a PUBLISH that is too long to be buffered, from as much of its body as has come: topic, packet identifier and properties.
    /// The packet's payload is empty. Need more data: they are not all there yet; the caller decides how many bytes it waits for.
    /// </summary>
    /// <param name="payloadLength">Bytes of the payload, here or still to come, when done.</param>
    public static FrameStatus ReadBeginning(
        FrameHeader header,
        ReadOnlySpan<byte> soFar,
        MqttVersion version,
        out PublishPacket packet,
        out int payloadLength,
        out ProtocolViolation? violation)
    {
        payloadLength = 0;
        if (TryRead(header, soFar, version, out packet, out violation))
        {
            payloadLength = packet.Payload.Length + header.RemainingLength - soFar.Length;
            packet = packet.WithoutPayload();
            return FrameStatus.Done;
        }

        // A field that runs over what has come, but not over the packet, may still become whole. Any other fault stays one, whatever comes behind.
        bool early = violation.Rule == Violations.Truncated || violation.Rule == Violations.PropertiesOverrun;
        if (!early || soFar.Length >= header.RemainingLength || Claimed(header, soFar, version) > header.RemainingLength)
            return FrameStatus.Malformed;
        violation = null;
        return FrameStatus.NeedMoreData;
    }

    // How many bytes topic, packet identifier and properties take, as far as the lengths among them have come.
    private static long Claimed(FrameHeader header, ReadOnlySpan<byte> soFar, MqttVersion version)
    {
        if (soFar.Length < 2)
            return 2;
        int at = 2 + BinaryPrimitives.ReadUInt16BigEndian(soFar) + ((header.FirstByte & 0b0110) == 0 ? 0 : 2);
        if (version == MqttVersion.V311)
            return at;
        return at < soFar.Length && VariableByteInteger.Read(soFar[at..], out int length, out int size) == FrameStatus.Done
            ? (long)at + size + length
            : at + 1;
    }

    // The rarer way, kept apart so that the common one does not carry the properties' hundred bytes along.
    private static bool TryReadProperties(
        FrameHeader header,
        ReadOnlySpan<byte> topic,
        ushort id,
        ReadOnlySpan<byte> fromProperties,
        out PublishPacket packet,
        [NotNullWhen(false)] out ProtocolViolation? violation)
    {
        PacketReader reader = new(fromProperties);
        ReadOnlySpan<byte> section = reader.ReadPropertySection();
        int payload = fromProperties.Length - reader.Remaining;
        violation = reader.Violation;
        if (violation is not null || !PublishProperties.TryRead(section, out PublishProperties properties, out violation))
            return Fail(out packet, out violation, violation);
        if (topic.IsEmpty && properties.TopicAlias == 0)
            return Fail(out packet, out violation, new(Violations.TopicEmpty, "''"));
        packet = new PublishPacket(header.FirstByte, id, topic, fromProperties[payload..]) { Properties = properties };
        return true;
    }

    private static bool Fail(out PublishPacket packet, out ProtocolViolation violation, ProtocolViolation found)
    {
        packet = default;
        violation = found;
        return false;
    }

    private static ProtocolViolation Truncated(int length) =>
        new(Violations.Truncated, string.Create(CultureInfo.InvariantCulture, $"a PUBLISH body of {length} bytes"));
}
