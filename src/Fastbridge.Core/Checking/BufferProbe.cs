using System.Collections.Immutable;
using System.Globalization;
using Fastbridge.Core.Buffering;
using Fastbridge.Core.Config;
using Fastbridge.Core.Live;

namespace Fastbridge.Core.Checking;

/// <summary>What check finds of the disk buffers' folders. It only looks: nothing is made, written or locked.</summary>
public static class BufferProbe
{
    /// <summary>The findings of each connector that has a buffer, and of folders that one had.</summary>
    /// <param name="connectors">Those that are to run.</param>
    /// <param name="set">The whole file: a connector that is stopped keeps its folder.</param>
    public static ImmutableArray<Finding> Run(IEnumerable<ConnectorConfig> connectors, BridgeConfig set)
    {
        ImmutableArray<Finding>.Builder findings = ImmutableArray.CreateBuilder<Finding>();
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (ConnectorConfig connector in connectors)
        {
            if (connector.Buffer is not { } buffer)
                continue;
            string folder = BufferFolder.Of(buffer, set.StateDir, connector.Name);
            string real = BufferFolder.Real(folder);
            if (!owners.TryAdd(real, connector.Name))
                findings.Add(New(connector.Name, "folder", FindingLevel.Fail, $"{folder} is the folder of connector {owners[real]} too ({real})", "give each buffer a folder of its own in buffer.path"));
            else
                Folder(findings, connector.Name, buffer, folder);
        }

        foreach (RememberedBuffer before in BufferMemory.Load(set.StateDir).All)
            Former(findings, before, set);
        return findings.ToImmutable();
    }

    private static void Folder(ImmutableArray<Finding>.Builder findings, string connector, BufferConfig buffer, string folder)
    {
        if (!Directory.Exists(folder))
        {
            Missing(findings, connector, buffer, folder);
            return;
        }

        BufferReport report;
        try
        {
            report = BufferReport.Read(folder);
        }
        catch (BufferException e)
        {
            findings.Add(New(connector, "folder", FindingLevel.Fail, e.Message, null));
            return;
        }

        if (report.NewerVersion > 0)
        {
            findings.Add(New(
                connector, "folder", FindingLevel.Fail, string.Create(CultureInfo.InvariantCulture, $"{folder} was written by a newer version of fastbridge (format {report.NewerVersion})"), "run that version, or name another folder in buffer.path"));
            return;
        }

        findings.Add(Delivery.Folder.MayWrite(folder)
            ? New(connector, "folder", FindingLevel.Ok, report.InUse ? $"{folder}: a running bridge uses it" : $"{folder} can be written", null)
            : New(connector, "folder", FindingLevel.Fail, $"{folder} cannot be written", "let the bridge's user write there (and mount its disk writable), or name another folder in buffer.path"));
        Space(findings, connector, buffer, folder, report.Bytes);
        if (report.Records > 0)
        {
            string oldest = report.OldestAt is { } at ? string.Create(CultureInfo.InvariantCulture, $", the oldest of {at:yyyy-MM-dd HH:mm:ss}Z") : "";
            findings.Add(New(connector, "content", FindingLevel.Ok, string.Create(CultureInfo.InvariantCulture, $"holds {report.Records:N0} messages that Kafka does not have ({report.Bytes:N0} bytes{oldest})"), null));
        }

        if (report.Damaged > 0 || report.Missing > 0)
        {
            findings.Add(New(
                connector,
                "content",
                FindingLevel.Warn,
                string.Create(CultureInfo.InvariantCulture, $"{report.Damaged} damaged pieces ({report.DamagedBytes:N0} bytes), and {report.Missing:N0} records that are in no file"),
                $"check the disk; what can be saved is in *{LogFolder.DamagedSuffix}, which count for max_bytes until they are removed"));
        }
    }

    private static void Missing(ImmutableArray<Finding>.Builder findings, string connector, BufferConfig buffer, string folder)
    {
        if (File.Exists(folder))
        {
            findings.Add(New(connector, "folder", FindingLevel.Fail, $"{folder} is a file", "name a folder in buffer.path"));
            return;
        }

        if (buffer.Path is not null)
        {
            findings.Add(New(connector, "folder", FindingLevel.Fail, $"{folder}: there is no such folder", "make it (or mount its disk), and let the bridge's user write there"));
            return;
        }

        string? parent = folder;
        while (parent is not null && !Directory.Exists(parent))
            parent = Path.GetDirectoryName(parent);
        if (parent is null || !Delivery.Folder.MayWrite(parent))
        {
            findings.Add(New(connector, "folder", FindingLevel.Fail, $"{folder} cannot be made: {parent} cannot be written", "set state_dir to a folder of the bridge's user"));
            return;
        }

        findings.Add(New(connector, "folder", FindingLevel.Ok, $"{folder} is made when it is first needed", null));
        Space(findings, connector, buffer, parent, 0);
    }

    private static void Space(ImmutableArray<Finding>.Builder findings, string connector, BufferConfig buffer, string folder, long taken)
    {
        try
        {
            long free = new DriveInfo(folder).AvailableFreeSpace;
            if (free + taken < buffer.MaxBytes)
            {
                findings.Add(New(
                    connector,
                    "space",
                    FindingLevel.Warn,
                    string.Create(CultureInfo.InvariantCulture, $"its disk has {free:N0} bytes free, and {buffer.MaxBytes - taken:N0} are wanted up to max_bytes"),
                    "free some, or lower buffer.max_bytes: on a full disk messages wait at the broker"));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            findings.Add(New(connector, "space", FindingLevel.Warn, $"its disk's free space cannot be told ({LogFolder.Reason(e)})", null));
        }
    }

    /// <summary>A folder that the file does not name any more.</summary>
    private static void Former(ImmutableArray<Finding>.Builder findings, RememberedBuffer before, BridgeConfig set)
    {
        foreach (ConnectorConfig connector in set.Connectors)
        {
            if (connector.Buffer is { } buffer && BufferFolder.AreSame(BufferFolder.Of(buffer, set.StateDir, connector.Name), before.Folder))
                return;
        }

        long records;
        try
        {
            records = BufferReport.Read(before.Folder).Records;
        }
        catch (BufferException)
        {
            return; // The bridge says so at its start.
        }

        if (records > 0)
        {
            findings.Add(New(
                before.Name, "former", FindingLevel.Warn, string.Create(CultureInfo.InvariantCulture, $"{before.Folder}, which was its buffer, holds {records:N0} messages"), "they are delivered when the connector runs; one that was removed must be put back for that"));
        }
    }

    private static Finding New(string connector, string what, FindingLevel level, string text, string? remedy) =>
        new() { Connectors = [connector], End = "buffer", What = what, Level = level, Text = text, Remedy = remedy };
}
