using Fastbridge.Core.Config;
using Fastbridge.Tests.Core.Buffering;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Live;

/// <summary>A buffer is taken out of the connectors file while its folder holds acknowledged messages.</summary>
public class FormerBufferTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task what_it_holds_is_delivered_before_what_is_new_over_an_edit_and_over_a_restart(bool named)
    {
        await using var rig = new LiveRig { KafkaAnswers = false };
        ScriptedLink link = await BufferedAsync(rig, named);
        Task edit = rig.ApplyAsync(rig.Connector("c", "#"));
        await LiveRig.LeavesAsync(link);
        await edit.Guarded();
        link = await rig.AcceptAsync(sessionPresent: true);
        Assert.Equal(3, rig.Status("c").Buffer!.Records); // Kafka does not answer yet
        Task<long> stop = rig.StopAsync();
        await LiveRig.LeavesAsync(link);
        await stop.Guarded();
        await rig.Bridge.DisposeAsync();

        rig.KafkaAnswers = true;
        rig.Start2(rig.Connector("c", "#"));
        link = await rig.AcceptAsync(sessionPresent: true);
        await LiveRig.PublishAsync(link, "a/4", 4);
        await link.ReadAcksAsync(1);
        FakeSink sink = rig.Sinks[^1];
        await LiveRig.UntilAsync(() => sink.Values.Count == 4 && rig.Status("c").Buffer is { Records: 0, Buffering: false }, "it is not drained");
        for (int i = 0; i < 4; i++)
            Assert.Contains($"a/{i + 1}", sink.Values[i], StringComparison.Ordinal);
        Assert.Empty(rig.Bridge.Warnings);
        stop = rig.StopAsync();
        await LiveRig.LeavesAsync(link);
        await stop.Guarded();
        await rig.Bridge.DisposeAsync();

        rig.Start2(rig.Connector("c", "#"));
        await rig.AcceptAsync(sessionPresent: true);
        Assert.Null(rig.Status("c").Buffer);
        Assert.DoesNotContain("path", Remembered(rig), StringComparison.Ordinal);
    }

    [Fact]
    public async Task without_its_connector_it_is_said_until_the_connector_is_back_also_for_a_folder_that_was_named()
    {
        await using var rig = new LiveRig { KafkaAnswers = false };
        ScriptedLink link = await BufferedAsync(rig, named: true);
        Task edit = rig.ApplyAsync(rig.Connector("d", "d"));
        await LiveRig.LeavesAsync(link);
        await edit.Guarded();
        await rig.AcceptAsync();
        string says = $"{Named(rig)} holds 3 acknowledged messages, and no connector has it for its buffer";
        await LiveRig.UntilAsync(() => rig.Bridge.Warnings.Any(w => w.Contains(says, StringComparison.Ordinal)), "nothing is said");
        await rig.StopAsync();
        await rig.Bridge.DisposeAsync();

        rig.Start2(rig.Connector("d", "d")); // the file does not know it any more, and state_dir does
        await rig.AcceptAsync();
        Assert.Contains(rig.Bridge.Warnings, w => w.Contains(says, StringComparison.Ordinal));
        await rig.ApplyAsync(rig.Connector("d", "d"), With(rig, named: true));
        Assert.Empty(rig.Bridge.Warnings);
        await rig.AcceptAsync();
    }

    [Fact]
    public async Task a_folder_that_is_not_there_is_not_forgotten()
    {
        await using var rig = new LiveRig { KafkaAnswers = false };
        ScriptedLink link = await BufferedAsync(rig, named: true);
        Task<long> stop = rig.StopAsync();
        await LiveRig.LeavesAsync(link);
        await stop.Guarded();
        await rig.Bridge.DisposeAsync();
        Directory.Move(Named(rig), rig.Folder.File("away"));
        Directory.CreateDirectory(Named(rig)); // where its disk is to be mounted
        rig.Start2(rig.Connector("c", "#"));
        await rig.AcceptAsync(sessionPresent: true);
        Assert.Contains(rig.Bridge.Warnings, w => w.Contains("is not there: mount its disk", StringComparison.Ordinal));
        Assert.Contains(Named(rig), Remembered(rig), StringComparison.Ordinal);
    }

    [Fact]
    public async Task drained_it_is_never_gone_by_again()
    {
        using var folder = new TempFolder("former");
        using (var log = new LogRig(Directory.CreateDirectory(folder.File("buffer")).FullName))
            log.Write(1, 2, 3);
        await using var bench = new BufferBench(new BufferConfig { MaxBytes = 64 * 1024 * 1024 }, folder: folder.Path, former: true);
        await bench.PublishAsync(4, 2);
        await bench.ReportAllAsync();
        await BufferBench.UntilAsync(() => !bench.Status.Buffering);
        bench.Delivery.OnSinkState("broker away");
        await bench.PublishAsync(6, 3);
        Assert.Equal(Enumerable.Range(1, 8), bench.Produced);
        bench.Delivery.OnSinkState(null);
        Assert.Equal(3, bench.Delivery.LeftToBroker);
        await bench.ReportAllAsync();
        Assert.Equal([true, false], bench.Modes);
    }

    private static string Named(LiveRig rig) => rig.Folder.File("disk");

    private static string Remembered(LiveRig rig)
    {
        string path = Path.Combine(rig.StateDir, "buffers.jsonl");
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }

    private static ConnectorConfig With(LiveRig rig, bool named) =>
        rig.Connector("c", "#") with { Buffer = new BufferConfig { Path = named ? Named(rig) : null, When = BufferWhen.Always } };

    /// <summary>A running connector with three messages in its buffer.</summary>
    private static async Task<ScriptedLink> BufferedAsync(LiveRig rig, bool named)
    {
        Directory.CreateDirectory(Named(rig));
        rig.Start(With(rig, named));
        ScriptedLink link = await rig.AcceptAsync();
        for (ushort id = 1; id <= 3; id++)
            await LiveRig.PublishAsync(link, $"a/{id}", id);
        await link.ReadAcksAsync(3);
        return link;
    }
}
