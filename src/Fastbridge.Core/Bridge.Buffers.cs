using Fastbridge.Core.Buffering;
using Fastbridge.Core.Config;
using Fastbridge.Core.Live;

namespace Fastbridge.Core;

/// <content>Buffers that the file does not name any more: what they hold was acknowledged, so it must be delivered, or at least not go unsaid.</content>
public sealed partial class Bridge
{
    /// <summary>Pulses between two looks at them; an edit looks at once.</summary>
    private const int BufferPulses = 60;

    private BufferMemory? _buffers;
    private string? _orphaned;
    private string? _buffersTrouble;
    private int _pulses;

    /// <summary>Before the connectors of a set start: which folders they name.</summary>
    private void RememberBuffers(BridgeConfig next)
    {
        _buffers ??= BufferMemory.Load(next.StateDir);
        foreach (ConnectorConfig connector in next.Connectors)
        {
            if (connector.Enabled && connector.Buffer?.Path is { } path)
                _buffers.Remember(new RememberedBuffer(connector.ClusterName, connector.Name, Path.GetFullPath(path)));
        }

        SaveBuffers();
    }

    /// <summary>
    /// The folders that were the buffer of a connector which has none now, and that are no other's: what they hold is delivered before it goes straight. Empty for one
    /// that has a buffer.
    /// </summary>
    private List<string> FormerBuffers(ConnectorConfig connector, BridgeConfig set)
    {
        List<string> folders = [];
        if (connector.Buffer is not null)
            return folders;
        foreach (RememberedBuffer buffer in _buffers!.All)
        {
            if (buffer.ClusterName == connector.ClusterName && buffer.Name == connector.Name)
                folders.Add(buffer.Folder);
        }

        folders.Add(BufferFolder.Of(new BufferConfig(), set.StateDir, connector.Name));
        folders.RemoveAll(folder => !LogFolder.IsUsed(folder) || IsOwned(folder, set));
        return folders;
    }

    /// <summary>Says which folders hold messages that nobody delivers, and forgets those that hold none.</summary>
    /// <param name="early">The connectors have just begun: one that delivers its former buffer has not taken the folder yet.</param>
    private void WarnOfBuffers(BridgeConfig set, bool early)
    {
        List<string> said = [];
        foreach (string folder in DefaultFolders(set.StateDir))
        {
            if (!IsOwned(folder, set))
                _ = IsDone(folder, early && IsFormer(folder, set) ? [] : said);
        }

        foreach (RememberedBuffer buffer in _buffers!.All)
        {
            if (IsOwned(buffer.Folder, set))
                continue;
            if (!LogFolder.IsUsed(buffer.Folder))
                said.Add($"{buffer.Folder}, which was the buffer of connector {buffer.Name}, is not there: mount its disk and put the connector's buffer back, or, if it is gone for good, take its line out of buffers.jsonl in state_dir while nothing runs");
            else if (IsDone(buffer.Folder, early && IsFormer(buffer.Folder, set) ? [] : said))
                _buffers.Forget(buffer);
        }

        SaveBuffers();
        string? orphaned = said.Count > 0 ? string.Join("; ", said) : null;
        if (orphaned is not null && orphaned != _orphaned)
            BridgeLog.Warned(_log, orphaned);
        _orphaned = orphaned;
    }

    /// <summary>A folder that nobody has and that holds nothing. One that is in use is looked at another time: its connector may still be leaving it.</summary>
    private static bool IsDone(string folder, List<string> said)
    {
        try
        {
            BufferReport report = BufferReport.Read(folder);
            if (report.InUse)
                return false;
            if (report.Records > 0)
                said.Add($"{folder} holds {report.Records} acknowledged messages, and no connector has it for its buffer: put the connector's buffer back until they are delivered");
            return report.Records == 0;
        }
        catch (BufferException e)
        {
            said.Add($"{e.Message}; no connector has it for its buffer any more");
            return false;
        }
    }

    private static string[] DefaultFolders(string stateDir)
    {
        try
        {
            return Directory.Exists(stateDir) ? Directory.GetDirectories(stateDir, "buffer-*") : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // What cannot be looked at is told by whoever needs it.
        }
    }

    private static bool IsOwned(string folder, BridgeConfig set)
    {
        foreach (ConnectorConfig connector in set.Connectors)
        {
            if (connector.Buffer is { } buffer && BufferFolder.AreSame(BufferFolder.Of(buffer, set.StateDir, connector.Name), folder))
                return true;
        }

        return false;
    }

    /// <summary>A connector that runs without a buffer delivers what is in it, and says so itself.</summary>
    private bool IsFormer(string folder, BridgeConfig set)
    {
        foreach (ConnectorConfig connector in set.Connectors)
        {
            if (connector.Enabled && FormerBuffers(connector, set).Contains(folder))
                return true;
        }

        return false;
    }

    private void SaveBuffers()
    {
        string? trouble = _buffers?.Save();
        if (trouble is not null && trouble != _buffersTrouble)
            BridgeLog.Warned(_log, trouble);
        _buffersTrouble = trouble;
    }
}
