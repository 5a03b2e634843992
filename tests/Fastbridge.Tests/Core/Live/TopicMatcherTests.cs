using System.Text;
using Fastbridge.Core.Live;
using Fastbridge.Tests.Mqtt.Client;

namespace Fastbridge.Tests.Core.Live;

/// <summary>Topic filters against topics [4.7].</summary>
public class TopicMatcherTests
{
    [Theory]
    // The specification's own examples [4.7.1.2] [4.7.1.3] [4.7.2].
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/ranking", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("#", "a/b", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("#", "$SYS/x", false)]
    [InlineData("+/monitor/Clients", "$SYS/monitor/Clients", false)]
    [InlineData("$SYS/#", "$SYS/x", true)]
    [InlineData("$SYS/monitor/+", "$SYS/monitor/Clients", true)]
    [InlineData("$share/group/a/+", "a/b", true)]
    [InlineData("$share/group/a/+", "$share/group/a/b", false)]
    [InlineData("$share/g//x", "/x", true)]
    [InlineData("a", "a", true)]
    [InlineData("a", "A", false)]
    [InlineData("a", "a/", false)]
    [InlineData("a/", "a", false)]
    [InlineData("a/b", "a", false)]
    [InlineData("a", "a/b", false)]
    [InlineData("a/+/c", "a//c", true)]
    [InlineData("+/#", "a", true)]
    [InlineData("ä/+", "ä/ö", true)]
    public void a_filter_matches_as_the_specification_says(string filter, string topic, bool matches) =>
        Assert.Equal(matches, new TopicMatcher([filter]).Matches(Encoding.UTF8.GetBytes(topic)));

    [Fact]
    public void any_of_the_filters_is_enough_and_none_matches_nothing()
    {
        Assert.True(new TopicMatcher(["x", "a/#"]).Matches("a/b"u8));
        Assert.False(new TopicMatcher([]).Matches("a/b"u8));
    }

    [Fact]
    public void looking_for_strays_allocates_nothing()
    {
        var watch = new StrayWatch(["a/+/c", "$share/g/d/#"], TimeProvider.System);
        int strays = Strays(watch);
        long before = GC.GetAllocatedBytesForCurrentThread();
        strays += Strays(watch);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * 1024); // 2,000 messages; the runtime's own is not ours.
        Assert.Equal(2000, strays);

        static int Strays(StrayWatch watch)
        {
            int count = 0;
            for (int i = 0; i < 1000; i++)
                count += (watch.IsStray("a/b/c"u8, out _) ? 1 : 0) + (watch.IsStray("other/topic"u8, out _) ? 1 : 0);
            return count;
        }
    }

    [Fact]
    public void a_watch_is_over_a_minute_after_the_confirmation_and_the_last_stray()
    {
        var time = new ManualTime();
        var watch = new StrayWatch(["a"], time);
        time.Advance(TimeSpan.FromHours(1));
        Assert.False(watch.IsOver(), "not confirmed");
        watch.Confirm();
        time.Advance(TimeSpan.FromSeconds(50));
        Assert.True(watch.IsStray("b"u8, out bool first) && first);
        time.Advance(TimeSpan.FromSeconds(50));
        Assert.False(watch.IsOver(), "a stray came 50 s ago");
        Assert.True(watch.IsStray("b"u8, out first) && !first);
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.True(watch.IsOver());
    }
}
