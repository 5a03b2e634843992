using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Mqtt;
using Fastbridge.Tests.Mqtt.Client;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Delivery;

/// <summary>What all connectors may have in flight together.</summary>
public class InflightBudgetTests
{
    private const long Mebi = 1024 * 1024;
    private const int Record = 768;

    // As the window counts a record: its bytes, and 256 beside.
    private const long Counted = Record + 256;

    private readonly InflightBudget _budget = new();

    [Fact]
    public void one_alone_gets_its_whole_limit_and_the_default_by_default()
    {
        var window = Window();
        Fill(window);
        Assert.InRange(InFlight(window), 16 * Mebi - Counted, 16 * Mebi + Counted);
    }

    [Fact]
    public void a_larger_limit_makes_all_larger_until_it_goes()
    {
        var large = Window(64 * Mebi);
        Fill(large);
        Assert.InRange(InFlight(large), 64 * Mebi - 100 * Counted, 64 * Mebi + Counted);
        large.Close();
        Assert.Equal(0, _budget.Used);

        // Four, who would take their fill of a larger one.
        InflightWindow[] others = [Window(), Window(), Window(), Window()];
        FillInTurns(others);
        Assert.InRange(others.Sum(InFlight), 9 * Mebi, 10 * Mebi + 4 * Slack);
    }

    [Theory]
    [InlineData(2, 71)]
    [InlineData(4, 50)]
    [InlineData(9, 33)]
    [InlineData(25, 20)]
    [InlineData(100, 20)]
    public void many_share_alike_and_get_by_the_root_of_their_number_together(int count, int percent)
    {
        long together = Math.Max(InflightBudget.Least * percent / 100, count * InflightBudget.Floor);
        InflightWindow[] windows = [.. Enumerable.Range(0, count).Select(_ => Window())];
        FillInTurns(windows);
        Assert.InRange(windows.Sum(InFlight), together * 85 / 100, together + Math.Min(count, 25) * Slack);
        long least = windows.Min(InFlight), most = windows.Max(InFlight);
        Assert.True(most - least <= 2 * Slack, $"one has {least:N0} bytes, another {most:N0}");
    }

    [Theory]
    [InlineData(Record)]
    [InlineData(344)] // What is in flight and not told of yet is another part of it than above.
    public void beside_those_whose_kafka_takes_nothing_a_newcomer_gets_a_part_that_lets_it_work(int record)
    {
        var time = new ManualTime();
        var budget = new InflightBudget(time);
        InflightWindow[] stuck = [Window(of: budget), Window(of: budget), Window(of: budget)];
        foreach (InflightWindow window in stuck)
            Fill(window); // One after the other: the first takes its whole limit.
        var newcomer = Window(of: budget);
        List<int> slots = Fill(newcomer, record);
        Assert.InRange(InFlight(newcomer), InflightBudget.Floor, InflightBudget.Floor + Slack);
        for (int look = 0; look < 2; look++)
        {
            // Its own are settled all the while, and it goes on.
            Settle(newcomer, slots);
            Assert.True(newcomer.IsWorthALook);
            slots = Fill(newcomer, record);
            Assert.InRange(InFlight(newcomer), InflightBudget.Floor, InflightBudget.Floor + Slack);
            time.Advance(InflightBudget.Patience);
        }

        for (int round = 0; round < 3; round++)
        {
            slots.AddRange(Fill(newcomer, record));
            Assert.True(InFlight(newcomer) > 8 * InflightBudget.Floor, $"the newcomer got {InFlight(newcomer):N0} bytes");
            Assert.True(budget.Used <= InflightBudget.Least + 4 * (InflightBudget.Floor + Slack), $"{budget.Used:N0} bytes together");
            time.Advance(InflightBudget.Patience);
            Settle(newcomer, slots);
            slots.Clear();
        }

        // Their Kafka is there again: what is in flight together is as it should be, and stays so.
        foreach (InflightWindow window in stuck)
            window.Close();
        InflightWindow[] others = [Window(of: budget), Window(of: budget), Window(of: budget)];
        newcomer.Close();
        for (int look = 0; look < 9; look++) // The first still counts four.
        {
            List<int>[] taken = FillInTurns(others);
            time.Advance(InflightBudget.Patience);
            for (int i = 0; i < others.Length; i++)
                Settle(others[i], taken[i]);
            Assert.All(others, o => Assert.True(o.IsWorthALook));
        }

        Fill(others[0]); // More than two should have each; the other gets of what is left of four's, no more of the whole.
        Fill(others[1]);
        Assert.InRange(others.Sum(InFlight), 8 * Mebi, 10 * Mebi + 2 * Slack);
    }

    [Fact]
    public void the_most_that_were_active_at_once_count_for_a_second_or_two()
    {
        var time = new ManualTime();
        var budget = new InflightBudget(time);
        InflightWindow[] windows = [.. Enumerable.Range(0, 30).Select(_ => Window(of: budget))];
        List<int>[] slots = FillInTurns(windows);
        for (int i = 0; i < windows.Length; i++)
            Settle(windows[i], slots[i]);
        Assert.All(windows, w => Assert.True(w.IsWorthALook));

        // One at a time has its turn: it gets four fifths of what they get together.
        int tick = 0;
        for (; tick < 19; tick++)
        {
            Fill(windows[0]);
            Assert.InRange(InFlight(windows[0]), 3 * Mebi, 4 * Mebi);
            time.Advance(InflightBudget.Patience);
        }

        for (; tick < 41; tick++)
        {
            Fill(windows[0]);
            time.Advance(InflightBudget.Patience);
        }

        Fill(windows[0]);
        Assert.InRange(InFlight(windows[0]), 16 * Mebi - Counted, 16 * Mebi + Counted);
    }

    [Fact]
    public void whoever_was_refused_counts_while_it_waits_and_no_longer()
    {
        InflightWindow[] windows = [Window(), Window(), Window(), Window()];
        List<int>[] slots = FillInTurns(windows);
        Settle(windows[0], slots[0]); // It has nothing, and wants as much as before.
        Settle(windows[1], slots[1]);
        Fill(windows[1]);
        Assert.InRange(InFlight(windows[1]), 2 * Mebi, 3 * Mebi); // A fourth of what four get.
        Assert.True(windows[0].IsWorthALook);
        Fill(windows[1]);
        Assert.InRange(InFlight(windows[1]), 3 * Mebi, 5 * Mebi);
    }

    [Fact]
    public void what_kafka_has_makes_room_for_all()
    {
        var first = Window();
        List<int> slots = Fill(first);
        var second = Window();
        Fill(second);
        long before = InFlight(second);
        Settle(first, slots);
        Fill(second);
        Assert.True(InFlight(second) > 2 * before, $"{before:N0} bytes before, {InFlight(second):N0} after");
    }

    [Fact]
    public void what_is_told_and_settled_adds_up_whatever_is_taken_back_and_comes_late()
    {
        var window = Window();
        List<int> slots = Fill(window);
        for (int i = 0; i < 1_000; i++)
            window.Untake(window.Take(default, 0, 0, Record));
        Settle(window, slots.GetRange(0, slots.Count / 2));
        Assert.InRange(_budget.Used, InFlight(window) - Slack, InFlight(window) + Slack);

        // A connector ends with records in Kafka's hands, and their reports come after it.
        window.Close();
        Assert.Equal(0, _budget.Used);
        Settle(window, slots.GetRange(slots.Count / 2, slots.Count - slots.Count / 2));
        window.Close();
        Assert.Equal(0, _budget.Used);
    }

    [Fact]
    public void what_goes_from_the_disk_to_kafka_and_back_adds_up()
    {
        var window = Window();
        int[] slots = [.. Enumerable.Range(0, 100).Select(_ => window.TakeForBuffer(default, 0, 0, Record))];
        Assert.Equal(0, _budget.Used);
        foreach (int slot in slots)
            window.MoveToFlight(slot, ordered: true);
        Assert.Equal(100 * Counted, _budget.Used);
        window.MoveToBuffer(slots[0]);
        Assert.Equal(99 * Counted, _budget.Used);
        window.MoveToFlight(slots[0], ordered: true);
        Settle(window, [.. slots]);
        Assert.Equal(0, _budget.Used);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_connector_whose_own_records_kafka_does_not_settle_is_woken_when_others_give_room(bool gone)
    {
        await using var bench = new DeliveryBench(budget: _budget);
        int taken = 0;
        void Take(int count)
        {
            for (; count > 0 && bench.Publish($"{taken}", (ushort)(taken + 1)).Outcome is PublishOutcome.Taken; count--)
                taken++;
        }

        Take(1_000); // Some 256 KiB, of a partition without a leader.
        var other = Window();
        List<int> slots = Fill(other);
        Take(60_000);
        Assert.True(taken < 60_000);
        ValueTask room = bench.Delivery.WaitForRoomAsync(TestContext.Current.CancellationToken);
        Assert.False(room.IsCompleted);
        if (gone)
            other.Close();
        else
            Settle(other, slots);
        await room.AsTask().Guarded();
        Assert.Equal(PublishOutcome.Taken, bench.Publish("more", 65_001).Outcome);
    }

    [Fact]
    public async Task a_connector_that_was_refused_is_woken_by_its_own_reports()
    {
        var other = Window();
        Fill(other);
        await using var bench = new DeliveryBench(budget: _budget);
        int taken = 0;
        while (bench.Publish($"{taken}", (ushort)(taken % 65_000 + 1)).Outcome is PublishOutcome.Taken)
            taken++;
        Assert.InRange(taken, (int)(InflightBudget.Floor / 320), 30_000); // Its own limit would be 65,535 messages.
        ValueTask room = bench.Delivery.WaitForRoomAsync(TestContext.Current.CancellationToken);
        Assert.False(room.IsCompleted);
        bench.Deliver([.. Enumerable.Range(0, taken).Select(i => $"{i}")]);
        await room.AsTask().Guarded();
        Assert.Equal(PublishOutcome.Taken, bench.Publish("more", 65_001).Outcome);
        await bench.Delivery.DisposeAsync();
        Assert.InRange(_budget.Used, InFlight(other) - Slack, InFlight(other) + Slack);
    }

    [Fact]
    public async Task for_little_nobody_is_woken_at_once_for_half_of_what_it_has_it_is()
    {
        var time = new ManualTime();
        var budget = new InflightBudget(time);
        var other = Window(8 * Mebi, budget);
        Fill(other);
        await using var bench = new DeliveryBench(budget: budget);
        int taken = 0;
        while (bench.Publish($"{taken}", (ushort)(taken % 65_000 + 1)).Outcome is PublishOutcome.Taken)
            taken++;

        bench.Deliver([.. Enumerable.Range(0, 100).Select(i => $"{i}")]);
        Task room = bench.Delivery.WaitForRoomAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(room.IsCompleted); // Told of before, a wait ends at once.
        time.Advance(TimeSpan.FromMilliseconds(50)); // Perhaps nothing more comes.
        await room.Guarded();

        int more = taken;
        while (bench.Publish($"{more}", (ushort)(more % 65_000 + 1)).Outcome is PublishOutcome.Taken)
            more++;
        Assert.InRange(more - taken, 1, 200);
        bench.Deliver([.. Enumerable.Range(100, taken * 3 / 4).Select(i => $"{i}")]);
        room = bench.Delivery.WaitForRoomAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.True(room.IsCompleted);
    }

    [Fact]
    public void a_refused_window_is_worth_a_look_when_half_of_it_is_settled()
    {
        var other = Window(8 * Mebi);
        Fill(other);
        var window = Window();
        List<int> slots = Fill(window);
        Settle(window, slots.GetRange(0, slots.Count / 10));
        Assert.False(window.IsWorthALook);
        Settle(window, slots.GetRange(slots.Count / 10, slots.Count / 2));
        Assert.True(window.IsWorthALook);
    }

    [Fact]
    public void the_disk_is_left_only_for_room_that_the_bridge_has_as_well()
    {
        var window = Window();
        while (InFlight(window) < 4 * Mebi)
            _ = window.Take(default, 0, 0, Record);
        Assert.True(window.IsHalfEmpty);
        var other = Window();
        List<int> slots = Fill(other);
        Assert.False(window.IsHalfEmpty);
        Settle(other, slots);
        Assert.True(other.IsWorthALook); // Its reader looks, and has nothing to take.
        Assert.True(window.IsHalfEmpty);
    }

    [Fact]
    public async Task a_connector_with_half_of_all_in_flight_is_woken_though_twice_as_much_will_never_be_allowed()
    {
        var time = new ManualTime();
        var budget = new InflightBudget(time);
        await using var bench = new DeliveryBench(budget: budget);
        int taken = 0;
        while (bench.Delivery.InFlightBytes + bench.Delivery.InFlight * 256 < 11 * Mebi)
            Assert.Equal(PublishOutcome.Taken, bench.Publish($"{taken}", (ushort)(taken++ % 65_000 + 1)).Outcome); // Of a partition without a leader.

        var other = Window(of: budget);
        List<int> slots = Fill(other);
        Assert.Equal(PublishOutcome.NoRoom, bench.Publish("refused", 65_001).Outcome);
        Settle(other, slots);
        Assert.True(other.IsWorthALook);
        Task room = bench.Delivery.WaitForRoomAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(room.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(50));
        await room.Guarded();
        Assert.Equal(PublishOutcome.Taken, bench.Publish("refused", 65_001).Outcome);
    }

    // What one window has not told of yet, and the record that passes a bound.
    private static long Slack => 16 * 1024 + Counted;

    private static long InFlight(InflightWindow window) => window.Bytes + window.Messages * 256;

    private InflightWindow Window(long limit = 16 * Mebi, InflightBudget? of = null) =>
        new(new WindowConfig { MaxBytes = limit, MaxMessages = 131_000 }, () => default, null, (of ?? _budget).Join(limit, () => { }));

    private static List<int> Fill(InflightWindow window, int record = Record)
    {
        List<int> slots = [];
        while (window.HasRoom)
            slots.Add(window.Take(default, 0, 0, record));
        return slots;
    }

    private static List<int>[] FillInTurns(InflightWindow[] windows)
    {
        List<int>[] slots = [.. windows.Select(_ => new List<int>())];
        for (bool any = true; any;)
        {
            any = false;
            for (int i = 0; i < windows.Length; i++)
            {
                if (!windows[i].HasRoom)
                    continue;
                any = true;
                slots[i].Add(windows[i].Take(default, 0, 0, Record));
            }
        }

        return slots;
    }

    private static void Settle(InflightWindow window, List<int> slots)
    {
        var acks = new Receipt[64];
        foreach (int[] batch in slots.Chunk(64))
            Assert.Equal(0, window.Complete(batch, acks, reported: true));
    }
}
