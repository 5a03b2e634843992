using Fastbridge.Core.Buffering;
using Fastbridge.Core.Delivery;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Buffering;

public sealed class DiskLogTests : IDisposable
{
    private readonly TempFolder _folder = new("log");

    private string Folder => _folder.File("buffer");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void a_record_comes_back_as_it_was_stored()
    {
        byte[] value = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        foreach (bool hasKey in (bool[])[true, false])
        {
            var record = new OutgoingRecord { Value = value, HasKey = hasKey, Key = hasKey ? "key"u8 : default, Headers = "headers"u8, PartitionHash = int.MaxValue };
            byte[] body = new byte[StoredRecord.LengthOf("some.topic", in record)];
            StoredRecord.Write(body, "some.topic", in record, 42);
            Assert.True(StoredRecord.TryParse(body, out StoredRecord stored));
            Assert.Equal("some.topic"u8.ToArray(), stored.Topic.ToArray());
            Assert.Equal(value, stored.Outgoing.Value.ToArray());
            Assert.Equal(hasKey, stored.Outgoing.HasKey);
            Assert.Equal(record.Key.ToArray(), stored.Outgoing.Key.ToArray());
            Assert.Equal("headers"u8.ToArray(), stored.Outgoing.Headers.ToArray());
            Assert.Equal((int.MaxValue, 42), (stored.Outgoing.PartitionHash, stored.Outgoing.TimestampMs));
            for (int length = 0; length < StoredRecord.FixedLength + 10; length++)
                Assert.False(StoredRecord.TryParse(body.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public void what_is_published_is_read_in_order_and_what_is_only_staged_is_not()
    {
        using var rig = new LogRig(Folder);
        rig.Write(1, 2, 3);
        Assert.True(rig.Log.TryStage(LogRig.Body(4), out _));
        Assert.Equal([1, 2, 3], rig.Drain());
        rig.Publish();
        Assert.Equal([4], rig.Drain());
        Assert.Empty(rig.Drain());
        Assert.Equal(4, rig.Log.Count().Records);
    }

    [Fact]
    public void without_a_cursor_everything_on_disk_is_replayed()
    {
        using (var rig = new LogRig(Folder))
        {
            rig.Write(Enumerable.Range(0, 100));
            rig.Drain(60);
            rig.Settle(50);
        }

        using var again = new LogRig(Folder);
        Assert.Equal(100, again.Log.Count().Records);
        Assert.Equal(Enumerable.Range(0, 100), again.Drain());
    }

    [Fact]
    public void with_a_cursor_just_what_kafka_has_not_is_replayed_also_after_a_second_crash()
    {
        using (var rig = new LogRig(Folder))
        {
            rig.Write(Enumerable.Range(0, 100));
            rig.Drain(60);
            rig.Settle(30);
            rig.Settle(10, newest: true); // 30 to 49 are with the sink, 0 to 29 and 50 to 59 with Kafka
            rig.SaveCursor();
        }

        int[] left = [.. Enumerable.Range(30, 20), .. Enumerable.Range(60, 40)];
        using (var second = new LogRig(Folder))
        {
            Assert.Equal(left.Length, second.Log.Count().Records);
            Assert.Equal(left[..5], second.Drain(5));
            second.Settle(2);
            second.SaveCursor(); // in the middle of a replay: what the first process knew must still hold
        }

        using var third = new LogRig(Folder);
        Assert.Equal(left.Length - 2, third.Log.Count().Records);
        Assert.Equal(left[2..], third.Drain());
        Assert.Equal(0, third.Log.LostRecords);
    }

    [Fact]
    public void a_torn_or_foreign_cursor_costs_repeats_and_nothing_else()
    {
        using (var rig = new LogRig(Folder))
        {
            rig.Write(1, 2, 3);
            rig.Drain(2);
            rig.Settle(2);
            rig.SaveCursor();
        }

        string cursor = Directory.EnumerateFiles(Folder, "cursor-*").Single();
        byte[] whole = File.ReadAllBytes(cursor);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(cursor, whole[..length]);
            Assert.Null(CursorFile.Load(Folder));
        }

        using var again = new LogRig(Folder);
        Assert.Equal([1, 2, 3], again.Drain());
    }

    [Fact]
    public void space_comes_back_file_by_file_and_also_from_the_middle()
    {
        using var rig = new LogRig(Folder, maxBytes: 1024 * 1024, valueLength: 1_000); // files of 128 KiB, about 120 records each
        rig.Write(Enumerable.Range(0, 600));
        int files = rig.Log.Count().Segments;
        Assert.True(files >= 4, $"{files} files");
        long full = rig.Log.Bytes;
        rig.Drain();
        Assert.False(rig.Log.Sweep()); // all is with the sink, nothing with Kafka
        rig.Settle(300, newest: true);
        Assert.True(rig.Log.Sweep());
        Assert.True(rig.Log.Bytes < full * 17 / 20, $"{rig.Log.Bytes} of {full}");
        Assert.Equal(300, rig.Log.Count().Records);
        rig.Settle(300);
        rig.Log.CloseCurrent();
        rig.Log.Sweep();
        Assert.Equal((0, 0), rig.Log.Count());
        Assert.Equal(0, rig.Log.Bytes);
        Assert.Empty(LogFolder.Segments(Folder));
    }

    [Fact]
    public void the_cap_is_hard_and_drop_oldest_makes_room_in_whole_files()
    {
        using var rig = new LogRig(Folder, maxBytes: 1024 * 1024, valueLength: 1_000);
        int written = rig.Write(Enumerable.Range(0, 100_000));
        Assert.InRange(written, 900, 1_100);
        Assert.True(FolderBytes() <= 1024 * 1024, $"{FolderBytes()} bytes");
        Assert.False(rig.Log.TryStage(LogRig.Body(0, 1_000), out _));
        List<int> inFlight = rig.Drain(10);
        long dropped = rig.Log.DropOldest();
        Assert.InRange(dropped, 100, 140);
        Assert.True(rig.Log.TryStage(LogRig.Body(written, 1_000), out _));
        rig.Publish();
        List<int> rest = rig.Drain();
        Assert.Equal(Enumerable.Range(0, 10), inFlight);
        Assert.Equal(written + 1 - dropped, inFlight.Count + rest.Count);
        Assert.Equal(rest.Order(), rest);
        Assert.Equal(written, rest[^1]);
        Assert.Equal(0, rig.Log.LostRecords); // given up on purpose is not damaged
    }

    [Fact]
    public void a_log_full_to_the_last_small_record_has_room_for_its_cursors()
    {
        using var rig = new LogRig(Folder, maxBytes: 1024 * 1024);
        int written = rig.Write(Enumerable.Range(0, 100_000));
        Assert.InRange(written, 10_000, 50_000);
        rig.Drain();
        rig.SettleEveryOther();
        for (int i = 0; i < 2; i++) // Each of the two files.
            rig.SaveCursor();
        Assert.InRange(FolderBytes(), 1000 * 1024, 1024 * 1024);
        Assert.Equal(FolderBytes(), rig.Log.Bytes);
    }

    [Fact]
    public void after_an_error_the_batch_is_written_again_to_another_file_and_read_once()
    {
        using (var rig = new LogRig(Folder))
        {
            rig.Write(1, 2);
            Assert.True(rig.Log.TryStage(LogRig.Body(3), out _));
            rig.Log.Sync(); // on disk, and then the flush is taken to have failed
            rig.Log.Abandon();
            Assert.Equal([1, 2], rig.Drain());
            rig.Write(3, 4);
            Assert.Equal([3, 4], rig.Drain());
            Assert.Equal(2, rig.Log.Count().Segments);
        }

        using var again = new LogRig(Folder);
        Assert.Equal([1, 2, 3, 4], again.Drain());
        Assert.Equal(0, again.Log.LostRecords);
    }

    [Fact]
    public void a_tail_that_could_not_be_cut_after_an_error_is_not_read_either()
    {
        byte[] uncut;
        string first;
        using (var rig = new LogRig(Folder))
        {
            rig.Write(1, 2);
            Assert.True(rig.Log.TryStage(LogRig.Body(3), out _));
            rig.Log.Sync();
            first = LogFolder.Segments(Folder).Single();
            uncut = File.ReadAllBytes(first);
            rig.Log.Abandon();
            rig.Write(3, 4);
        }

        File.WriteAllBytes(first, uncut);
        using var again = new LogRig(Folder);
        Assert.Equal([1, 2, 3, 4], again.Drain());
    }

    [Fact]
    public void one_record_larger_than_a_file_and_than_the_staging_gets_a_file_of_its_own()
    {
        using (var rig = new LogRig(Folder, maxBytes: 4 * 1024 * 1024))
        {
            rig.Write(1);
            Assert.True(rig.Log.TryStage(LogRig.Body(2, 2_000_000), out _));
            rig.Publish();
            rig.Write(3);
            Assert.Equal([1, 2, 3], rig.Drain());
        }

        using var again = new LogRig(Folder, maxBytes: 4 * 1024 * 1024);
        Assert.Equal([1, 2, 3], again.Drain());
    }

    [Fact]
    public void a_record_put_back_is_read_again()
    {
        using var rig = new LogRig(Folder);
        rig.Write(1, 2);
        Assert.True(rig.Log.TryRead(out LogRecord record));
        rig.Log.Unread(in record);
        Assert.Equal([1, 2], rig.Drain());
    }

    private long FolderBytes() => Directory.EnumerateFiles(Folder).Sum(f => new FileInfo(f).Length);
}
