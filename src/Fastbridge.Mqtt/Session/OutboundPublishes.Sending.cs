using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Transport;

namespace Fastbridge.Mqtt.Session;

/// <content>What may be sent now, and its sending. All under the gate.</content>
internal sealed partial class OutboundPublishes
{
    private void PumpAndFlush()
    {
        OutboundQueue? outbound;
        lock (_gate)
        {
            Pump();
            outbound = _outbound;
        }

        outbound?.Flush();
    }

    private bool HasRoom([NotNullWhen(true)] out OutboundQueue? outbound)
    {
        outbound = _outbound;
        if (outbound is null)
            return false;
        lock (outbound.Gate)
        {
            if (outbound.IsClosed)
                return false;
            if (outbound.IsCongested)
            {
                outbound.AskForRoom();
                return false;
            }
        }

        return true;
    }

    private void Pump()
    {
        while (_again is { } node && HasQuota(node.Value) && HasRoom(out OutboundQueue? outbound))
        {
            _again = node.Next;
            SendAtLeastOnce(outbound, node);
        }

        while (_again is null && _waiting.TryPeek(out PendingPublish? next))
        {
            if (next.Task.IsCompleted)
            {
                _waiting.Dequeue();
                continue;
            }

            bool counted = next.Message.QoS != QoS.AtMostOnce;
            if ((counted && !HasQuota(next)) || !HasRoom(out OutboundQueue? outbound))
                return;
            if (counted && next.PacketId == 0 && (next.PacketId = _ids.Take()) == 0)
                return;
            _waiting.Dequeue();
            if (counted)
            {
                LinkedListNode<PendingPublish> added = _unacknowledged.AddLast(next);
                _byId.Add(next.PacketId, added);
                SendAtLeastOnce(outbound, added);
            }
            else if (TryCheck(next))
            {
                Write(outbound, next.Message, packetId: 0, dup: false);
                next.TrySetResult(default);
            }
        }
    }

    private void SendAtLeastOnce(OutboundQueue outbound, LinkedListNode<PendingPublish> node)
    {
        PendingPublish pending = node.Value;
        if (!TryCheck(pending))
        {
            Forget(node);
            return;
        }

        Write(outbound, pending.Message, pending.PacketId, pending.WasSent);
        pending.WasSent = pending.SentHere = true;
        _quota--;
        if (pending.Message.QoS == QoS.ExactlyOnce)
            _exactlyOnceQuota--;
    }

    private bool HasQuota(PendingPublish pending) => _quota > 0 && (pending.Message.QoS != QoS.ExactlyOnce || _exactlyOnceQuota > 0);

    private bool TryCheck(PendingPublish pending)
    {
        try
        {
            Check(pending.Message);
            return true;
        }
        catch (MqttPublishException fault)
        {
            pending.TrySetException(fault);
            return false;
        }
    }

    private void Check(OutgoingPublish message)
    {
        ServerLimits limits = _limits!;
        if (message.QoS > limits.MaximumQoS)
            throw new MqttPublishException(PublishFault.QoSNotSupported, $"'{message.Topic}' at QoS {(int)message.QoS}: the server takes at most QoS {(int)limits.MaximumQoS}");
        if (message.Retain && !limits.RetainAvailable)
            throw new MqttPublishException(PublishFault.RetainNotSupported, $"'{message.Topic}': the server keeps no retained messages");
        if (limits.MaximumPacketSize == uint.MaxValue)
            return;
        int size = PacketEncoder.Measure(new PublishSending(message, message.QoS == QoS.AtMostOnce ? (ushort)0 : (ushort)1), version);
        if (size > limits.MaximumPacketSize)
        {
            throw new MqttPublishException(PublishFault.TooLarge, string.Create(
                CultureInfo.InvariantCulture, $"'{message.Topic}': a packet of {size} bytes; the server takes at most {limits.MaximumPacketSize}"));
        }
    }

    private void Write(OutboundQueue outbound, OutgoingPublish message, ushort packetId, bool dup)
    {
        lock (outbound.Gate)
        {
            if (!outbound.IsClosed)
                outbound.NotePublish(PacketEncoder.Write(outbound, new PublishSending(message, packetId, dup), version));
        }
    }

    private void WriteRelease(OutboundQueue outbound, ushort id, ReasonCode code)
    {
        lock (outbound.Gate)
        {
            if (!outbound.IsClosed)
                outbound.Advance(AckPacket.Write(outbound.GetSpan(AckPacket.MaxLength), PacketType.PubRel, id, code, version));
        }
    }
}
