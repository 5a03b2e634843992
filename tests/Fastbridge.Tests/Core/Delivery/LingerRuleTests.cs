using Fastbridge.Core.Delivery;

namespace Fastbridge.Tests.Core.Delivery;

/// <summary>When records that linger are sent on: never late where the server waits, never early where it is only slow.</summary>
public class LingerRuleTests
{
    private readonly LingerRule _rule = new();

    [Fact]
    public void a_server_that_has_left_the_most_it_ever_does_waits()
    {
        Assert.True(_rule.OnIdle(20, unsettled: 20, taken: 20, nowMs: 1));
        Assert.False(_rule.OnIdle(3, unsettled: 3, taken: 23, nowMs: 2));
        Assert.True(_rule.OnIdle(20, unsettled: 20, taken: 40, nowMs: 3));
    }

    /// <summary>Kafka has all but the oldest, which lingers; as acks leave in order the server waits for that one.</summary>
    [Fact]
    public void what_counts_is_the_servers_count_and_not_what_kafka_has_yet_to_answer()
    {
        Assert.True(_rule.OnIdle(1_000, unsettled: 1_000, taken: 1_000, nowMs: 1));
        Assert.True(_rule.OnIdle(1_000, unsettled: 250, taken: 1_250, nowMs: 2));
    }

    [Fact]
    public void a_few_records_wait_for_the_answer_to_those_on_their_way()
    {
        Assert.True(_rule.OnIdle(100, unsettled: 100, taken: 100, nowMs: 1));
        Assert.False(_rule.OnIdle(100, unsettled: 100, taken: 110, nowMs: 2));

        // The answer to the hundred brought ninety more.
        Assert.True(_rule.OnIdle(100, unsettled: 100, taken: 200, nowMs: 3));
    }

    [Fact]
    public void half_of_what_the_server_leaves_is_sent_on_while_the_rest_comes_in()
    {
        Assert.True(_rule.OnIdle(1_000, unsettled: 1_000, taken: 1_000, nowMs: 1));
        Assert.False(_rule.OnMore(1_000, taken: 1_499));
        Assert.True(_rule.OnMore(1_000, taken: 1_500));
        Assert.False(_rule.OnMore(1_000, taken: 1_501));
    }

    [Fact]
    public void below_three_quarters_of_it_the_server_is_only_slow()
    {
        Assert.True(_rule.OnIdle(1_000, unsettled: 1_000, taken: 1_000, nowMs: 1));
        Assert.False(_rule.OnMore(749, taken: 2_000));
        Assert.False(_rule.OnIdle(749, unsettled: 749, taken: 2_000, nowMs: 2));
        Assert.True(_rule.OnMore(750, taken: 2_000));
    }

    [Theory]
    [InlineData(20_002)]
    [InlineData(500_000)]
    public void a_server_that_once_sent_a_whole_queue_is_not_waited_for_to_do_so_again(long later)
    {
        Assert.True(_rule.OnIdle(30_000, unsettled: 30_000, taken: 30_000, nowMs: 1));
        Assert.False(_rule.OnIdle(20, unsettled: 20, taken: 30_020, nowMs: 10_002));
        Assert.True(_rule.OnIdle(20, unsettled: 20, taken: 30_040, nowMs: later));
    }

    [Fact]
    public void a_clock_that_is_set_back_forgets_and_does_not_stick()
    {
        Assert.True(_rule.OnIdle(30_000, unsettled: 30_000, taken: 30_000, nowMs: 1_000_000));
        _ = _rule.OnIdle(20, unsettled: 20, taken: 30_020, nowMs: 5);
        Assert.True(_rule.OnIdle(20, unsettled: 20, taken: 30_040, nowMs: 10_006));
    }

    [Fact]
    public void nobody_waits_at_qos_0_and_nothing_is_known_of_another_connection()
    {
        Assert.False(_rule.OnIdle(0, unsettled: 5_000, taken: 5_000, nowMs: 1));
        Assert.False(_rule.OnMore(0, taken: 10_000));
        Assert.True(_rule.OnIdle(1_000, unsettled: 6_000, taken: 11_000, nowMs: 2));
        _rule.Reset();
        Assert.True(_rule.OnIdle(1, unsettled: 1, taken: 11_001, nowMs: 3));
    }
}
