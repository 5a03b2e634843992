using Fastbridge.Core.Delivery;
using Fastbridge.Mqtt;

namespace Fastbridge.Tests.Core.Delivery;

public class ReceiptLogTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(int.MaxValue - 100)]
    [InlineData(-100)]
    public void keeps_all_that_is_unacknowledged_through_growth_and_wrap(int start)
    {
        var log = new ReceiptLog();
        log.NextConnection(1, 0, null);
        int acked = start;
        for (int i = 0; i < 5000; i++)
        {
            int sequence = unchecked(start + i);
            while (!log.TryAdd(sequence, new ReceiptLog.Entry((ushort)i, (ulong)i) { Slot = i }))
                log.MakeRoom(sequence, new Receipt(1, acked));
            if (i % 3 == 0)
                acked++;
            log.Forget(new Receipt(1, acked));
        }

        var orphans = new List<ReceiptLog.Entry>();
        log.NextConnection(2, acked, orphans.Add);
        int first = unchecked(acked - start);
        Assert.Equal(Enumerable.Range(first, 5000 - first).Select(i => (ushort)i), orphans.Select(o => o.PacketId));
        Assert.Equal(0, log.Count);
    }

    [Fact]
    public void a_sequence_that_the_session_answered_itself_is_absent()
    {
        var log = new ReceiptLog();
        log.NextConnection(1, 0, null);
        log.MakeRoom(0, default);
        Assert.True(log.TryAdd(0, new ReceiptLog.Entry(10, 1)));
        Assert.True(log.TryAdd(3, new ReceiptLog.Entry(13, 1)));
        var orphans = new List<ReceiptLog.Entry>();
        log.NextConnection(2, 0, orphans.Add);
        Assert.Equal([10, 13], orphans.Select(o => (int)o.PacketId));
    }

    [Fact]
    public void what_kafka_has_is_marked_and_what_was_taken_back_is_gone()
    {
        var log = new ReceiptLog();
        log.NextConnection(1, 0, null);
        log.MakeRoom(0, default);
        log.TryAdd(0, new ReceiptLog.Entry(1, 1) { Slot = 7 });
        log.TryAdd(1, new ReceiptLog.Entry(2, 2) { Slot = 8 });
        log.RemoveLast();
        log.TryAdd(1, new ReceiptLog.Entry(3, 3) { Slot = 9 });
        log.MarkDelivered(0);
        log.MarkDelivered(77);
        var orphans = new List<ReceiptLog.Entry>();
        log.NextConnection(2, 0, orphans.Add);
        Assert.Equal([(1, ReceiptLog.Entry.Delivered), (3, 9)], orphans.Select(o => ((int)o.PacketId, o.Slot)));
    }

    [Fact]
    public void millions_that_never_were_in_it_take_no_room()
    {
        var log = new ReceiptLog();
        log.NextConnection(1, 0, null);
        log.MakeRoom(0, default);
        Assert.True(log.TryAdd(0, new ReceiptLog.Entry(1, 1)));
        Assert.False(log.TryAdd(5_000_000, new ReceiptLog.Entry(2, 2))); // The rest of the page is filled in.
        log.MakeRoom(5_000_000, new Receipt(1, 5_000_000));
        Assert.True(log.TryAdd(5_000_000, new ReceiptLog.Entry(2, 2)));
        Assert.Equal((1, 1), (log.Count, log.Pages));
    }

    [Fact]
    public void the_last_entry_of_a_page_may_be_taken_back_while_all_before_it_is_forgotten()
    {
        var log = new ReceiptLog();
        log.NextConnection(1, 0, null);
        for (int round = 0; round < 3; round++)
        {
            int last = 256 * (round + 1) - 1;
            for (int sequence = 256 * round; sequence <= last; sequence++)
            {
                while (!log.TryAdd(sequence, new ReceiptLog.Entry((ushort)sequence, 0) { Slot = sequence }))
                    log.MakeRoom(sequence, new Receipt(1, sequence));
            }

            log.RemoveLast();
            log.Forget(new Receipt(1, last));
            Assert.Equal(0, log.Count);
            Assert.True(log.TryAdd(last, new ReceiptLog.Entry(7, 7) { Slot = 1 }));
            log.MarkDelivered(last);
            Assert.Equal(1, log.Count);
            log.Forget(new Receipt(1, last + 1));
        }

        Assert.Equal(0, log.Pages);
    }
}
