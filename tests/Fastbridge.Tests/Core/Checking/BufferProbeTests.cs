using System.Buffers.Binary;
using Fastbridge.Core.Buffering;
using Fastbridge.Core.Checking;
using Fastbridge.Core.Config;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt;
using Fastbridge.Tests.Core.Buffering;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Checking;

/// <summary>What check says of buffer folders, and that it leaves them as they are.</summary>
public sealed class BufferProbeTests : IDisposable
{
    private readonly TempFolder _folder = new("probe");

    private string Disk => _folder.File("disk");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void a_good_folder_is_said_with_what_it_holds()
    {
        using (var rig = new LogRig(Disk))
        {
            rig.Write(1, 2, 3);
            rig.SaveCursor();
        }

        string before = Listing();
        Assert.Collection(
            Run(Connector("a", Disk)),
            f => Says(f, FindingLevel.Ok, $"{Disk} can be written"),
            f => Says(f, FindingLevel.Ok, "holds 3 messages that Kafka does not have"));
        Assert.Equal(before, Listing());
    }

    [Fact]
    public void a_default_folder_is_made_later_and_a_named_one_must_be_there()
    {
        Says(Assert.Single(Run(Connector("a", null))), FindingLevel.Ok, "is made when it is first needed");
        Says(Assert.Single(Run(Connector("a", Disk))), FindingLevel.Fail, "there is no such folder");
        File.WriteAllText(Disk, "");
        Says(Assert.Single(Run(Connector("a", Disk))), FindingLevel.Fail, "is a file");
        Assert.False(Directory.Exists(_folder.File("state")));
    }

    [Fact]
    public void one_that_cannot_be_written_fails()
    {
        using var disk = new SmallDisk(Disk, "1m");
        disk.MakeReadOnly();
        Says(Run(Connector("a", Disk))[0], FindingLevel.Fail, $"{Disk} cannot be written");
    }

    [Fact]
    public void one_that_a_bridge_uses_is_no_fault_and_stays_free_for_it()
    {
        using var rig = new LogRig(Disk);
        Says(Assert.Single(Run(Connector("a", Disk))), FindingLevel.Ok, "a running bridge uses it");
    }

    [Fact]
    public void too_little_space_and_damage_are_warned_of()
    {
        using (var rig = new LogRig(Disk))
        {
            rig.Write(1, 2, 3);
            rig.SaveCursor();
        }

        File.Delete(LogFolder.Segments(Disk).Single());
        Assert.Collection(
            Run(Connector("a", Disk, long.MaxValue / 2)),
            f => Says(f, FindingLevel.Ok, "can be written"),
            f => Says(f, FindingLevel.Warn, "bytes free, and"),
            f => Says(f, FindingLevel.Warn, "0 damaged pieces (0 bytes), and 3 records that are in no file"));
    }

    [Fact]
    public void two_connectors_with_one_folder_through_a_link_fail()
    {
        Directory.CreateDirectory(Path.Combine(Disk, "b"));
        Directory.CreateSymbolicLink(_folder.File("link"), Disk);
        Finding[] findings = Run(Connector("a", Path.Combine(Disk, "b")), Connector("b", Path.Combine(_folder.File("link"), "b")));
        Says(findings[^1], FindingLevel.Fail, "is the folder of connector a too");
        Assert.Equal(["b"], findings[^1].Connectors);
    }

    [Fact]
    public void a_newer_format_fails()
    {
        using (var rig = new LogRig(Disk))
            rig.Write(1);
        string path = LogFolder.Segments(Disk).Single();
        byte[] bytes = File.ReadAllBytes(path);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), 2);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Crc32.Compute(bytes.AsSpan(0, 12)));
        File.WriteAllBytes(path, bytes);
        Says(Assert.Single(Run(Connector("a", Disk))), FindingLevel.Fail, "was written by a newer version of fastbridge (format 2)");
    }

    [Fact]
    public void a_folder_that_a_connector_had_and_that_holds_messages_is_warned_of()
    {
        using (var rig = new LogRig(Disk))
            rig.Write(1, 2);
        Directory.CreateDirectory(_folder.File("state"));
        File.WriteAllText(Path.Combine(_folder.File("state"), "buffers.jsonl"), $"rubbish\n{{\"cluster_name\":\"default\",\"connector_name\":\"a\",\"path\":\"{Disk}\"}}\n");
        Says(Assert.Single(Run(Connector("a", null) with { Buffer = null })), FindingLevel.Warn, "which was its buffer, holds 2 messages");
        Assert.DoesNotContain(Run(Connector("b", Disk)), f => f.What == "former");
    }

    private static void Says(Finding finding, FindingLevel level, string text)
    {
        Assert.Contains(text, finding.Text, StringComparison.Ordinal);
        Assert.Equal(level, finding.Level);
        Assert.DoesNotContain('\n', finding.Text);
        Assert.True(level is FindingLevel.Ok || finding.Remedy is not null);
    }

    private Finding[] Run(params ConnectorConfig[] connectors) =>
        [.. BufferProbe.Run(connectors, new BridgeConfig { Connectors = [.. connectors], StateDir = _folder.File("state") })];

    private string Listing() => string.Join('\n', Directory.EnumerateFileSystemEntries(Disk).Order());

    private static ConnectorConfig Connector(string name, string? path, long maxBytes = 1024 * 1024) => new()
    {
        Name = name,
        Mqtt = new MqttClientOptions(),
        Kafka = new KafkaConfig { BootstrapServers = "unused:1", Topic = "t" },
        Buffer = new BufferConfig { Path = path, MaxBytes = maxBytes },
    };
}
