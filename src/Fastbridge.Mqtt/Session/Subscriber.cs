using System.Collections.Immutable;
using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Transport;

namespace Fastbridge.Mqtt.Session;

/// <summary>
/// Subscribes to what is wanted, unsubscribes what is not any more, and knows whether both are in force. Sends everything at once, takes the answers in any
/// order, and gives one list of grants when the last SUBACK has come. Any thread: what is wanted may change beside the read loop.
/// </summary>
internal sealed class Subscriber(MqttClientOptions options, OutboundPublishes ids)
{
    /// <summary>8: some servers refuse more filters in one SUBSCRIBE.</summary>
    public const int MostFilters = 8;

    // No reason code has this value: asked for, not answered yet.
    private const byte Asked = 0xFF;

    private readonly Lock _lock = new();
    private readonly Dictionary<ushort, Range> _awaited = [];
    private readonly Dictionary<ushort, ImmutableArray<string>> _unsubscribing = [];

    // SUBSCRIBEs of a list that has been changed since: their SUBACKs say nothing any more.
    private readonly HashSet<ushort> _outdated = [];
    private ImmutableArray<MqttSubscription> _wanted = options.Subscriptions;
    private ImmutableArray<string> _unwanted = options.Unsubscriptions;
    private SubscriptionGrant[] _grants = [];
    private OutboundQueue? _outbound;
    private ServerLimits? _limits;

    /// <summary>
    /// A connection begins. Unsubscribes first, so that the server queues no more for it. Subscribes where the server has no session, or where this process has not
    /// seen every grant: then the filters may have changed since the session was made, or a crash came between CONNECT and SUBSCRIBE. Retain Handling 1 keeps that
    /// from replaying retained messages.
    /// </summary>
    /// <param name="elsewhere">It is another server than before, whose session may be older than our wishes.</param>
    /// <returns>The grants, where none is to be awaited (the server said in CONNACK that it would refuse all), else null.</returns>
    public ImmutableArray<SubscriptionGrant>? Begin(OutboundQueue outbound, ServerLimits limits, bool resumed, bool elsewhere = false)
    {
        lock (_lock)
        {
            ForgetAnswers();
            (_outbound, _limits) = (outbound, limits);
            if (resumed)
                Unsubscribe(_unwanted);
            else
                _unwanted = [];
            return Renew(keepGranted: resumed && !elsewhere);
        }
    }

    /// <summary>What is wanted changed. Sent at once where there is a connection, else with the next. Filters that stay are not subscribed again.</summary>
    /// <returns>The grants as they are now, where no SUBACK is to be awaited; null without a connection too.</returns>
    public ImmutableArray<SubscriptionGrant>? Change(ImmutableArray<MqttSubscription> wanted)
    {
        lock (_lock)
        {
            ImmutableArray<string> gone = [.. _wanted.Select(s => s.Filter).Where(f => !wanted.Any(w => w.Filter == f))];
            _unwanted = [.. _unwanted.Where(f => !wanted.Any(w => w.Filter == f)), .. gone.Where(f => !_unwanted.Contains(f))];

            // Retain Handling is no part of a grant, and asks for another SUBSCRIBE all the same.
            _grants = [.. _grants.Where(g => _wanted.Any(w => w.Filter == g.Filter && wanted.Contains(w)))];
            _wanted = wanted;
            _outdated.UnionWith(_awaited.Keys);
            _awaited.Clear();
            if (_outbound is null)
                return null;
            Unsubscribe(gone);
            return Renew(keepGranted: true) ?? (_awaited.Count == 0 ? [.. _grants] : null);
        }
    }

    /// <summary>SUBACK came. All grants when it was the last one; a violation when it has not one code for each filter.</summary>
    public ProtocolViolation? SubAck(SubAckPacket packet, out ImmutableArray<SubscriptionGrant>? grants)
    {
        grants = null;
        lock (_lock)
        {
            if (_outdated.Remove(packet.PacketId))
            {
                ids.FreeId(packet.PacketId);
                return null;
            }

            if (!_awaited.Remove(packet.PacketId, out Range range))
                return new(Violations.PacketIdUnknown, $"SUBACK for {packet.PacketId}");
            ids.FreeId(packet.PacketId);
            (int start, int length) = range.GetOffsetAndLength(_grants.Length);
            if (packet.Codes.Length != length)
                return new(Violations.SubAckCount, $"{packet.Codes.Length} codes for {length} filters");
            for (int i = 0; i < length; i++)
                _grants[start + i] = _grants[start + i] with { Code = (byte)packet.Codes[i] };
            if (_awaited.Count == 0)
                grants = [.. _grants];
            return null;
        }
    }

    /// <summary>UNSUBACK came.</summary>
    /// <param name="gone">Filters that the server has no more; those that it refused to drop (5.0 says so) are asked for again on the next connection.</param>
    public ProtocolViolation? UnsubAck(SubAckPacket packet, out ImmutableArray<string> gone)
    {
        gone = [];
        lock (_lock)
        {
            if (!_unsubscribing.Remove(packet.PacketId, out ImmutableArray<string> filters))
                return new(Violations.PacketIdUnknown, $"UNSUBACK for {packet.PacketId}");
            ids.FreeId(packet.PacketId);
            for (int i = 0; i < filters.Length; i++)
            {
                // 3.1.1 has no codes: there every UNSUBACK means success. One that is wanted again meanwhile was subscribed behind it.
                string filter = filters[i];
                if ((i >= packet.Codes.Length || !packet.Codes[i].IsError()) && !_wanted.Any(w => w.Filter == filter))
                    gone = gone.Add(filter);
            }

            _unwanted = _unwanted.RemoveRange(gone);
            return null;
        }
    }

    /// <summary>The connection ended: what was awaited will not come.</summary>
    public void Disconnected()
    {
        lock (_lock)
        {
            ForgetAnswers();
            _outbound = null;
        }
    }

    private void ForgetAnswers()
    {
        foreach (ushort id in _awaited.Keys.Concat(_unsubscribing.Keys).Concat(_outdated))
            ids.FreeId(id);
        _awaited.Clear();
        _unsubscribing.Clear();
        _outdated.Clear();
    }

    // [3.2.2.3.11], [3.2.2.3.13]: what the server said that it has not must not be used.
    private static ReasonCode Refusal(MqttSubscription subscription, ServerLimits limits)
    {
        if (!limits.SharedAvailable && subscription.Filter.StartsWith("$share/", StringComparison.Ordinal))
            return ReasonCode.SharedSubscriptionsNotSupported;
        if (!limits.WildcardAvailable && subscription.Filter.AsSpan().ContainsAny('+', '#'))
            return ReasonCode.WildcardSubscriptionsNotSupported;
        return (ReasonCode)Asked;
    }

    /// <summary>Subscribes to what is not granted yet. A filter that was refused, or granted a lower QoS, is asked for again on each connection: the server's rights may have been mended.</summary>
    private ImmutableArray<SubscriptionGrant>? Renew(bool keepGranted)
    {
        SubscriptionGrant[] before = keepGranted ? _grants : [];
        bool changed = before.Length != _wanted.Length;
        _grants = new SubscriptionGrant[_wanted.Length];
        for (int i = 0; i < _grants.Length; i++)
        {
            MqttSubscription wanted = _wanted[i];
            int at = Array.FindIndex(before, g => g.Filter == wanted.Filter && g.Asked == wanted.QoS && !g.IsFault);
            _grants[i] = at >= 0 ? before[at] : new SubscriptionGrant(wanted.Filter, wanted.QoS, (byte)Refusal(wanted, _limits!));
            changed |= at < 0;
        }

        if (!changed)
            return null;

        // Refused ones are left out; the others go in runs, so that a SUBACK's codes belong to neighbouring grants.
        for (int at = 0; at < _grants.Length; at++)
        {
            int end = at;
            while (end < _grants.Length && end - at < MostFilters && _grants[end].Code == Asked)
                end++;
            if (end == at)
                continue;
            Subscribe(at, end);
            at = end - 1;
        }

        return _awaited.Count == 0 && _grants.Length > 0 ? [.. _grants] : null;
    }

    private void Subscribe(int from, int to)
    {
        ImmutableArray<SubscribeFilter> filters = [.. _wanted[from..to].Select(s => new SubscribeFilter(s.Filter, s.QoS, s.RetainHandling))];
        if (PacketEncoder.Measure(new SubscribePacket(1, filters), options.Version) > _limits!.MaximumPacketSize)
        {
            if (to - from == 1)
            {
                _grants[from] = _grants[from] with { Code = (byte)ReasonCode.PacketTooLarge };
                return;
            }

            int middle = (from + to) / 2;
            Subscribe(from, middle);
            Subscribe(middle, to);
            return;
        }

        ushort id = ids.TakeId();
        _awaited.Add(id, from..to);
        lock (_outbound!.Gate)
        {
            if (!_outbound.IsClosed)
                PacketEncoder.Write(_outbound, new SubscribePacket(id, filters), options.Version);
        }
    }

    private void Unsubscribe(ImmutableArray<string> all)
    {
        foreach (string[] chunk in all.Chunk(MostFilters))
        {
            ImmutableArray<string> filters = [.. chunk];
            if (PacketEncoder.Measure(new UnsubscribePacket(1, filters), options.Version) > _limits!.MaximumPacketSize)
            {
                // One at a time; one that fits no packet was never subscribed either.
                if (filters.Length > 1)
                {
                    foreach (string filter in filters)
                        Unsubscribe([filter]);
                }

                continue;
            }

            ushort id = ids.TakeId();
            _unsubscribing.Add(id, filters);
            lock (_outbound!.Gate)
            {
                if (!_outbound.IsClosed)
                    PacketEncoder.Write(_outbound, new UnsubscribePacket(id, filters), options.Version);
            }
        }
    }
}
