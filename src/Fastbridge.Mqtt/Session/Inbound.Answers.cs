using System.Collections.Immutable;
using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Session;

/// <content>Every packet but PUBLISH.</content>
internal sealed partial class Inbound
{
    /// <summary>False: the connection is over.</summary>
    private bool Answer(FrameHeader header, ReadOnlySpan<byte> body)
    {
        PacketType type = header.Type;
        ProtocolViolation? violation = null;
        if (type == PacketType.ConnAck)
        {
            if (_acks is not null)
                violation = new(Violations.SecondConnAck, "another one");
            else if (ConnAckPacket.TryRead(body, _version, out ConnAckPacket? connAck, out violation))
                violation = Accept(connAck);
        }
        else if (type == PacketType.Auth)
        {
            violation = new(Violations.UnexpectedAuth, "AUTH");
        }
        else if (_acks is null)
        {
            violation = new(Violations.FirstPacketNotConnAck, type.ToString());
        }
        else
        {
            violation = type switch
            {
                PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp => OnAck(type, body),
                PacketType.SubAck or PacketType.UnsubAck => OnSubAck(type, body),
                PacketType.PingResp => PingPacket.TryReadResponse(body, out ProtocolViolation? fault) ? null : fault,
                _ => OnDisconnect(body),
            };
        }

        if (violation is not null)
            Break(violation);
        return End is null;
    }

    private ProtocolViolation? Accept(ConnAckPacket packet)
    {
        if (packet.ReasonCode.IsError())
        {
            End = ReasonTexts.OfRefusal(packet);
            return null;
        }

        if (_session.Accept(packet, out SessionStart start) is { } violation)
            return violation;
        _acks = new AckQueue(_session.Connection, ReceiveMaximum, _outbound, _options.ReceiveMaximumTolerance);
        _accepted(this, start);
        _handler.OnConnected(new MqttConnected(_session.Connection, start.Resumed, _session.ClientId, ReceiveMaximum, _session.FirstUnacknowledged));
        _handler.OnEvent(new MqttEvent.Connected(_server, _version, _session.ClientId, start.Resumed, start.StateLost) { Before = start.Before?.Address(_options.Tls is not null) });
        if (_version == MqttVersion.V5 && start.Limits.SessionExpiry < _options.SessionExpiryInterval)
            _handler.OnEvent(new MqttEvent.Warned($"{_server} keeps the session for {start.Limits.SessionExpiry} s after a loss of connection, not for {_options.SessionExpiryInterval} s; what it queues for longer is lost"));
        _session.Publishes.Connected(_outbound, start.Limits, start.Resumed);
        Report(_session.Subscriber.Begin(_outbound, start.Limits, start.Resumed, elsewhere: start.Before is not null));
        return null;
    }

    private ProtocolViolation? OnAck(PacketType type, ReadOnlySpan<byte> body)
    {
        if (!AckPacket.TryRead(type, body, _version, out AckPacket packet, out ProtocolViolation? violation))
            return violation;
        ushort id = packet.PacketId;
        switch (type)
        {
            case PacketType.PubRel:
                // PUBCOMP answers every PUBREL [MQTT-4.3.3-11]; an unknown one with 0x92, which 3.1.1 leaves out.
                bool known = _session.Received.Release(id, out bool here);
                if (!known)
                    _log.UnknownRelease(_server, id);
                Reply(PacketType.PubComp, id, known ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound);
                if (here)
                    _acks!.Complete();
                return null;
            case PacketType.PubAck:
                return _session.Publishes.Acknowledged(id, packet.ReasonCode) ? null : Mismatch(type, id);
            case PacketType.PubRec:
                return _session.Publishes.Received(id, packet.ReasonCode) ? null : Mismatch(type, id);
            default:
                _session.Publishes.Completed(id);
                return null;
        }

        static ProtocolViolation Mismatch(PacketType type, ushort id) => new(Violations.PacketIdUnknown, $"{type} for {id}, which was published at another QoS");
    }

    private ProtocolViolation? OnSubAck(PacketType type, ReadOnlySpan<byte> body)
    {
        if (!SubAckPacket.TryRead(type, body, _version, out SubAckPacket? packet, out ProtocolViolation? violation))
            return violation;
        if (type == PacketType.UnsubAck)
        {
            violation = _session.Subscriber.UnsubAck(packet, out ImmutableArray<string> gone);
            if (!gone.IsEmpty)
                _handler.OnEvent(new MqttEvent.Unsubscribed(gone));
            return violation;
        }

        violation = _session.Subscriber.SubAck(packet, out ImmutableArray<SubscriptionGrant>? grants);
        Report(grants);
        return violation;
    }

    private ProtocolViolation? OnDisconnect(ReadOnlySpan<byte> body)
    {
        if (DisconnectPacket.TryRead(body, out DisconnectPacket? packet, out ProtocolViolation? violation))
            End = ReasonTexts.OfDisconnect(packet);
        return violation;
    }

    private void Report(ImmutableArray<SubscriptionGrant>? grants)
    {
        if (grants is { } all)
            _handler.OnEvent(new MqttEvent.Subscribed(all));
    }

    private void Reply(PacketType type, ushort id, ReasonCode code)
    {
        lock (_outbound.Gate)
        {
            if (!_outbound.IsClosed)
                _outbound.Advance(AckPacket.Write(_outbound.GetSpan(AckPacket.MaxLength), type, id, code, _version));
        }
    }
}
