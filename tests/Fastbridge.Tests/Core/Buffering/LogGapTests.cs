using Fastbridge.Core.Buffering;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Buffering;

/// <summary>One file that is gone, foreign or cannot be read: the others are delivered, and what is lost is counted.</summary>
public sealed class LogGapTests : IDisposable
{
    private readonly TempFolder _folder = new("gap");

    private string Folder => _folder.File("buffer");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void a_file_that_is_gone_at_the_start_is_counted_once(int which)
    {
        Make();
        File.Delete(LogFolder.Segments(Folder)[which]);
        Assert.Equal(10, BufferReport.Read(Folder).Missing);
        int[] left = [.. Enumerable.Range(0, 30).Where(n => n / 10 != which)];
        using (var rig = new LogRig(Folder))
        {
            Assert.Equal(10, rig.Log.LostRecords);
            Assert.Contains("10 records that Kafka is not known to have are in no file any more", rig.Log.Warning, StringComparison.Ordinal);
            Assert.Equal(20, rig.Log.Count().Records);
            rig.SaveCursor();
        }

        using var again = new LogRig(Folder);
        Assert.Equal(left, again.Drain());
        Assert.Equal(0, again.Log.LostRecords);
    }

    [Fact]
    public void a_cursor_too_long_for_a_full_log_names_no_number_that_is_in_no_file()
    {
        using (var rig = new LogRig(Folder, maxBytes: 1024 * 1024, valueLength: 1_000))
        {
            rig.Write(Enumerable.Range(0, 100_000));
            rig.Drain(10); // The first file is in flight, and the second can be given up.
            Assert.True(rig.Log.DropOldest() > 0);
            rig.Write(Enumerable.Range(0, 100_000)); // Full again.
            rig.Drain();
            rig.SettleEveryOther();
            rig.SaveCursor();
        }

        using var again = new LogRig(Folder, maxBytes: 1024 * 1024);
        Assert.Equal((0, null), (again.Log.LostRecords, again.Log.Warning));
    }

    [Fact]
    public void what_kafka_has_and_what_was_given_up_is_no_gap()
    {
        using (var rig = new LogRig(Folder, maxBytes: 1024 * 1024, valueLength: 1_000))
        {
            rig.Write(Enumerable.Range(0, 100_000));
            rig.Drain(10);
            Assert.True(rig.Log.DropOldest() > 0);
            Assert.True(rig.Log.DropOldest() > 0);
            rig.SaveCursor();
        }

        using (var rig = new LogRig(Folder, maxBytes: 1024 * 1024))
        {
            Assert.Equal((0, null), (rig.Log.LostRecords, rig.Log.Warning));
            Assert.Equal(0, BufferReport.Read(Folder).Missing);
            int first = rig.Drain(300).Count;
            rig.Settle(first);
            rig.SaveCursor();
            Assert.True(rig.Log.Sweep());
        }

        using var again = new LogRig(Folder, maxBytes: 1024 * 1024);
        Assert.Equal((0, null), (again.Log.LostRecords, again.Log.Warning));
    }

    [Fact]
    public void a_file_that_goes_while_the_log_is_open_is_passed_over_and_counted()
    {
        Make();
        using var rig = new LogRig(Folder);
        Assert.Equal(Enumerable.Range(0, 5), rig.Drain(5));
        File.Delete(LogFolder.Segments(Folder)[1]);
        Assert.Equal([.. Enumerable.Range(5, 5), .. Enumerable.Range(20, 10)], rig.Drain());
        Assert.Contains("cannot be opened", Assert.Single(rig.PassedOver), StringComparison.Ordinal);
        rig.Settle(20);
        Assert.True(rig.Log.Sweep());
        Assert.Equal(10, rig.Log.LostRecords);
        Assert.Empty(LogFolder.Segments(Folder));
        Assert.Equal((0, 0), rig.Log.Count());
        rig.Write(1);
        Assert.Equal([1], rig.Drain());
    }

    [Fact]
    public void the_file_that_is_being_written_can_go_too_and_the_next_batch_begins_another()
    {
        using var rig = new LogRig(Folder);
        rig.Write(1, 2);
        File.Delete(LogFolder.Segments(Folder).Single());
        Assert.Empty(rig.Drain());
        Assert.Single(rig.PassedOver);
        rig.Log.LeaveFaulty();
        rig.Write(3, 4);
        Assert.Equal([3, 4], rig.Drain());
        Assert.Equal(2, rig.Log.LostRecords);
    }

    [Fact]
    public void a_file_that_the_disk_does_not_give_is_passed_over_and_stays_as_damaged()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc/self/mem, which fails with EIO, is Linux's");
        Make();
        using var rig = new LogRig(Folder);
        Break(LogFolder.Segments(Folder)[1]);
        Assert.Equal([.. Enumerable.Range(0, 10), .. Enumerable.Range(20, 10)], rig.Drain());
        Assert.Contains("cannot be read everywhere", Assert.Single(rig.PassedOver), StringComparison.Ordinal);
        Assert.Equal(10, rig.Log.LostRecords);
        rig.Settle(20);
        Assert.True(rig.Log.Sweep());
        Assert.Empty(LogFolder.Segments(Folder));
        Assert.Single(Directory.EnumerateFiles(Folder, "*.log.damaged"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void a_file_that_cannot_be_read_at_the_start_refuses_nothing(int which)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc/self/mem, which fails with EIO, is Linux's");
        Make();
        Break(LogFolder.Segments(Folder)[which]);
        using var rig = new LogRig(Folder);
        Assert.Equal(10, rig.Log.LostRecords);
        Assert.Contains("cannot be read (", rig.Log.Warning, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, 30).Where(n => n / 10 != which), rig.Drain());
    }

    [Fact]
    public void where_the_folder_is_not_the_logs_any_more_nothing_is_given_up()
    {
        Make();
        using var rig = new LogRig(Folder);
        Assert.Single(rig.Drain(1));
        string away = _folder.File("away");
        Directory.Move(Folder, away); // as if its disk had been unmounted
        Directory.CreateDirectory(Folder);
        Assert.ThrowsAny<IOException>(() => rig.Drain());
        Assert.Equal(0, rig.Log.LostRecords);
        Directory.Delete(Folder);
        Directory.Move(away, Folder);
        rig.Drain();
        Assert.Equal(0, rig.Log.LostRecords);
        Assert.Equal(30, rig.Log.Count().Records);
    }

    [Fact]
    public void a_foreign_file_that_sorts_last_evicts_nobody()
    {
        foreach (bool cursor in (bool[])[true, false])
        {
            Make();
            if (!cursor)
                Array.ForEach(Directory.GetFiles(Folder, "cursor-*"), File.Delete);
            string foreign = Path.Combine(Folder, $"{int.MaxValue - 7:D10}-{1:x16}.log");
            File.WriteAllText(foreign, "something else");
            using (var rig = new LogRig(Folder))
            {
                Assert.Equal(Enumerable.Range(0, 30), rig.Drain());
                Assert.Equal(0, rig.Log.LostRecords);
                Assert.True(File.Exists(foreign + ".damaged"));
                rig.Write(30);
                Assert.Equal([30], rig.Drain());
            }

            Directory.Delete(Folder, recursive: true);
        }
    }

    [Fact]
    public void a_file_system_without_rights_is_no_reason_to_stop()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("/proc/self/comm, whose rights cannot be changed, is Linux's");
            return;
        }

        string link = _folder.File("link");
        File.CreateSymbolicLink(link, "/proc/self/comm");
        bool refused = false;
        try
        {
            File.SetUnixFileMode(link, UnixFileMode.UserRead);
        }
        catch (UnauthorizedAccessException)
        {
            refused = true;
        }

        Assert.True(refused);
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = LogFolder.Create(link, FileMode.Open);
        Assert.False(file.IsInvalid);
    }

    [Fact]
    public void a_cursor_holds_ranges_and_not_single_numbers()
    {
        using var rig = new LogRig(Folder);
        rig.Write(Enumerable.Range(0, 20_000));
        rig.Drain();
        rig.Settle(3);
        rig.Settle(4, newest: true);
        rig.SaveCursor();
        Assert.True(new FileInfo(Directory.EnumerateFiles(Folder, "cursor-*").Single()).Length < 100);
        Cursor cursor = CursorFile.Load(Folder)!.Value;
        Assert.Equal(19_993, cursor.CountUnsettled(0, cursor.End));
        Assert.True(cursor.IsSettled(3) && !cursor.IsSettled(4) && !cursor.IsSettled(19_996) && cursor.IsSettled(19_997) && !cursor.IsSettled(20_001));
    }

    /// <summary>Three files of ten records each, and a cursor.</summary>
    private void Make()
    {
        using var rig = new LogRig(Folder);
        for (int file = 0; file < 3; file++)
        {
            rig.Write(Enumerable.Range(file * 10, 10));
            rig.Log.CloseCurrent();
        }

        rig.SaveCursor();
    }

    /// <summary>From now on every look into the file fails with EIO.</summary>
    private static void Break(string path)
    {
        File.Delete(path);
        File.CreateSymbolicLink(path, "/proc/self/mem");
    }
}
