using Fastbridge.Core.Delivery;

namespace Fastbridge.Tests.Core.Delivery;

public class ReceiptLogTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(int.MaxValue - 100)]
    public void keeps_all_that_is_unacknowledged_through_growth_and_wrap(int start)
    {
        var log = new ReceiptLog();
        log.NextConnection(1, 0, null);
        int acked = start;
        for (int i = 0; i < 5000; i++)
        {
            int sequence = unchecked(start + i);
            while (!log.TryAdd(sequence, new ReceiptLog.Entry((ushort)i, (ulong)i) { Slot = i }))
                log.MakeRoom(acked);
            if (i % 3 == 0)
                acked++;
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
}
