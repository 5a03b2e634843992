using Fastbridge.Mqtt.Session;

namespace Fastbridge.Tests.Mqtt.Session;

/// <summary>Keep alive [3.1.2.10]: 60 s, and a patience of 30 s.</summary>
public class KeepAliveTests
{
    private readonly KeepAlive _keepAlive = new(60, now: 0);

    [Fact]
    public void pingreq_is_due_when_nothing_was_sent_for_the_interval_however_much_arrives() // [MQTT-3.1.2-20]
    {
        for (int now = 0; now < 60_000; now += 1_000)
            _keepAlive.Received(now);
        Assert.Equal(KeepAliveVerdict.Ping, _keepAlive.Look(60_000, lastSent: 0));
    }

    [Fact]
    public void no_pingreq_while_packets_are_sent()
    {
        Assert.Equal(KeepAliveVerdict.Fine, _keepAlive.Look(60_000, lastSent: 20_000));
        Assert.Equal(80_000, _keepAlive.Due);
    }

    [Fact]
    public void a_pingreq_without_any_answer_means_a_dead_link()
    {
        _keepAlive.Look(60_000, lastSent: 0);
        Assert.Equal(90_000, _keepAlive.Due);
        Assert.Equal(KeepAliveVerdict.Dead, _keepAlive.Look(90_000, lastSent: 60_000));
    }

    [Fact]
    public void any_byte_after_the_pingreq_is_life_for_the_pingresp_may_be_queued_behind_data()
    {
        _keepAlive.Look(60_000, lastSent: 0);
        _keepAlive.Received(85_000);
        Assert.Equal(KeepAliveVerdict.Fine, _keepAlive.Look(90_000, lastSent: 60_000));
        Assert.Equal(KeepAliveVerdict.Ping, _keepAlive.Look(120_000, lastSent: 60_000));
        Assert.Equal(KeepAliveVerdict.Dead, _keepAlive.Look(150_000, lastSent: 120_000));
    }

    [Fact]
    public void there_is_no_verdict_while_we_do_not_read_and_pings_go_on()
    {
        _keepAlive.StopReading();
        Assert.Equal(KeepAliveVerdict.Ping, _keepAlive.Look(60_000, lastSent: 0));
        Assert.Equal(120_000, _keepAlive.Due);
        Assert.Equal(KeepAliveVerdict.Ping, _keepAlive.Look(120_000, lastSent: 60_000));
        Assert.Equal(KeepAliveVerdict.Ping, _keepAlive.Look(180_000, lastSent: 120_000));
        _keepAlive.StartReading(200_000);
        Assert.Equal(KeepAliveVerdict.Fine, _keepAlive.Look(200_500, lastSent: 180_000));
        Assert.Equal(KeepAliveVerdict.Dead, _keepAlive.Look(230_000, lastSent: 180_000));
    }

    [Fact]
    public void after_a_freeze_there_is_time_to_read_what_came_meanwhile()
    {
        _keepAlive.Look(60_000, lastSent: 0);
        Assert.Equal(KeepAliveVerdict.Ping, _keepAlive.Look(500_000, lastSent: 60_000));
        Assert.Equal(KeepAliveVerdict.Fine, _keepAlive.Look(501_000, lastSent: 500_000));
        Assert.Equal(KeepAliveVerdict.Dead, _keepAlive.Look(_keepAlive.Due, lastSent: 500_000));
    }

    [Fact]
    public void zero_is_off()
    {
        KeepAlive off = new(0, now: 0);
        Assert.Equal(KeepAliveVerdict.Fine, off.Look(1_000_000_000, lastSent: 0));
        Assert.Equal(long.MaxValue, off.Due);
    }

    [Fact]
    public void a_short_interval_still_has_five_seconds_of_patience() => Assert.Equal(5_000, new KeepAlive(1, now: 0).Patience);
}
