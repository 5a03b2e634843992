using System.Buffers.Binary;
using Fastbridge.Core.Buffering;
using Fastbridge.Core.Records;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Buffering;

/// <summary>Folders that cannot serve: each is one line with what, where and remedy.</summary>
public sealed class LogFolderTests : IDisposable
{
    private readonly TempFolder _folder = new("logfolder");

    private string Folder => _folder.File("buffer");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void a_folder_that_was_named_and_is_missing_is_an_error()
    {
        Says("there is no such folder; make it (or mount its disk)", create: false);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public void a_file_is_no_folder()
    {
        File.WriteAllText(Folder, "");
        Says("is a file; name a folder in buffer.path", create: false);
    }

    [Fact]
    public void a_folder_in_use_is_an_error_and_free_when_its_user_ends()
    {
        using (new LogRig(Folder))
            Says("another process uses it; stop that one, or give each bridge and connector a folder of its own");
        new LogRig(Folder).Dispose();
    }

    [Fact]
    public void a_file_of_a_newer_version_is_an_error_and_stays_as_it_is()
    {
        using (var rig = new LogRig(Folder))
            rig.Write(1);
        string path = LogFolder.Segments(Folder).Single();
        byte[] bytes = File.ReadAllBytes(path);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), 2);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Crc32.Compute(bytes.AsSpan(0, 12)));
        File.WriteAllBytes(path, bytes);
        Says("was written by a newer version of fastbridge (format 2, this one reads 1); run that version, or name another folder");
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public void a_file_of_another_log_is_set_aside_and_said()
    {
        using (var rig = new LogRig(Folder))
            rig.Write(1);
        File.WriteAllText(Path.Combine(Folder, $"{0:D10}-{1:x16}.log"), "something else");
        using var again = new LogRig(Folder);
        Assert.Contains("belongs to another log; it was set aside", again.Log.Warning, StringComparison.Ordinal);
        Assert.Equal([1], again.Drain());
    }

    [Fact]
    public void what_is_buffered_is_readable_to_its_owner_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such rights.");
            return;
        }

        using var rig = new LogRig(Folder);
        rig.Write(1);
        rig.SaveCursor();
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Folder) & (Others | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute));
        foreach (string path in Directory.EnumerateFiles(Folder).Where(p => Path.GetFileName(p) != LogFolder.LockName))
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & Others);
    }

    [Fact]
    public void a_full_file_system_is_an_error_for_an_empty_buffer_and_none_for_one_that_holds_records()
    {
        using var disk = new SmallDisk(_folder.File("disk"), "1m");
        string folder = Path.Combine(disk.Path, "buffer");
        using (var rig = new LogRig(folder))
            rig.Write(Enumerable.Range(0, 100));
        disk.Fill();
        using (var again = new LogRig(folder))
        {
            Assert.Contains("nothing can be written", again.Log.Warning, StringComparison.Ordinal);
            Assert.Equal(Enumerable.Range(0, 100), again.Drain());
            again.Settle(100);
            Assert.True(again.Log.Sweep()); // deleting works on a full disk, and that is why it is a log of files
        }

        disk.Fill();
        BufferException e = Assert.Throws<BufferException>(() => new LogRig(folder));
        Assert.Contains("nothing can be written there (No space left on device); free its disk", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void a_disk_that_fills_under_writing_loses_nothing_that_was_published_and_goes_on_when_there_is_space()
    {
        using var disk = new SmallDisk(_folder.File("disk"), "2m");
        string folder = Path.Combine(disk.Path, "buffer");
        int published = 0;
        using (var rig = new LogRig(folder, valueLength: 1_000))
        {
            IOException? full = null;
            while (full is null)
            {
                try
                {
                    rig.Write(Enumerable.Range(published, 50));
                    published += 50;
                }
                catch (IOException e)
                {
                    full = e;
                    rig.Log.Abandon();
                }
            }

            Assert.Equal(Enumerable.Range(0, published), rig.Drain());
            Assert.ThrowsAny<IOException>(() => rig.Write(Enumerable.Range(published, 2_000)));
            rig.Log.Abandon();
            rig.Settle(published);
            rig.Log.Sweep();
            Assert.Equal(50, rig.Write(Enumerable.Range(published, 50)));
        }

        using var again = new LogRig(folder);
        Assert.Equal(Enumerable.Range(published, 50), again.Drain());
        Assert.Equal(0, again.Log.LostRecords);
    }

    private void Says(string text, bool create = true)
    {
        BufferException e = Assert.Throws<BufferException>(() => DiskLog.Open(Folder, 1024 * 1024, create).Dispose());
        Assert.StartsWith($"buffer {Folder}: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(text, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}
