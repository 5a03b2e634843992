using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;
using static Fastbridge.Tests.Support.ServerPackets;

namespace Fastbridge.Tests.Mqtt.Session;

/// <summary>SUBSCRIBE, SUBACK, and what the server has not [3.8] [3.9].</summary>
public class SubscribingTests
{
    private static Func<MqttClientOptions, MqttClientOptions> To(params string[] filters) =>
        o => o with { Subscriptions = [.. filters.Select(f => new MqttSubscription(f, QoS.AtLeastOnce))] };

    private static InboundRig Begin(string[] filters, MqttVersion version = MqttVersion.V5, bool present = false, params byte[][] properties)
    {
        InboundRig rig = new(version, To(filters));
        rig.Feed(ServerPackets.ConnAck(version, 0, present, properties));
        return rig;
    }

    private static List<ClientSubscribe> Subscribes(InboundRig rig) =>
        [.. rig.Sent().Where(p => p.Type == PacketType.Subscribe).Select(p => ServerCodec.DecodeSubscribe(p, rig.Version))];

    private static List<ClientUnsubscribe> Unsubscribes(InboundRig rig) =>
        [.. rig.Sent().Where(p => p.Type == PacketType.Unsubscribe).Select(p => ServerCodec.DecodeUnsubscribe(p, rig.Version))];

    [Fact]
    [Fault(12)]
    public async Task a_code_for_each_filter_in_order_and_the_grants_say_what_is_wrong() // [MQTT-3.8.4-6]
    {
        InboundRig rig = Begin(["a", "b", "c"]);
        ClientSubscribe subscribe = Assert.Single(Subscribes(rig));
        rig.Feed(SubAck(MqttVersion.V5, subscribe.PacketId, [1, 0x87, 0]));
        MqttEvent.Subscribed subscribed = await rig.Handler.EventAsync<MqttEvent.Subscribed>();
        Assert.Equal([("a", (byte)1, false), ("b", (byte)0x87, true), ("c", (byte)0, true)], subscribed.Grants.Select(g => (g.Filter, g.Code, g.IsFault)));
    }

    [Fact]
    public void too_few_or_too_many_codes_are_a_protocol_error() // [MQTT-3.8.4-6]
    {
        foreach (byte[] codes in new byte[][] { [1], [1, 1, 1] })
        {
            InboundRig rig = Begin(["a", "b"]);
            rig.Feed(SubAck(MqttVersion.V5, Subscribes(rig)[0].PacketId, codes));
            Assert.Equal(Violations.SubAckCount, rig.End!.Violation!.Rule);
        }
    }

    [Fact]
    public async Task a_subscribe_carries_at_most_8_filters_and_subacks_may_come_in_any_order()
    {
        InboundRig rig = Begin([.. Enumerable.Range(0, 20).Select(i => $"f/{i}")]);
        List<ClientSubscribe> all = Subscribes(rig);
        Assert.Equal([8, 8, 4], all.Select(s => s.Filters.Count));
        foreach (ClientSubscribe s in Enumerable.Reverse(all))
            rig.Feed(SubAck(MqttVersion.V5, s.PacketId, [.. s.Filters.Select(_ => (byte)1)]));
        MqttEvent.Subscribed subscribed = await rig.Handler.EventAsync<MqttEvent.Subscribed>();
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"f/{i}"), subscribed.Grants.Select(g => g.Filter));
        Assert.All(subscribed.Grants, g => Assert.False(g.IsFault));
    }

    [Fact]
    public void retain_handling_is_1_so_that_a_reconnect_does_not_replay_retained_messages()
    {
        InboundRig rig = Begin(["a", "$share/g/b"]);
        // [3.8.3.1] bits 5-4 retain handling, 1-0 QoS; No Local (bit 2) never, an error on a shared subscription [MQTT-3.8.3-4]
        Assert.All(Assert.Single(Subscribes(rig)).Filters, f => Assert.Equal(0x11, f.Options));
    }

    [Fact]
    public async Task wildcards_and_shared_subscriptions_that_the_server_has_not_are_not_asked_for_and_said() // [3.2.2.3.11] [3.2.2.3.13]
    {
        InboundRig rig = Begin(["a/#", "b", "$share/g/c", "d"], MqttVersion.V5, false, ByteProperty(0x28, 0), ByteProperty(0x2A, 0));
        List<ClientSubscribe> sent = Subscribes(rig);
        Assert.Equal(["b", "d"], sent.SelectMany(s => s.Filters).Select(f => f.Filter));
        foreach (ClientSubscribe s in sent)
            rig.Feed(SubAck(MqttVersion.V5, s.PacketId, [1]));
        MqttEvent.Subscribed subscribed = await rig.Handler.EventAsync<MqttEvent.Subscribed>();
        Assert.Equal([0xA2, 1, 0x9E, 1], subscribed.Grants.Select(g => (int)g.Code));
    }

    [Fact]
    public async Task where_all_are_ruled_out_it_is_said_at_once()
    {
        InboundRig rig = Begin(["a/#"], MqttVersion.V5, false, ByteProperty(0x28, 0));
        Assert.Empty(rig.Sent());
        Assert.True((await rig.Handler.EventAsync<MqttEvent.Subscribed>()).Grants[0].IsFault);
    }

    [Fact]
    public void a_resumed_session_is_subscribed_again_only_where_this_process_has_not_seen_every_grant()
    {
        InboundRig rig = Begin(["a"], present: true);
        ClientSubscribe first = Assert.Single(Subscribes(rig));
        rig.Reconnect(sessionPresent: true);
        ClientSubscribe second = Assert.Single(Subscribes(rig));
        rig.Feed(SubAck(MqttVersion.V5, second.PacketId, [1]));
        rig.Reconnect(sessionPresent: true);
        Assert.Empty(Subscribes(rig));
        rig.Reconnect(sessionPresent: false);
        Assert.Single(Subscribes(rig));
        Assert.NotEqual(first.PacketId, second.PacketId);
    }

    [Theory]
    [Fault(12)]
    [InlineData(0x87)]
    [InlineData(0)]
    public void a_filter_that_was_refused_or_granted_less_is_asked_for_again_on_the_next_connection(byte code)
    {
        InboundRig rig = Begin(["a"]);
        rig.Feed(SubAck(MqttVersion.V5, Subscribes(rig)[0].PacketId, [code]));
        rig.Reconnect(sessionPresent: true);
        Assert.Single(Subscribes(rig));
    }

    [Fact]
    public void a_subscribe_keeps_within_the_servers_maximum_packet_size() // [MQTT-3.2.2-15]
    {
        InboundRig rig = Begin([.. Enumerable.Range(0, 6).Select(i => $"{new string('f', 30)}{i}")], MqttVersion.V5, false, UInt32Property(0x27, 80));
        List<ClientSubscribe> all = Subscribes(rig);
        Assert.Equal(6, all.Sum(s => s.Filters.Count));
        Assert.All(all, s => Assert.InRange(s.Filters.Count, 1, 2));
    }

    [Fact]
    public void filters_of_an_earlier_configuration_are_unsubscribed_once_when_a_session_is_resumed()
    {
        InboundRig rig = new(options: o => o with { Unsubscriptions = ["old/#"] });
        rig.Feed(ServerPackets.ConnAck(MqttVersion.V5, 0, sessionPresent: true));
        ClientUnsubscribe unsubscribe = ServerCodec.DecodeUnsubscribe(Assert.Single(rig.Sent()), MqttVersion.V5);
        Assert.Equal(["old/#"], unsubscribe.Filters);
        rig.Feed(UnsubAck(MqttVersion.V5, unsubscribe.PacketId, [0]));
        rig.Reconnect(sessionPresent: true);
        Assert.Empty(rig.Sent());
    }

    [Fact]
    public async Task a_filter_that_the_server_refuses_to_drop_is_unsubscribed_again_and_the_others_are_told()
    {
        InboundRig rig = new(options: o => o with { Unsubscriptions = ["old/#", "gone", "kept"] });
        rig.Feed(ServerPackets.ConnAck(MqttVersion.V5, 0, sessionPresent: true));
        rig.Feed(UnsubAck(MqttVersion.V5, Unsubscribes(rig)[0].PacketId, [0, 0x11, 0x87]));
        Assert.Equal(["old/#", "gone"], (await rig.Handler.EventAsync<MqttEvent.Unsubscribed>()).Filters);
        rig.Reconnect(sessionPresent: true);
        Assert.Equal(["kept"], Assert.Single(Unsubscribes(rig)).Filters);
        rig.Reconnect(sessionPresent: false);
        Assert.Empty(Unsubscribes(rig));
    }

    [Fact]
    public void a_change_on_a_connection_unsubscribes_what_is_gone_and_subscribes_only_what_is_new()
    {
        InboundRig rig = Begin(["stays", "goes", "other qos"]);
        rig.Feed(SubAck(MqttVersion.V5, Subscribes(rig)[0].PacketId, [1, 1, 1]));
        Assert.Null(rig.Session.Subscriber.Change([new("stays", QoS.AtLeastOnce), new("other qos", QoS.ExactlyOnce), new("new", QoS.AtLeastOnce)]));
        List<ClientPacket> sent = rig.Sent();
        Assert.Equal([PacketType.Unsubscribe, PacketType.Subscribe], sent.Select(p => p.Type));
        Assert.Equal(["goes"], ServerCodec.DecodeUnsubscribe(sent[0], MqttVersion.V5).Filters);
        Assert.Equal(["other qos", "new"], ServerCodec.DecodeSubscribe(sent[1], MqttVersion.V5).Filters.Select(f => f.Filter));
    }

    [Fact]
    public void a_change_to_fewer_filters_needs_no_suback_and_tells_the_grants_at_once()
    {
        InboundRig rig = Begin(["a", "b"]);
        rig.Feed(SubAck(MqttVersion.V5, Subscribes(rig)[0].PacketId, [1, 1]));
        Assert.Equal(["a"], rig.Session.Subscriber.Change([new("a", QoS.AtLeastOnce)])!.Value.Select(g => g.Filter));
    }

    [Fact]
    public async Task a_suback_that_a_change_has_outrun_is_no_violation_and_says_nothing()
    {
        InboundRig rig = Begin(["a"]);
        ushort first = Subscribes(rig)[0].PacketId;
        rig.Session.Subscriber.Change([new("b", QoS.AtLeastOnce)]);
        List<ClientPacket> sent = rig.Sent();
        rig.Feed(SubAck(MqttVersion.V5, first, [0x80]));
        rig.Feed(SubAck(MqttVersion.V5, ServerCodec.DecodeSubscribe(sent[1], MqttVersion.V5).PacketId, [1]));
        Assert.Equal([("b", (byte)1)], (await rig.Handler.EventAsync<MqttEvent.Subscribed>()).Grants.Select(g => (g.Filter, g.Code)));
        Assert.Null(rig.End);
    }

    [Fact]
    public void a_change_without_a_connection_takes_effect_with_the_next()
    {
        InboundRig rig = Begin(["a"]);
        rig.Feed(SubAck(MqttVersion.V5, Subscribes(rig)[0].PacketId, [1]));
        rig.Inbound.Dispose();
        Assert.Null(rig.Session.Subscriber.Change([new("b", QoS.AtLeastOnce)]));
        rig.Reconnect(sessionPresent: true);
        List<ClientPacket> sent = rig.Sent();
        Assert.Equal(["a"], ServerCodec.DecodeUnsubscribe(sent[0], MqttVersion.V5).Filters);
        Assert.Equal(["b"], ServerCodec.DecodeSubscribe(sent[1], MqttVersion.V5).Filters.Select(f => f.Filter));
    }

    [Fact]
    public void a_suback_for_nothing_is_a_protocol_error()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(SubAck(MqttVersion.V5, 5, [1]));
        Assert.Equal(Violations.PacketIdUnknown, rig.End!.Violation!.Rule);
    }
}
