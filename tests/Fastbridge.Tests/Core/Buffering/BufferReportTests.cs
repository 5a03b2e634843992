using Fastbridge.Core.Buffering;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Buffering;

public sealed class BufferReportTests : IDisposable
{
    private readonly TempFolder _folder = new("report");

    private string Folder => _folder.File("buffer");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void it_tells_what_a_buffer_holds_while_it_is_in_use_and_after()
    {
        using (var rig = new LogRig(Folder, maxBytes: 1024 * 1024, valueLength: 1_000))
        {
            rig.Write(Enumerable.Range(0, 300));
            BufferReport full = BufferReport.Read(Folder);
            Assert.Equal((300, 3, 0, true), (full.Records, full.Segments, full.Damaged, full.InUse));
            Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_640_995_200_000), full.OldestAt);
            Assert.Equal(rig.Log.Bytes, full.Bytes);
            rig.Drain(200);
            rig.Settle(150);
            rig.SaveCursor();
            Assert.Equal(150, BufferReport.Read(Folder).Records);
            new LogRig(_folder.File("another")).Dispose();
        }

        BufferReport after = BufferReport.Read(Folder);
        Assert.Equal((150, false), (after.Records, after.InUse));
    }

    [Fact]
    public void a_look_keeps_no_bridge_from_starting()
    {
        using (var rig = new LogRig(Folder))
            rig.Write(1);
        for (int i = 0; i < 100; i++)
        {
            BufferReport.Read(Folder);
            using var rig = new LogRig(Folder);
        }
    }

    [Fact]
    public void a_folder_that_is_not_there_is_said()
    {
        BufferException e = Assert.Throws<BufferException>(() => BufferReport.Read(Folder));
        Assert.Equal($"buffer {Folder}: there is no such folder; nothing has been buffered there yet, or it is another one", e.Message);
    }

    [Fact]
    public void damage_is_told()
    {
        using (var rig = new LogRig(Folder))
            rig.Write(1, 2, 3);
        string path = LogFolder.Segments(Folder).Single();
        byte[] bytes = File.ReadAllBytes(path);
        bytes[LogFormat.HeaderLength + 40] ^= 1;
        File.WriteAllBytes(path, bytes);
        using (var rig = new LogRig(Folder))
            Assert.Equal([2, 3], rig.Drain());
        BufferReport report = BufferReport.Read(Folder);
        Assert.Equal(1, report.Damaged);
        Assert.True(report.DamagedBytes > 0 && report.Bytes > report.DamagedBytes);
    }
}
