using Fastbridge.Core.Buffering;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Buffering;

/// <summary>The end of the newest file: what was flushed there and is gone is damage, what lies behind is a write that a crash cut off.</summary>
public sealed class LogEndTests : IDisposable
{
    private readonly TempFolder _folder = new("end");

    private string Folder => _folder.File("buffer");

    private string Newest => LogFolder.Segments(Folder)[^1];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(60, 2)] // 53 bytes a record
    [InlineData(120, 3)]
    public void what_was_flushed_and_is_cut_off_is_counted_once_and_its_rest_is_kept(int bytes, int records)
    {
        Write(5);
        File.WriteAllBytes(Newest, File.ReadAllBytes(Newest)[..^bytes]);
        Assert.Equal(records, BufferReport.Read(Folder).Missing);
        using (var rig = new LogRig(Folder))
        {
            Assert.Equal(records, rig.Log.LostRecords);
            Assert.Contains("safe on disk, are damaged or cut off", rig.Log.Warning, StringComparison.Ordinal);
            Assert.Contains($"{records} records that Kafka is not known to have are in no file", rig.Log.Warning, StringComparison.Ordinal);
            Assert.Equal(Enumerable.Range(0, 5 - records), rig.Drain());
            rig.Write(77);
            Assert.Equal([77], rig.Drain());
            rig.SaveCursor();
        }

        Assert.Single(Directory.EnumerateFiles(Folder, "*.damaged"));
        Assert.Equal((0, 1), (BufferReport.Read(Folder).Missing, BufferReport.Read(Folder).Damaged));
        using var again = new LogRig(Folder);
        Assert.Equal(0, again.Log.LostRecords); // told by the process before
        Assert.Equal([.. Enumerable.Range(0, 5 - records), 77], again.Drain());
        Assert.Equal(0, again.Log.LostRecords);
    }

    [Fact]
    public void damage_in_the_last_record_is_counted_and_its_bytes_are_kept()
    {
        Write(5);
        byte[] bytes = File.ReadAllBytes(Newest);
        bytes[^3] ^= 0x10;
        File.WriteAllBytes(Newest, bytes);
        using var rig = new LogRig(Folder);
        Assert.Equal(1, rig.Log.LostRecords);
        Assert.Equal([0, 1, 2, 3], rig.Drain());
        byte[] kept = File.ReadAllBytes(Directory.EnumerateFiles(Folder, "*.damaged").Single());
        Assert.Equal(bytes[^kept.Length..], kept);
        Assert.Equal(kept.Length, rig.Log.DamagedBytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(60)]
    public void a_flushed_file_that_was_emptied_is_set_aside_and_counted(int length)
    {
        Write(5);
        string path = Newest;
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..length]);
        using var rig = new LogRig(Folder);
        Assert.Equal(5, rig.Log.LostRecords);
        Assert.Empty(rig.Drain());
        Assert.Contains("was cut from", rig.Log.Warning, StringComparison.Ordinal);
        Assert.Equal(length, new FileInfo(path + ".damaged").Length);
        rig.Write(6);
        Assert.Equal([6], rig.Drain());
    }

    [Fact]
    public void a_file_that_was_made_and_never_written_goes_and_is_said()
    {
        Write(5);
        File.WriteAllBytes(LogFolder.SegmentPath(Folder, 2, IdOf(Newest)), []);
        using var rig = new LogRig(Folder);
        Assert.Equal(0, rig.Log.LostRecords);
        Assert.Contains("removed; its first record was never finished", rig.Log.Warning, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, 5), rig.Drain());
    }

    [Fact]
    public void a_write_that_a_crash_cut_off_behind_the_last_flush_is_no_loss_and_nothing_is_kept_of_it()
    {
        Write(5);
        string path = Newest;
        byte[] whole = File.ReadAllBytes(path);
        byte[] frame = new byte[LogFormat.FrameLength(LogRig.Body(9).Length)];
        LogFormat.WriteFrame(frame, LogFormat.MarkerOf(IdOf(path)), 6, LogRig.Body(9));
        for (int length = 1; length < frame.Length; length++)
        {
            foreach (byte[] tail in (byte[][])[frame[..length], new byte[length]])
            {
                File.WriteAllBytes(path, [.. whole, .. tail]);
                using var rig = new LogRig(Folder);
                Assert.Equal((0, 0), (rig.Log.LostRecords, rig.Log.DamagedBytes));
                Assert.Contains("unfinished write", rig.Log.Warning, StringComparison.Ordinal);
                Assert.Equal(whole.Length, new FileInfo(path).Length);
            }
        }

        Assert.Empty(Directory.EnumerateFiles(Folder, "*.damaged"));
    }

    [Fact]
    public void bytes_behind_the_last_flush_that_look_like_no_write_are_kept_and_called_what_they_may_be()
    {
        Write(5);
        string path = Newest;
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, [.. whole, .. "rubbish"u8]);
        using var rig = new LogRig(Folder);
        Assert.Equal((0, 7), (rig.Log.LostRecords, rig.Log.DamagedBytes));
        Assert.Contains("or damage; nothing tells which; kept as", rig.Log.Warning, StringComparison.Ordinal);
        Assert.Equal("rubbish"u8.ToArray(), File.ReadAllBytes(Directory.EnumerateFiles(Folder, "*.damaged").Single()));
        Assert.Equal(Enumerable.Range(0, 5), rig.Drain());
    }

    [Fact]
    public void what_is_kept_is_bounded_and_what_is_not_kept_is_not_cut_either()
    {
        using (var rig = new LogRig(Folder, valueLength: 5_000))
        {
            rig.Write(Enumerable.Range(0, 10));
            rig.SaveCursor();
        }

        byte[] bytes = File.ReadAllBytes(Newest);
        Array.Fill(bytes, (byte)1, 10_000, bytes.Length - 10_000);
        File.WriteAllBytes(Newest, bytes);
        using var again = new LogRig(Folder, maxBytes: 64 * 1024); // an eighth is 8 KiB
        Assert.Equal(9, again.Log.LostRecords);
        Assert.Empty(Directory.EnumerateFiles(Folder, "*.damaged"));
        Assert.Equal(bytes, File.ReadAllBytes(Newest));
        Assert.Equal([0], again.Drain());
    }

    [Fact]
    public void a_newest_file_that_is_gone_is_counted_and_so_is_a_whole_log()
    {
        Write(5);
        byte[] bytes = File.ReadAllBytes(Newest);
        string path = Newest;
        File.Delete(path);
        Assert.Equal(5, BufferReport.Read(Folder).Missing);
        using (var rig = new LogRig(Folder))
        {
            Assert.Equal(5, rig.Log.LostRecords);
            Assert.Contains("no file is left of 5 records", rig.Log.Warning, StringComparison.Ordinal);
            rig.Write(1);
            Assert.Equal([1], rig.Drain());
        }
    }

    private void Write(int records)
    {
        using var rig = new LogRig(Folder);
        rig.Write(Enumerable.Range(0, records));
        rig.SaveCursor();
    }

    private static ulong IdOf(string path)
    {
        Assert.True(LogFolder.TryParse(path, out _, out ulong id));
        return id;
    }
}
