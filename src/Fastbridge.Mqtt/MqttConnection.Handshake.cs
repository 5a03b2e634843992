using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Session;

namespace Fastbridge.Mqtt;

/// <content>From CONNECT to CONNACK.</content>
internal sealed partial class MqttConnection
{
    private void SendConnect()
    {
        ConnectPacket packet = _session.Connect();
        lock (_outbound.Gate)
        {
            // A shutdown may have come first.
            if (!_outbound.IsClosed)
                PacketEncoder.Write(_outbound, packet, _options.Version);
        }

        _outbound.Flush();
        _log.ConnectSent(_server, packet.ClientId, packet.CleanStart);
    }

    private void OnAccepted(Inbound inbound, SessionStart start)
    {
        AcceptedAt = Now();
        int keepAlive = start.Limits.KeepAlive;
        lock (_timing)
        {
            _keepAlive = new KeepAlive(keepAlive, AcceptedAt);
            Schedule(keepAlive == 0 ? long.MaxValue : _keepAlive.Due);
        }

        _log.Accepted(_server, _session.Connection, start.Resumed, keepAlive, start.Limits.ReceiveMaximum);
        _accepted(this);
    }

    private ConnectionEnd Closed() => Acks is null
        ? new ConnectionEnd($"the server closed the connection before CONNACK; does it speak MQTT {(_options.Version == MqttVersion.V5 ? "5.0" : "3.1.1")} on this port{(_options.Tls is null ? " without TLS" : "")}?")
        : new ConnectionEnd("the server closed the connection");
}
