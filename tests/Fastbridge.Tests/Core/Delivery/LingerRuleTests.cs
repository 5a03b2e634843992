using Fastbridge.Core.Delivery;

namespace Fastbridge.Tests.Core.Delivery;

/// <summary>When records that linger are sent on: never late where the server waits, never early where it is only slow.</summary>
public class LingerRuleTests
{
    private readonly LingerRule _rule = new();

    [Fact]
    public void a_server_that_has_left_the_most_it_ever_does_waits()
    {
        Assert.True(Idle(20, taken: 20));
        Assert.False(Idle(3, taken: 23));
        Assert.True(Idle(20, taken: 40));
    }

    [Fact]
    public void what_was_not_sent_on_for_want_of_a_producer_is_still_to_be_sent_on()
    {
        Assert.True(_rule.OnIdle(20, taken: 20, nowMs: 1));
        Assert.True(_rule.OnIdle(20, taken: 21, nowMs: 2));
        _rule.Sent(21);
        Assert.False(_rule.OnIdle(20, taken: 21, nowMs: 3));
    }

    [Fact]
    public void a_few_records_wait_for_the_answer_to_those_on_their_way()
    {
        Assert.True(Idle(100, taken: 100));
        Assert.False(Idle(100, taken: 110));

        // The answer to the hundred brought ninety more.
        Assert.True(Idle(100, taken: 200));
    }

    [Theory]
    [InlineData(1_000, 500)]
    [InlineData(2_048, 1_024)]
    [InlineData(10_000, 1_024)] // What fills a request.
    public void half_of_what_the_server_leaves_or_a_request_is_sent_on_while_the_rest_comes_in(int window, int part)
    {
        Assert.True(Idle(window, taken: window));
        Assert.False(More(window, taken: window + part - 1));
        Assert.True(More(window, taken: window + part));
        Assert.False(More(window, taken: window + part + 1));
        Assert.False(Idle(window, taken: window + 2 * part - 1));
        Assert.True(Idle(window, taken: window + 2 * part));
    }

    [Theory]
    [InlineData(255, false)]
    [InlineData(256, true)]
    public void of_a_small_window_no_half_is_sent_on(int window, bool sent)
    {
        Assert.True(Idle(window, taken: window));
        Assert.Equal(sent, More(window, taken: window + window - 1));
    }

    [Fact]
    public void below_three_quarters_of_it_the_server_is_only_slow()
    {
        Assert.True(Idle(1_000, taken: 1_000));
        Assert.False(More(749, taken: 2_000));
        Assert.False(Idle(999, taken: 2_000));
        Assert.True(More(750, taken: 2_000));
    }

    [Fact]
    public void while_the_socket_never_empties_the_most_grows_all_the_same()
    {
        Assert.True(Idle(300, taken: 300));
        Assert.False(More(10_000, taken: 1_300));
        Assert.False(Idle(300, taken: 1_323));
    }

    [Theory]
    [InlineData(20_002)]
    [InlineData(500_000)]
    public void a_server_that_once_sent_a_whole_queue_is_not_waited_for_to_do_so_again(long later)
    {
        Assert.True(Idle(30_000, taken: 30_000));
        Assert.False(Idle(20, taken: 30_020, nowMs: 10_002));
        Assert.True(Idle(20, taken: 30_040, nowMs: later));
    }

    [Fact]
    public void what_was_long_ago_is_forgotten_at_once()
    {
        Assert.True(Idle(30_000, taken: 30_000));
        Assert.True(Idle(20, taken: 30_020, nowMs: 3_600_000));
    }

    [Fact]
    public void a_clock_that_is_set_back_forgets_and_does_not_stick()
    {
        Assert.True(Idle(30_000, taken: 30_000, nowMs: 1_000_000));
        _ = Idle(20, taken: 30_020, nowMs: 5);
        Assert.True(Idle(20, taken: 30_040, nowMs: 10_006));
    }

    [Fact]
    public void nobody_waits_at_qos_0_and_nothing_is_known_of_another_connection()
    {
        Assert.False(Idle(0, taken: 0));
        Assert.False(More(0, taken: 0));
        Assert.True(Idle(1_000, taken: 1_000));
        _rule.Reset();
        Assert.True(Idle(1, taken: 1_001));
    }

    private bool Idle(long unacknowledged, long taken, long nowMs = 1) => Obey(_rule.OnIdle(unacknowledged, taken, nowMs), taken);

    private bool More(long unacknowledged, long taken) => Obey(_rule.OnMore(unacknowledged, taken), taken);

    private bool Obey(bool send, long taken)
    {
        if (send)
            _rule.Sent(taken);
        return send;
    }
}
