using System.Collections.Immutable;
using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Transport;

namespace Fastbridge.Mqtt.Session;

/// <summary>
/// Subscribes to what the options name, and knows whether it is in force. Sends everything at once, takes the SUBACKs in any order, and gives one list of
/// grants when the last has come. Belongs to the read loop.
/// </summary>
internal sealed class Subscriber(MqttClientOptions options, OutboundPublishes ids)
{
    /// <summary>8: some servers refuse more filters in one SUBSCRIBE.</summary>
    public const int MostFilters = 8;

    private readonly Dictionary<ushort, Range> _awaited = [];
    private readonly HashSet<ushort> _unsubscribing = [];
    private SubscriptionGrant[] _grants = [];
    private bool _inForce;
    private bool _unsubscribed;

    /// <summary>
    /// A connection begins. Subscribes where the server has no session, or where this process has not seen every grant: then the filters may have changed
    /// since the session was made, or a crash came between CONNECT and SUBSCRIBE. Retain Handling 1 keeps that from replaying retained messages.
    /// </summary>
    /// <returns>The grants, where none is to be awaited (the server said in CONNACK that it would refuse all), else null.</returns>
    public ImmutableArray<SubscriptionGrant>? Begin(OutboundQueue outbound, ServerLimits limits, bool resumed)
    {
        _awaited.Clear();
        _unsubscribing.Clear();
        if (resumed && !_unsubscribed)
            Unsubscribe(outbound);
        if (resumed && _inForce)
            return null;
        _inForce = options.Subscriptions.IsEmpty;
        _grants = [.. options.Subscriptions.Select(s => new SubscriptionGrant(s.Filter, s.QoS, (byte)Refusal(s, limits)))];

        // Refused ones are left out; the others go in runs, so that a SUBACK's codes belong to neighbouring grants.
        for (int at = 0; at < _grants.Length; at++)
        {
            int end = at;
            while (end < _grants.Length && end - at < MostFilters && _grants[end].Code == Asked)
                end++;
            if (end == at)
                continue;
            Subscribe(outbound, limits, at, end);
            at = end - 1;
        }

        return _awaited.Count == 0 && _grants.Length > 0 ? Finish() : null;
    }

    /// <summary>SUBACK came. All grants when it was the last one; a violation when it has not one code for each filter.</summary>
    public ProtocolViolation? SubAck(SubAckPacket packet, out ImmutableArray<SubscriptionGrant>? grants)
    {
        grants = null;
        if (!_awaited.Remove(packet.PacketId, out Range range))
            return new(Violations.PacketIdUnknown, $"SUBACK for {packet.PacketId}");
        ids.FreeId(packet.PacketId);
        (int start, int length) = range.GetOffsetAndLength(_grants.Length);
        if (packet.Codes.Length != length)
            return new(Violations.SubAckCount, $"{packet.Codes.Length} codes for {length} filters");
        for (int i = 0; i < length; i++)
            _grants[start + i] = _grants[start + i] with { Code = (byte)packet.Codes[i] };
        if (_awaited.Count == 0)
            grants = Finish();
        return null;
    }

    /// <summary>UNSUBACK came.</summary>
    public ProtocolViolation? UnsubAck(SubAckPacket packet)
    {
        if (!_unsubscribing.Remove(packet.PacketId))
            return new(Violations.PacketIdUnknown, $"UNSUBACK for {packet.PacketId}");
        ids.FreeId(packet.PacketId);
        _unsubscribed = _unsubscribing.Count == 0;
        return null;
    }

    /// <summary>The connection ended: what was awaited will not come.</summary>
    public void Disconnected()
    {
        foreach (ushort id in _awaited.Keys.Concat(_unsubscribing))
            ids.FreeId(id);
        _awaited.Clear();
        _unsubscribing.Clear();
    }

    // No reason code has this value: asked for, not answered yet.
    private const byte Asked = 0xFF;

    // [3.2.2.3.11], [3.2.2.3.13]: what the server said that it has not must not be used.
    private static ReasonCode Refusal(MqttSubscription subscription, ServerLimits limits)
    {
        if (!limits.SharedAvailable && subscription.Filter.StartsWith("$share/", StringComparison.Ordinal))
            return ReasonCode.SharedSubscriptionsNotSupported;
        if (!limits.WildcardAvailable && subscription.Filter.AsSpan().ContainsAny('+', '#'))
            return ReasonCode.WildcardSubscriptionsNotSupported;
        return (ReasonCode)Asked;
    }

    private ImmutableArray<SubscriptionGrant> Finish()
    {
        // What was refused, or granted with a lower QoS, is asked for again on the next connection: the server's rights may have been mended.
        _inForce = !_grants.Any(g => g.IsFault);
        return [.. _grants];
    }

    private void Subscribe(OutboundQueue outbound, ServerLimits limits, int from, int to)
    {
        ImmutableArray<SubscribeFilter> filters = [.. options.Subscriptions[from..to].Select(s => new SubscribeFilter(s.Filter, s.QoS, s.RetainHandling))];
        if (PacketEncoder.Measure(new SubscribePacket(1, filters), options.Version) > limits.MaximumPacketSize)
        {
            if (to - from == 1)
            {
                _grants[from] = _grants[from] with { Code = (byte)ReasonCode.PacketTooLarge };
                return;
            }

            int middle = (from + to) / 2;
            Subscribe(outbound, limits, from, middle);
            Subscribe(outbound, limits, middle, to);
            return;
        }

        ushort id = ids.TakeId();
        _awaited.Add(id, from..to);
        lock (outbound.Gate)
        {
            if (!outbound.IsClosed)
                PacketEncoder.Write(outbound, new SubscribePacket(id, filters), options.Version);
        }
    }

    private void Unsubscribe(OutboundQueue outbound)
    {
        foreach (string[] filters in options.Unsubscriptions.Chunk(MostFilters))
        {
            ushort id = ids.TakeId();
            _unsubscribing.Add(id);
            lock (outbound.Gate)
            {
                if (!outbound.IsClosed)
                    PacketEncoder.Write(outbound, new UnsubscribePacket(id, [.. filters]), options.Version);
            }
        }
    }
}
