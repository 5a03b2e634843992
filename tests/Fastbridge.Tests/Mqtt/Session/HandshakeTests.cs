using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Session;
using Fastbridge.Tests.Support;
using static Fastbridge.Tests.Support.ServerPackets;

namespace Fastbridge.Tests.Mqtt.Session;

/// <summary>CONNECT, CONNACK and whose session it is [3.1] [3.2].</summary>
public class HandshakeTests
{
    private static byte[] ConnAck5(bool present = false, params byte[][] properties) => ServerPackets.ConnAck(MqttVersion.V5, 0, present, properties);

    [Fact]
    public void session_present_after_a_clean_start_closes() // [MQTT-3.2.2-4]
    {
        InboundRig rig = new(options: o => o with { CleanStart = true });
        rig.Feed(ConnAck5(present: true));
        Assert.Equal(Violations.SessionPresentOnCleanStart, rig.End!.Violation!.Rule);
        Assert.Empty(rig.Handler.Connections);
    }

    [Fact]
    public void session_present_for_an_identifier_that_the_server_has_just_assigned_closes() // [MQTT-3.2.2-4]
    {
        InboundRig rig = new(options: o => o with { ClientId = "" });
        rig.Feed(ConnAck5(present: true, TextProperty(0x12, "assigned")));
        Assert.Equal(Violations.SessionPresentOnCleanStart, rig.End!.Violation!.Rule);
    }

    [Fact]
    public void a_configured_identifier_is_our_state_also_in_a_new_process()
    {
        InboundRig rig = new();
        rig.Feed(ConnAck5(present: true));
        Assert.Null(rig.End);
        Assert.True(Assert.Single(rig.Handler.Connections).SessionPresent);
    }

    [Fact]
    public async Task a_server_that_lost_the_session_is_told_of()
    {
        InboundRig rig = new();
        rig.Feed(ConnAck5());
        Assert.False((await rig.Handler.EventAsync<MqttEvent.Connected>()).StateLost);
        rig.Reconnect(sessionPresent: false);
        Assert.True((await rig.Handler.EventAsync<MqttEvent.Connected>()).StateLost);
        rig.Reconnect(sessionPresent: true);
        Assert.False((await rig.Handler.EventAsync<MqttEvent.Connected>()).StateLost);
    }

    [Fact]
    public void session_expiry_is_asked_for_and_seven_days_by_default() // [3.1.2.11.2]
    {
        Assert.Equal(604_800u, new MqttSession(new MqttClientOptions()).Connect().SessionExpiryInterval);
        Assert.False(new MqttSession(new MqttClientOptions()).Connect().CleanStart);
    }

    [Fact]
    public async Task a_shorter_session_expiry_of_the_server_is_said() // [3.2.2.3.2]
    {
        InboundRig rig = new();
        rig.Feed(ConnAck5(false, UInt32Property(0x11, 120)));
        Assert.Contains("120 s", (await rig.Handler.EventAsync<MqttEvent.Warned>()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task where_the_server_keeps_no_session_its_absence_is_no_loss()
    {
        InboundRig rig = new();
        rig.Feed(ConnAck5(false, UInt32Property(0x11, 0)));
        await rig.Handler.EventAsync<MqttEvent.Connected>();
        rig.Reconnect(sessionPresent: false);
        Assert.False((await rig.Handler.EventAsync<MqttEvent.Connected>()).StateLost);
    }

    [Fact]
    public void an_assigned_identifier_is_kept_for_the_next_connection() // [MQTT-3.2.2-16]
    {
        InboundRig rig = new(options: o => o with { ClientId = "" });
        rig.Feed(ConnAck5(false, TextProperty(0x12, "auto-17")));
        Assert.Equal("auto-17", Assert.Single(rig.Handler.Connections).ClientId);
        Assert.Equal("auto-17", rig.Session.Connect().ClientId);
    }

    [Fact]
    public void clean_start_is_for_the_first_connection_only_but_in_311_for_each()
    {
        InboundRig five = InboundRig.Connected(options: o => o with { CleanStart = true });
        Assert.False(five.Session.Connect().CleanStart);
        InboundRig four = InboundRig.Connected(MqttVersion.V311, o => o with { CleanStart = true });
        Assert.True(four.Session.Connect().CleanStart);
    }

    [Fact]
    public void the_servers_keep_alive_wins() // [MQTT-3.2.2-21]
    {
        ConnAckPacket packet = new() { ServerKeepAlive = 5 };
        Assert.Equal(5, ServerLimits.From(packet, new MqttClientOptions { KeepAlive = 60 }).KeepAlive);
        Assert.Equal(60, ServerLimits.From(new ConnAckPacket(), new MqttClientOptions { KeepAlive = 60 }).KeepAlive);
    }

    [Theory]
    [InlineData(MqttVersion.V311, 5, "access rules")]
    [InlineData(MqttVersion.V5, 0x86, "mqtt.password")]
    [InlineData(MqttVersion.V5, 0x84, "protocol_version")]
    [InlineData(MqttVersion.V5, 0x85, "client_id")]
    public void a_refusal_says_why_and_what_to_do(MqttVersion version, byte code, string remedy)
    {
        InboundRig rig = new(version);
        Assert.Equal(BatchEnd.Ended, rig.Feed(ServerPackets.ConnAck(version, code)));
        Assert.Contains(remedy, rig.End!.Reason, StringComparison.Ordinal);
        Assert.Null(rig.End.Violation);
    }

    [Fact]
    public void the_first_packet_is_connack() // [MQTT-3.2.0-1]
    {
        foreach (byte[] packet in new[] { PingResp(), Publish(MqttVersion.V5, "a", []), Ack(PacketType.PubRel, 1), Disconnect(0x8B) })
        {
            InboundRig rig = new();
            rig.Feed(packet);
            Assert.Equal(Violations.FirstPacketNotConnAck, rig.End!.Violation!.Rule);
        }
    }

    [Fact]
    public void a_second_connack_is_a_protocol_error() // [MQTT-3.2.0-2]
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(ConnAck5());
        Assert.Equal(Violations.SecondConnAck, rig.End!.Violation!.Rule);
    }

    [Fact]
    public void auth_without_a_method_of_ours_is_a_protocol_error() // [MQTT-4.12.0-6]
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(Auth(0x18, TextProperty(0x15, "SCRAM")));
        Assert.Equal(Violations.UnexpectedAuth, rig.End!.Violation!.Rule);
    }

    [Fact]
    public async Task a_publish_right_behind_connack_before_suback_is_offered_and_acked() // [MQTT-4.5.0-2]
    {
        InboundRig rig = new(options: o => o with { Subscriptions = [new MqttSubscription("mine/#", QoS.AtLeastOnce)] });
        rig.Feed(ConnAck5(present: true), Publish(MqttVersion.V5, "matches/no/filter/of/ours", [], 1, 9));
        Assert.Equal(PacketType.Subscribe, Assert.Single(rig.Sent()).Type);
        rig.Acknowledge((await rig.Handler.MessageAsync()).Receipt);
        Assert.Equal("PubAck 9", rig.SentAcks());
    }

    [Fact]
    public void an_application_that_throws_costs_the_connection_only()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Handler.Decide = _ => throw new InvalidOperationException("boom");
        Assert.Equal(BatchEnd.Ended, rig.Feed(rig.Publish("a", 1, 1)));
        Assert.Contains("boom", rig.End!.Reason, StringComparison.Ordinal);
        Assert.Empty(rig.Sent());
    }

    [Fact]
    public async Task a_whole_conversation_byte_by_byte_is_the_same_conversation()
    {
        InboundRig rig = new(options: o => o with { Subscriptions = [new MqttSubscription("#", QoS.ExactlyOnce)] });
        byte[] all =
        [
            .. ConnAck5(), .. Publish(MqttVersion.V5, "a", "one"u8.ToArray(), 1, 1), .. PingResp(),
            .. Publish(MqttVersion.V5, "b", new byte[300], 2, 2, false, false, UInt16Property(0x23, 4)), .. Ack(PacketType.PubRel, 77),
            .. Publish(MqttVersion.V5, "", "three"u8.ToArray(), 0, 0, false, false, UInt16Property(0x23, 4)),
        ];
        foreach (byte b in all)
            Assert.Equal(BatchEnd.NeedMoreData, rig.Feed([b]));
        Assert.Equal(["a", "b", "b"], (await rig.Handler.MessagesAsync(3)).Select(m => m.Topic));
        Assert.Equal([PacketType.Subscribe, PacketType.PubComp], rig.Sent().Select(p => p.Type));
    }
}
