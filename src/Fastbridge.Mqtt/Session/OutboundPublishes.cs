using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Transport;

namespace Fastbridge.Mqtt.Session;

/// <summary>
/// The messages that we publish: first those that wait for a connection, for room within the server's Receive Maximum or in the socket; then those on
/// their way, in the order in which they were sent, to be sent again when a session is resumed [MQTT-4.4.0-1] [MQTT-4.6.0-1]. All members may be
/// called from any thread; none blocks. Whoever calls flushes the outbound queue afterwards.
/// </summary>
internal sealed partial class OutboundPublishes(MqttVersion version)
{
    private readonly Lock _gate = new();
    private readonly PacketIds _ids = new();
    private readonly Queue<PendingPublish> _waiting = new();
    private readonly Dictionary<ushort, LinkedListNode<PendingPublish>> _byId = [];

    // In the order of their first sending; and those with PUBREC, in the order in which the PUBRECs came [MQTT-4.6.0-4].
    private readonly LinkedList<PendingPublish> _unacknowledged = new();
    private readonly LinkedList<PendingPublish> _released = new();

    // The next of _unacknowledged to be sent again on this connection; null when all are.
    private LinkedListNode<PendingPublish>? _again;
    private OutboundQueue? _outbound;
    private ServerLimits? _limits;
    private int _quota;
    private int _exactlyOnceQuota;
    private bool _stopped;

    /// <summary>Messages handed to a connection and not acknowledged.</summary>
    public int InFlight
    {
        get
        {
            lock (_gate)
                return _byId.Count;
        }
    }

    /// <summary>A packet identifier for a SUBSCRIBE or UNSUBSCRIBE; 0 when all are in use.</summary>
    public ushort TakeId()
    {
        lock (_gate)
            return _ids.Take();
    }

    public void FreeId(ushort id)
    {
        lock (_gate)
            _ids.Free(id);
    }

    /// <summary>Publishes, now or as soon as there is room.</summary>
    /// <returns>Null when a QoS 0 message was written at once: nothing is to be awaited.</returns>
    /// <exception cref="ArgumentException">MQTT cannot carry it.</exception>
    /// <exception cref="MqttPublishException">The server said in its CONNACK that it would refuse it, or the client was stopped.</exception>
    public PendingPublish? Publish(OutgoingPublish message)
    {
        PacketEncoder.Measure(new PublishSending(message, message.QoS == QoS.AtMostOnce ? (ushort)0 : (ushort)1), version);
        if (message.TopicAlias is not null)
            throw new ArgumentException("TopicAlias: this client publishes without aliases, for they would not outlive the connection", nameof(message));
        lock (_gate)
        {
            if (_stopped)
                throw new MqttPublishException(PublishFault.Stopped, "the client was stopped");
            if (message.QoS == QoS.AtMostOnce && _waiting.Count == 0 && _again is null && HasRoom(out OutboundQueue? outbound))
            {
                Check(message);
                Write(outbound, message, packetId: 0, dup: false);
                return null;
            }

            PendingPublish pending = new(message);
            _waiting.Enqueue(pending);
            Pump();
            return pending;
        }
    }

    /// <summary>CONNACK was accepted. Resumed: PUBREL and PUBLISH that are unacknowledged are sent again. Else what the server lost is settled.</summary>
    public void Connected(OutboundQueue outbound, ServerLimits limits, bool resumed)
    {
        lock (_gate)
        {
            _outbound = outbound;
            _limits = limits;
            _quota = limits.ReceiveMaximum;
            _exactlyOnceQuota = limits.ExactlyOnceMaximum;
            outbound.Room = PumpAndFlush;
            if (resumed)
            {
                foreach (PendingPublish pending in _released)
                    WriteRelease(outbound, pending.PacketId, ReasonCode.Success);
                foreach (PendingPublish pending in _unacknowledged)
                    pending.SentHere = false;
                foreach (PendingPublish pending in _released)
                    pending.SentHere = false;
            }
            else
            {
                Restart();
            }

            _again = _unacknowledged.First;
            Pump();
        }
    }

    /// <summary>The connection ended: what is on its way waits for the next one.</summary>
    public void Disconnected()
    {
        lock (_gate)
        {
            _outbound = null;
            _again = null;
        }
    }

    /// <summary>The client ends: nothing will be sent any more.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _outbound = null;
            MqttPublishException stopped = new(PublishFault.Stopped, "the client was stopped before the server acknowledged the message");
            foreach (PendingPublish pending in _waiting.Concat(_unacknowledged).Concat(_released))
                pending.TrySetException(stopped);
            _waiting.Clear();
        }
    }

    /// <summary>PUBACK came. False: it names a QoS 2 message, which is a protocol error; an unknown identifier is passed over.</summary>
    public bool Acknowledged(ushort id, ReasonCode code)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(id, out LinkedListNode<PendingPublish>? node))
                return true;
            if (node.Value.Message.QoS != QoS.AtLeastOnce)
                return false;
            Finish(node, code);
            Pump();
            return true;
        }
    }

    /// <summary>PUBREC came: answered by PUBREL, with 0x92 where the identifier is unknown, unless the server refused [MQTT-4.3.3-4]. False as above.</summary>
    public bool Received(ushort id, ReasonCode code)
    {
        lock (_gate)
        {
            if (_outbound is not { } outbound)
                return true;
            if (!_byId.TryGetValue(id, out LinkedListNode<PendingPublish>? node))
            {
                if (!code.IsError())
                    WriteRelease(outbound, id, ReasonCode.PacketIdentifierNotFound);
                return true;
            }

            PendingPublish pending = node.Value;
            if (pending.Message.QoS != QoS.ExactlyOnce)
                return false;
            if (code.IsError())
            {
                Finish(node, code);
                Pump();
                return true;
            }

            if (!pending.Released)
            {
                pending.Released = true;
                if (_again == node)
                    _again = node.Next;
                _unacknowledged.Remove(node);
                _released.AddLast(node);
            }

            WriteRelease(outbound, id, ReasonCode.Success);
            return true;
        }
    }

    /// <summary>PUBCOMP came; 0x92 also ends the exchange.</summary>
    public void Completed(ushort id)
    {
        lock (_gate)
        {
            if (_byId.TryGetValue(id, out LinkedListNode<PendingPublish>? node) && node.Value.Released)
            {
                Finish(node, ReasonCode.Success);
                Pump();
            }
        }
    }

    /// <summary>The server has no session: QoS 1 starts anew; of QoS 2 nobody can say whether it was delivered.</summary>
    private void Restart()
    {
        foreach (PendingPublish pending in _unacknowledged)
            pending.WasSent = pending.SentHere = false;
        LinkedListNode<PendingPublish>[] lost = [.. _byId.Values.Where(n => n.Value.Message.QoS == QoS.ExactlyOnce)];
        foreach (LinkedListNode<PendingPublish> node in lost)
        {
            node.Value.TrySetException(new MqttPublishException(
                PublishFault.SessionLost, "the server lost the session before it completed the message at QoS 2; whether it was delivered is not known"));
            Forget(node);
        }
    }

    private void Finish(LinkedListNode<PendingPublish> node, ReasonCode code)
    {
        if (_again == node)
            _again = node.Next;
        if (node.Value.SentHere)
        {
            _quota++;
            if (node.Value.Message.QoS == QoS.ExactlyOnce)
                _exactlyOnceQuota++;
        }

        Forget(node);
        node.Value.TrySetResult(new PublishResult(code));
    }

    private void Forget(LinkedListNode<PendingPublish> node)
    {
        ushort id = node.Value.PacketId;
        _byId.Remove(id);
        _ids.Free(id);
        node.List?.Remove(node);
    }
}
