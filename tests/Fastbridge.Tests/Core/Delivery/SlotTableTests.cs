using Fastbridge.Core.Delivery;

namespace Fastbridge.Tests.Core.Delivery;

public class SlotTableTests
{
    [Fact]
    public void no_slot_is_given_out_twice_whatever_the_order_in_which_they_are_freed()
    {
        var random = new Random(3);
        var table = new SlotTable();
        var used = new List<int>();
        var taken = new HashSet<int>();
        var reserve = new int[64];
        for (int round = 0; round < 3_000; round++)
        {
            int reserved = table.Reserve(reserve);
            Assert.InRange(reserved, 1, reserve.Length);
            foreach (int slot in reserve[..reserved])
            {
                Assert.True(taken.Add(slot));
                Assert.False(table[slot].Taken);
                table[slot].Taken = true;
                used.Add(slot);
            }

            for (int free = random.Next(round % 200 < 100 ? 60 : 100); free > 0 && used.Count > 0; free--)
            {
                int at = random.Next(used.Count);
                table.Free(used[at]);
                Assert.True(taken.Remove(used[at]));
                used.RemoveAt(at);
            }

            Assert.All(used.Take(10), slot => Assert.True(table[slot].Taken));
        }

        used.ForEach(table.Free);
        Assert.DoesNotContain(Enumerable.Range(0, table.End), table.Has);
    }

    [Fact]
    public void a_page_lies_with_the_pool_when_all_of_its_slots_are_free_and_no_sooner()
    {
        var table = new SlotTable();
        var reserve = new int[64];
        Assert.Equal(64, table.Reserve(reserve));
        Assert.Equal(Enumerable.Range(0, 64), reserve.Order());
        for (int slot = 0; slot < 63; slot++)
            table.Free(slot);
        Assert.True(table.Has(5));
        table.Free(63);
        Assert.False(table.Has(5));
        Assert.False(table.Has(64));
        Assert.False(table.Has(-1));
    }

    [Fact]
    public void the_lowest_free_slots_go_first_so_that_the_pages_above_run_empty()
    {
        var table = new SlotTable();
        var reserve = new int[64];
        for (int page = 0; page < 100; page++)
            table.Reserve(reserve);
        for (int slot = 64; slot < 128; slot += 2)
            table.Free(slot);
        for (int slot = 6_000; slot < 6_400; slot++)
            table.Free(slot);
        Assert.Equal(32, table.Reserve(reserve));
        Assert.All(reserve[..32], slot => Assert.InRange(slot, 64, 127));
    }

    [Fact]
    public void a_reserve_of_few_free_slots_is_filled_from_the_next_page()
    {
        var table = new SlotTable();
        var reserve = new int[64];
        table.Reserve(reserve);
        table.Free(7);
        Assert.Equal(64, table.Reserve(reserve));
        Assert.Equal(Enumerable.Range(64, 63).Prepend(7), reserve.Order());
        Assert.Equal(1, table.Reserve(reserve.AsSpan(0, 1)));
        Assert.Equal(127, reserve[0]);
    }
}
