using Fastbridge.Core.Buffering;
using Fastbridge.Core.Delivery;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Buffering;

/// <summary>In the steady state the buffer allocates nothing for a message: memory, staging, disk, reading back.</summary>
public sealed class LogAllocationTests
{
#if DEBUG
    private const double MostBytes = 8; // Unoptimised code boxes here and there.
#else
    private const double MostBytes = 0.5;
#endif

    [Fact]
    public void a_hundred_thousand_records_to_memory_disk_and_back_allocate_nothing()
    {
        using var folder = new TempFolder("allocation");
        using DiskLog log = DiskLog.Open(folder.File("buffer"), 1024 * 1024 * 1024, create: true);
        var pages = new MemoryPages(log.Gate);
        var places = new SlotPlaces(log.Gate);
        byte[] value = new byte[256];
        Round(10_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round(100_000);
        double each = (GC.GetAllocatedBytesForCurrentThread() - before) / 100_000.0;
        Assert.InRange(each, 0, MostBytes);

        void Round(int count)
        {
            for (int done = 0; done < count; done += 1_000)
            {
                for (int i = 0; i < 1_000; i++)
                {
                    var record = new OutgoingRecord { Value = value, HasKey = true, Key = "fleet/17/temperature"u8 };
                    pages.Append(i, produced: true, "telemetry", in record, 42, places);
                }

                for (int i = 0; i < 1_000; i++)
                {
                    Place place = places[i];
                    Assert.True(log.TryStage(((Page)place.Holder!).BodyOf((int)place.At), out _));
                    lock (log.Gate)
                        pages.Settle((Page)place.Holder!, (int)place.At);
                }

                log.Sync();
                lock (log.Gate)
                    log.Publish(default);
                for (int i = 0; i < 1_000; i++)
                {
                    Assert.True(log.TryRead(out LogRecord read) && read.Body.Length > 256);
                    read.Segment.OnProduced();
                    read.Segment.Settled++;
                }

                log.Sweep();
            }

            Assert.Equal(0, pages.Live);
            Assert.True(pages.Bytes <= MemoryPages.PageSize * 3L, $"{pages.Bytes} bytes of pages");
        }
    }
}
