using Fastbridge.Core.Buffering;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Buffering;

/// <summary>Torn and damaged files: what is whole is delivered, what is not is counted, and nothing refuses to start.</summary>
public sealed class LogDamageTests : IDisposable
{
    private readonly TempFolder _folder = new("damage");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void a_tail_torn_at_any_byte_costs_just_the_record_that_was_not_whole()
    {
        string origin = Make(5, out byte[] whole, out int[] ends);
        for (int length = 0; length < whole.Length; length++)
        {
            string folder = Copy(origin, whole[..length], $"torn-{length}");
            using (var rig = new LogRig(folder))
            {
                int left = ends.Count(e => e <= length);
                Assert.Equal(Enumerable.Range(0, left), rig.Drain());
                Assert.Equal(0, rig.Log.LostRecords);
                rig.Write(77);
                Assert.Equal([77], rig.Drain());
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void any_damaged_byte_costs_at_most_the_record_that_it_is_in_and_that_one_is_counted()
    {
        // Two files, so that the damaged one is not the newest, whose end nobody can tell from a torn tail.
        string origin = Make(5, out byte[] whole, out int[] ends);
        using (var rig = new LogRig(origin))
            rig.Write(5, 6);
        string second = LogFolder.Segments(origin)[1];
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x5A;
            string folder = Copy(origin, damaged, $"damaged-{at}");
            File.Copy(second, Path.Combine(folder, Path.GetFileName(second)));
            using (var rig = new LogRig(folder))
            {
                int hit = at < LogFormat.HeaderLength ? -1 : ends.Count(e => e <= at);
                Assert.Equal(Enumerable.Range(0, 7).Where(n => n != hit), rig.Drain());
                Assert.Equal(hit < 0 ? 0 : 1, rig.Log.LostRecords);
                Assert.Equal(hit < 0 ? 0 : 1, Directory.EnumerateFiles(folder, "*.damaged").Count());
                rig.Settle(hit < 0 ? 7 : 6);
                rig.Log.Sweep();
                Assert.Empty(LogFolder.Segments(folder));
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void a_run_of_damage_over_several_records_is_skipped_and_counted()
    {
        string origin = Make(50, out byte[] whole, out int[] ends);
        using (var rig = new LogRig(origin))
            rig.Write(50);
        Array.Fill(whole, (byte)0, ends[9] + 3, ends[19] - ends[9]);
        File.WriteAllBytes(LogFolder.Segments(origin)[0], whole);
        using var again = new LogRig(origin);
        Assert.Equal(Enumerable.Range(0, 10).Concat(Enumerable.Range(21, 30)), again.Drain());
        Assert.Equal(11, again.Log.LostRecords);
        Assert.True(again.Log.DamagedBytes > 0);
    }

    [Fact]
    public void a_payload_that_looks_like_a_record_is_not_taken_for_one_behind_damage()
    {
        // Whoever publishes does not know the log's marker; here one of another log stands in a value.
        byte[] forged = new byte[LogFormat.FrameLength(LogRig.Body(666).Length)];
        LogFormat.WriteFrame(forged, LogFormat.MarkerOf(12345), 3, LogRig.Body(666));
        string folder = _folder.File("forged");
        using (var rig = new LogRig(folder))
        {
            rig.Write(1);
            var record = new Fastbridge.Core.Delivery.OutgoingRecord { Value = forged };
            byte[] body = new byte[StoredRecord.LengthOf("t", in record)];
            StoredRecord.Write(body, "t", in record, 0);
            Assert.True(rig.Log.TryStage(body, out _));
            rig.Write(3);
        }

        string path = LogFolder.Segments(folder).Single();
        byte[] bytes = File.ReadAllBytes(path);
        int second = LogFormat.HeaderLength + LogFormat.FrameLength(LogRig.Body(1).Length);
        bytes[second + 1] ^= 1;
        File.WriteAllBytes(path, bytes);
        using var again = new LogRig(folder);
        Assert.Equal([1, 3], again.Drain());
        Assert.Equal(1, again.Log.LostRecords);
    }

    private string Make(int records, out byte[] whole, out int[] ends)
    {
        string folder = _folder.File("origin");
        using (var rig = new LogRig(folder))
            rig.Write(Enumerable.Range(0, records));
        whole = File.ReadAllBytes(LogFolder.Segments(folder).Single());
        ends = new int[records];
        int at = LogFormat.HeaderLength;
        for (int i = 0; i < records; i++)
            ends[i] = at += LogFormat.FrameLength(LogRig.Body(i).Length);
        return folder;
    }

    private string Copy(string origin, byte[] bytes, string name)
    {
        string folder = Directory.CreateDirectory(_folder.File(name)).FullName;
        File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(LogFolder.Segments(origin)[0])), bytes);
        return folder;
    }
}
