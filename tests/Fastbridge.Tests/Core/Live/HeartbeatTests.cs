using Fastbridge.Core.Live;
using Fastbridge.Tests.Mqtt.Client;

namespace Fastbridge.Tests.Core.Live;

/// <summary>Who is taken for dead or stuck, and who is not; and who is silent.</summary>
public class HeartbeatTests
{
    [Fact]
    public void who_works_without_a_beat_for_sixty_looks_is_stuck_and_one_beat_mends_it()
    {
        var heart = new Heartbeat("the drain");
        var watch = new HeartbeatWatch();
        heart.Beat();
        Assert.All(Enumerable.Range(0, HeartbeatWatch.MostLooks), _ => Assert.Null(watch.Look([heart])));
        Assert.Equal("the drain has not come back for 60 s", watch.Look([heart]));
        heart.Beat();
        Assert.Null(watch.Look([heart]));
    }

    [Fact]
    public void who_rests_may_do_so_for_ever_and_so_may_who_never_began()
    {
        var resting = new Heartbeat("a");
        resting.Beat();
        resting.Rest();
        var watch = new HeartbeatWatch();
        Assert.All(Enumerable.Range(0, 500), _ => Assert.Null(watch.Look([resting, new Heartbeat("b")])));
    }

    [Fact]
    public void who_ended_by_a_fault_is_named_at_the_first_look()
    {
        var heart = new Heartbeat("the delivery thread of Kafka h:1");
        heart.Fail(new InvalidOperationException("two\nlines"));
        Assert.Equal("the delivery thread of Kafka h:1 has ended (InvalidOperationException: two lines)", new HeartbeatWatch().Look([heart]));
    }

    [Fact]
    public void who_is_gone_from_the_list_is_forgotten()
    {
        var heart = new Heartbeat("a");
        heart.Beat();
        var watch = new HeartbeatWatch();
        for (int i = 0; i <= HeartbeatWatch.MostLooks; i++) watch.Look([heart]);
        Assert.Null(watch.Look([]));
        Assert.Null(watch.Look([heart]));
    }

    [Fact]
    public void silence_is_said_once_grows_in_the_status_and_ends_with_a_message()
    {
        var time = new ManualTime();
        var silence = new SilenceWatch(time);
        TimeSpan within = TimeSpan.FromSeconds(60);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Null(silence.Sample(0, within));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.StartsWith("no message for 60 s; expect_message_within is 60 s", silence.Sample(0, within), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(1940));
        Assert.Null(silence.Sample(0, within));
        Assert.StartsWith("no message for 2,000 s", silence.Warning, StringComparison.Ordinal);
        Assert.Equal("a message came again after 2,000 s of silence", silence.Sample(1, within));
        Assert.Equal("", silence.Warning);
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.NotNull(silence.Sample(1, within));
    }

    [Fact]
    public void an_edit_that_expects_no_more_or_allows_more_ends_the_warning_and_without_one_nothing_is_ever_said()
    {
        var time = new ManualTime();
        var silence = new SilenceWatch(time);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Null(silence.Sample(0, null));
        Assert.NotNull(silence.Sample(0, TimeSpan.FromMinutes(1)));
        Assert.Contains("7,200", silence.Sample(0, TimeSpan.FromHours(2)), StringComparison.Ordinal);
        Assert.NotNull(silence.Sample(0, TimeSpan.FromMinutes(1)));
        Assert.NotNull(silence.Sample(0, null));
        Assert.Equal("", silence.Warning);
    }
}
