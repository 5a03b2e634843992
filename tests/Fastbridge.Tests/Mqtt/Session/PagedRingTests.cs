namespace Fastbridge.Tests.Mqtt.Session;

public class PagedRingTests
{
    private const int PageSize = PagedRing<long>.PageSize;

    [Theory]
    [InlineData(0u)]
    [InlineData(1_000_003u)]
    [InlineData(uint.MaxValue - 5_000)] // Sequences wrap on the way.
    public void holds_what_stands_between_head_and_tail_and_no_page_more(uint start)
    {
        var random = new Random(11);
        var ring = new PagedRing<long>();
        uint head = start, tail = start, room = start;
        for (int step = 0; step < 60_000; step++)
        {
            // It fills up to thousands, and runs empty, in turns.
            int most = step / 10_000 % 2 == 0 ? 4_000 : 3;
            if (tail - head < most && random.Next(3) > 0)
            {
                if (tail == room)
                    room = tail + (uint)ring.Extend(head, tail);
                ring[tail] = tail;
                tail++;
            }
            else if (head != tail)
            {
                uint to = head + (uint)random.Next(1, (int)Math.Min(tail - head, 40) + 1);
                Assert.Equal(head, ring[head]);
                Assert.Equal(to - 1, ring[to - 1]);
                ring.Release(head, to);
                head = to;
            }

            Assert.InRange(ring.Pages, 0, (int)(tail - head) / PageSize + 2);
        }

        ring.Clear();
        Assert.Equal(0, ring.Pages);
    }

    [Fact]
    public void a_piece_ends_where_its_page_does()
    {
        var ring = new PagedRing<long>();
        for (uint page = 0; page < 3; page++)
            ring.Extend(0, page * PageSize);
        Assert.Equal(PageSize - 10, ring.Piece(10, 1_000).Length);
        Assert.Equal(5, ring.Piece(10, 5).Length);
        Assert.Equal(PageSize, ring.Piece(PageSize, 1_000).Length);
        ring.Piece(PageSize, 1)[0] = 7;
        Assert.Equal(7, ring[PageSize]);
    }

    [Fact]
    public void extending_twice_takes_one_page()
    {
        var ring = new PagedRing<long>();
        Assert.Equal(PageSize, ring.Extend(0, 0));
        ring[0] = 1;
        Assert.Equal(PageSize - 1, ring.Extend(0, 1));
        Assert.Equal(1, ring.Pages);
        Assert.Equal(1, ring[0]);
    }

    [Fact]
    public void the_page_given_back_last_is_lent_first_none_twice_and_not_all_are_kept()
    {
        var pool = new PagePool<int>(8, mostIdle: 40);
        int[][] pages = [.. Enumerable.Range(0, 45).Select(_ => pool.Borrow())];
        Assert.Equal(45, pages.Distinct().Count());
        Assert.All(pages, p => Assert.Equal(8, p.Length));
        foreach (int[] page in pages)
            pool.GiveBack(page);
        Assert.Equal(40, pool.Idle);
        Assert.Same(pages[39], pool.Borrow());
        Assert.Same(pages[38], pool.Borrow());
        Assert.Equal(38, pool.Idle);
    }
}
