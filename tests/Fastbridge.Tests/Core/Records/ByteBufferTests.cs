using System.Runtime.CompilerServices;
using Fastbridge.Core.Records;

namespace Fastbridge.Tests.Core.Records;

public class ByteBufferTests
{
    [Fact]
    public void a_span_taken_before_growth_stays_right()
    {
        var buffer = new ByteBuffer();
        buffer.Append("early"u8);
        ReadOnlySpan<byte> early = buffer.Written;
        for (int i = 0; i < 20; i++)
            buffer.Append(new byte[100_000]);
        Assert.True(early.SequenceEqual("early"u8));
        Assert.True(buffer.Written[..5].SequenceEqual("early"u8));
        Assert.Equal(2_000_005, buffer.Length);
    }

    [Fact]
    public void a_finished_span_stays_right_until_the_next_use()
    {
        var buffer = new ByteBuffer();
        buffer.Append(new byte[300_000]);
        buffer.Append("end"u8);
        ReadOnlySpan<byte> all = buffer.Finish();
        GC.Collect();
        Assert.Equal(300_003, all.Length);
        Assert.True(all[^3..].SequenceEqual("end"u8));
    }

    [Fact]
    public void a_large_array_is_used_again_while_it_is_there_and_gone_after_a_collection()
    {
        var buffer = new ByteBuffer();
        Fill(buffer);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Fill(buffer);
        bool again = GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000;

        // A collection may come from elsewhere at any time; three tries without one between will do.
        for (int i = 0; i < 3 && !again; i++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            Fill(buffer);
            again = GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000;
        }

        Assert.True(again);
        Assert.InRange(buffer.KeptBytes, 0, ByteBuffer.Keep);
        GC.Collect();
        before = GC.GetAllocatedBytesForCurrentThread();
        Fill(buffer);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before > 1_000_000, "the large array outlived a collection");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fill(ByteBuffer buffer)
    {
        buffer.Clear();
        buffer.Append((byte)1);
        buffer.Reserve(2_000_000);
        buffer.Advance(2_000_000);
        Assert.Equal(2_000_001, buffer.Finish().Length);
    }
}
