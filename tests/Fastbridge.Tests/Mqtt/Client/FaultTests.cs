using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;
using static Fastbridge.Tests.Support.ServerPackets;

namespace Fastbridge.Tests.Mqtt.Client;

/// <summary>What a server can do wrong, on a real socket.</summary>
public class FaultTests : ClientTest
{
    public static TheoryData<string, byte> Malformed => new()
    {
        { "36050001610001", 0x81 }, // QoS 3 [MQTT-3.3.1-4]
        { "3003000000", 0x82 }, // empty topic, no alias [MQTT-4.7.3-1]
        { "3005000123006100", 0x81 }, // wildcard in a topic [MQTT-3.3.2-2]
        { "30FFFFFFFF7F", 0x81 }, // a length of five bytes [1.5.5]
        { "3205000161000000", 0x82 }, // packet identifier 0 [MQTT-2.2.1-4]
        { "30060001610302FFFF", 0x81 }, // properties overrun [2.2.2.1]
        { "D101", 0x81 }, // reserved flags [MQTT-2.1.3-1]
        { "C000", 0x82 }, // PINGREQ from a server
        { "3006000161022300", 0x81 }, // a property cut short
    };

    [Theory]
    [Fault(13)]
    [MemberData(nameof(Malformed))]
    public async Task a_malformed_packet_gets_its_disconnect_and_a_new_connection(string hex, byte code)
    {
        ScriptedBroker broker = Broker();
        Start(broker);
        ScriptedLink link = await broker.AcceptAsync();
        await link.SendAsync(Convert.FromHexString(hex));
        Assert.Equal(code, ServerCodec.DecodeDisconnect(await link.ReadAsync(PacketType.Disconnect)).Code);
        Assert.True(await link.ReadToEndAsync(), "reset instead of an orderly end");
        await link.DisposeAsync();
        await broker.AcceptAsync();
        Assert.Contains("broke the protocol", (await Handler.EventAsync<MqttEvent.Lost>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    [Fault(13)]
    public async Task in_311_a_malformed_packet_just_closes()
    {
        ScriptedBroker broker = Broker(MqttVersion.V311);
        Start(broker);
        ScriptedLink link = await broker.AcceptAsync();
        await link.SendAsync([0x36, 0x05, 0, 1, 0x61, 0, 1]);
        await Assert.ThrowsAsync<EndOfStreamException>(() => link.ReadAsync());
        await broker.AcceptAsync();
    }

    [Theory]
    [InlineData("485454502F312E3120343030204261642052657175657374", "this is an HTTP server; MQTT is usually on 1883, with TLS on 8883")]
    [InlineData("15030100020246", "this port speaks TLS; use mqtts://")]
    [InlineData("160303003A", "this port speaks TLS; use mqtts://")]
    public async Task another_protocol_on_the_port_is_named(string hex, string what)
    {
        ScriptedBroker broker = Broker();
        Start(broker);
        ScriptedLink link = await broker.AcceptRawAsync();
        await link.ReadAsync();
        await link.SendAsync(Convert.FromHexString(hex));
        Assert.EndsWith(": " + what, (await Handler.EventAsync<MqttEvent.Lost>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task the_same_violation_three_times_running_is_said()
    {
        ScriptedBroker broker = Broker();
        Start(broker);
        for (int i = 0; i < 3; i++)
        {
            ScriptedLink link = await broker.AcceptAsync();
            await link.SendAsync([0x36, 0x05, 0, 1, 0x61, 0, 1]);
            await link.ReadToEndAsync();
            await link.DisposeAsync();
        }

        MqttEvent.Warned warned = await Handler.EventAsync<MqttEvent.Warned>();
        Assert.Contains("3 times running", warned.Text, StringComparison.Ordinal);
        Assert.Contains("MQTT-3.3.1-4", warned.Text, StringComparison.Ordinal);
    }

    [Fact]
    [Fault(15)]
    public async Task receive_maximum_exceeded_is_0x93() // [MQTT-3.3.4-9]
    {
        ScriptedBroker broker = Broker();
        Start(broker, o => o with { ReceiveMaximum = 3, ReceiveMaximumTolerance = 0 });
        ScriptedLink link = await broker.AcceptAsync();
        for (ushort id = 1; id <= 4; id++)
            await link.SendAsync(Publish(MqttVersion.V5, "a", [], 1, id));
        Assert.Equal(0x93, ServerCodec.DecodeDisconnect(await link.ReadAsync()).Code);
    }

    [Fact]
    [Fault(11)]
    public async Task a_session_taken_over_is_said_and_waited_for()
    {
        ScriptedBroker broker = Broker();
        Start(broker, o => o with { ReconnectDelayMax = TimeSpan.FromSeconds(5) });
        ScriptedLink link = await broker.AcceptAsync();
        await link.SendAsync(Disconnect(0x8E));
        MqttEvent.Lost lost = await Handler.EventAsync<MqttEvent.Lost>();
        Assert.Contains("same client identifier", lost.Reason, StringComparison.Ordinal);
        Assert.InRange(lost.RetryIn.TotalSeconds, 2.5, 5);
    }

    [Fact]
    [Fault(7)]
    public async Task a_reset_inside_a_packet_leaves_nothing_behind()
    {
        ScriptedBroker broker = Broker();
        MqttClient client = Start(broker);
        ScriptedLink link = await broker.AcceptAsync();
        byte[] whole = Publish(MqttVersion.V5, "a", "whole"u8.ToArray(), 1, 1);
        await link.SendAsync(whole[..7]);
        link.Reset();
        link = await broker.AcceptAsync(sessionPresent: true);
        await link.SendAsync(whole);
        ReceivedMessage message = await Handler.MessageAsync();
        Assert.Equal("whole", message.Text);
        client.Acknowledge(message.Receipt);
        Assert.Equal([(PacketType.PubAck, (ushort)1)], await link.ReadAcksAsync(1));
    }

    [Fact]
    [Fault(8)]
    public async Task a_whole_conversation_in_one_byte_segments()
    {
        ScriptedBroker broker = Broker();
        MqttClient client = Start(broker);
        ScriptedLink link = await broker.AcceptRawAsync();
        await link.ReadAsync(PacketType.Connect);
        byte[] all = [.. ServerPackets.ConnAck(MqttVersion.V5), .. Publish(MqttVersion.V5, "a", new byte[200], 1, 1), .. Publish(MqttVersion.V5, "b", [1], 2, 2)];
        foreach (byte b in all)
            await link.SendAsync([b]);
        ReceivedMessage[] m = await Handler.MessagesAsync(2);
        client.Acknowledge([m[1].Receipt, m[0].Receipt]);
        Assert.Equal([(PacketType.PubAck, (ushort)1), (PacketType.PubRec, (ushort)2)], await link.ReadAcksAsync(2));
    }

    [Fact]
    public async Task a_refused_connection_reads_as_a_sentence_and_is_repeated_as_such()
    {
        int port = Ports.Free();
        Start(OptionsFor(port));
        MqttEvent.Lost first = await Handler.EventAsync<MqttEvent.Lost>();
        Assert.Equal($"mqtt://127.0.0.1:{port}: connection refused; is the broker running there?", first.Reason);
        Assert.False(first.Repeated);
        Assert.False(first.WasConnected);
        Assert.True((await Handler.EventAsync<MqttEvent.Lost>()).Repeated);
    }

    [Fact]
    public async Task a_host_that_does_not_exist_is_named()
    {
        Start(OptionsFor(1883) with { Host = "no-such-host.invalid" });
        Assert.Matches("no such host name|name server", (await Handler.EventAsync<MqttEvent.Lost>()).Reason);
    }

    [Fact]
    public async Task a_server_that_does_not_answer_connect_is_left_after_the_time_out()
    {
        ScriptedBroker broker = Broker();
        ManualTime time = new();
        Start(OptionsFor(broker.Port) with { ConnectTimeout = TimeSpan.FromSeconds(10) }, time);
        ScriptedLink link = await broker.AcceptRawAsync();
        await link.ReadAsync(PacketType.Connect);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Contains("no CONNACK within 10 s", (await Handler.EventAsync<MqttEvent.Lost>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task the_reason_of_a_disconnect_is_told_though_our_writes_fail()
    {
        ScriptedBroker broker = Broker();
        MqttClient client = Start(broker);
        ScriptedLink link = await broker.AcceptAsync();
        await client.WaitForConnectedAsync(TestContext.Current.CancellationToken).Guarded();
        await link.SendAsync(Disconnect(0x8B));
        await link.DisposeAsync();
        MqttEvent.Lost lost = await Handler.EventAsync<MqttEvent.Lost>();
        Assert.Contains("shutting down", lost.Reason, StringComparison.Ordinal);
        Assert.True(lost.WasConnected);
    }

    [Fact]
    public async Task an_application_that_throws_loses_the_connection_and_not_the_process()
    {
        ScriptedBroker broker = Broker();
        Handler.Decide = _ => throw new InvalidOperationException("boom");
        Start(broker);
        ScriptedLink link = await broker.AcceptAsync();
        await link.SendAsync(Publish(MqttVersion.V5, "a", [], 1, 1));
        Assert.Contains("boom", (await Handler.EventAsync<MqttEvent.Lost>()).Reason, StringComparison.Ordinal);
        Handler.Decide = _ => PublishOutcome.Taken;
        link = await broker.AcceptAsync(sessionPresent: true);
        await link.SendAsync(Publish(MqttVersion.V5, "a", [], 1, 1, false, true));
        await Handler.MessageAsync();
    }
}
