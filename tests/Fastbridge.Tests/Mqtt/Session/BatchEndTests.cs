using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Session;

namespace Fastbridge.Tests.Mqtt.Session;

/// <summary>The handler hears when what a read brought is worked through, however that ends: what it held back until then would wait for ever else.</summary>
public class BatchEndTests
{
    [Fact]
    public void every_read_ends_once_behind_its_last_message()
    {
        using InboundRig rig = InboundRig.Connected();
        rig.Handler.BatchEnds.Clear();
        rig.Feed(rig.Publish("a", 1, 1), rig.Publish("a", 1, 2), rig.Publish("a"));
        rig.Feed(rig.Publish("a", 1, 3)[..4]); // A part of one, and then the rest.
        rig.Feed(rig.Publish("a", 1, 3)[4..]);
        Assert.Equal([3, 3, 4], rig.Handler.BatchEnds);
    }

    [Fact]
    public void a_read_that_meets_no_room_or_a_violation_ends_too()
    {
        using InboundRig rig = InboundRig.Connected();
        rig.Handler.BatchEnds.Clear();
        rig.Handler.Decide = message => message.PacketId == 2 ? PublishOutcome.NoRoom : PublishOutcome.Taken;
        Assert.Equal(BatchEnd.NoRoom, rig.Feed(rig.Publish("a", 1, 1), rig.Publish("a", 1, 2), rig.Publish("a", 1, 3)));
        Assert.Equal([2], rig.Handler.BatchEnds);
        rig.Handler.Decide = _ => PublishOutcome.Taken;
        Assert.Equal(BatchEnd.Ended, rig.Feed([0x00, 0x00])); // Behind the two that wait: no packet of MQTT.
        Assert.Equal([2, 4], rig.Handler.BatchEnds);
    }

    [Fact]
    public void a_read_in_which_the_handler_fails_ends_too()
    {
        using InboundRig rig = InboundRig.Connected();
        rig.Handler.BatchEnds.Clear();
        rig.Handler.Decide = _ => throw new InvalidOperationException("a bug");
        Assert.Equal(BatchEnd.Ended, rig.Feed(rig.Publish("a", 1, 1), rig.Publish("a", 1, 2)));
        Assert.Single(rig.Handler.BatchEnds);
    }
}
