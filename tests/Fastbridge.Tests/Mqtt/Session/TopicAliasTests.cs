using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Session;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Session;

/// <summary>Topic aliases from the server [3.3.2.3.4].</summary>
public class TopicAliasTests
{
    private static byte[] Alias(ushort alias) => ServerPackets.UInt16Property(0x23, alias);

    [Fact]
    public async Task an_alias_stands_for_its_topic_and_a_remap_is_legal()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(rig.Publish("a/long/topic", 0, 0, false, Alias(1)), rig.Publish("", 0, 0, false, Alias(1)));
        rig.Feed(rig.Publish("b", 0, 0, false, Alias(1)), rig.Publish("", 0, 0, false, Alias(1)), rig.Publish("c/even/longer/topic", 0, 0, false, Alias(1)));
        rig.Feed(rig.Publish("", 0, 0, false, Alias(1)));
        Assert.Equal(
            ["a/long/topic", "a/long/topic", "b", "b", "c/even/longer/topic", "c/even/longer/topic"],
            (await rig.Handler.MessagesAsync(6)).Select(m => m.Topic));
    }

    [Fact]
    [Fault(16)]
    public async Task a_storm_of_aliases_and_remaps_gives_every_topic_right()
    {
        InboundRig rig = InboundRig.Connected();
        Random random = new(16);
        Dictionary<ushort, string> map = [];
        List<string> expected = [];
        for (int i = 0; i < 20_000; i++)
        {
            ushort alias = (ushort)random.Next(1, 1_025);
            string topic = $"fleet/{random.Next(50)}/{new string('x', random.Next(40))}";
            bool known = map.TryGetValue(alias, out string? before) && random.Next(3) > 0;
            if (!known)
                map[alias] = topic;
            expected.Add(known ? before! : topic);
            Assert.Equal(BatchEnd.NeedMoreData, rig.Feed(rig.Publish(known ? "" : topic, 0, 0, false, Alias(alias))));
        }

        Assert.Equal(expected, (await rig.Handler.MessagesAsync(20_000)).Select(m => m.Topic));
    }

    [Fact]
    public void above_our_maximum_it_is_0x94() // [MQTT-3.1.2-26]
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(rig.Publish("a", 0, 0, false, Alias(1_025)));
        Assert.Equal(ReasonCode.TopicAliasInvalid, rig.End!.Violation!.Rule.Code);
    }

    [Fact]
    public void zero_is_0x94() // [MQTT-3.3.2-8]
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(rig.Publish("a", 0, 0, false, Alias(0)));
        Assert.Equal(ReasonCode.TopicAliasInvalid, rig.End!.Violation!.Rule.Code);
    }

    [Fact]
    public void unknown_with_an_empty_topic_it_is_0x82()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(rig.Publish("", 0, 0, false, Alias(3)));
        Assert.Equal(ReasonCode.ProtocolError, rig.End!.Violation!.Rule.Code);
    }

    [Fact]
    public void it_ends_with_the_connection() // [MQTT-3.3.2-7]
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(rig.Publish("a", 0, 0, false, Alias(1)));
        rig.Reconnect();
        rig.Feed(rig.Publish("", 0, 0, false, Alias(1)));
        Assert.Equal(ReasonCode.ProtocolError, rig.End!.Violation!.Rule.Code);
    }

    [Fact]
    public async Task one_that_met_no_room_is_offered_again_with_its_topic()
    {
        InboundRig rig = InboundRig.Connected();
        rig.Feed(rig.Publish("a", 0, 0, false, Alias(1)));
        rig.Handler.Decide = _ => Fastbridge.Mqtt.PublishOutcome.NoRoom;
        Assert.Equal(BatchEnd.NoRoom, rig.Feed(rig.Publish("", 0, 0, false, Alias(1))));
        rig.Handler.Decide = _ => Fastbridge.Mqtt.PublishOutcome.Taken;
        rig.Feed();
        Assert.Equal(["a", "a"], (await rig.Handler.MessagesAsync(2)).Select(m => m.Topic));
    }

    [Fact]
    public void the_table_is_bounded_in_bytes()
    {
        TopicAliases aliases = new(65_535);
        ProtocolViolation? violation = null;
        byte[] topic = new byte[65_535];
        int set = 0;
        for (ushort alias = 1; violation is null && alias < 1_000; alias++, set++)
        {
            topic[0] = (byte)alias;
            ReadOnlySpan<byte> span = topic;
            violation = aliases.Resolve(alias, ref span);
        }

        Assert.Equal(ReasonCode.QuotaExceeded, violation!.Rule.Code);
        Assert.Equal(TopicAliases.MostBytes / 65_535, set - 1);
    }
}
