using System.Collections.Immutable;

namespace Fastbridge.Core.Live;

/// <summary>A buffer's folder that a connector of the file named.</summary>
public sealed record RememberedBuffer(string ClusterName, string Name, string Folder);

/// <summary>
/// The folders that connectors' buffers named, one JSON object a line in <c>buffers.jsonl</c> of state_dir: acknowledged messages in one of them must not be forgotten
/// when the connectors file does not name it any more. Folders below state_dir itself need no memory. One thread at a time; the bridge that has the state_dir writes.
/// </summary>
public sealed class BufferMemory
{
    private static readonly string[] Names = ["cluster_name", "connector_name", "path"];

    private readonly string _path;
    private bool _dirty;

    private BufferMemory(string path) => _path = path;

    /// <summary>What is remembered.</summary>
    public ImmutableArray<RememberedBuffer> All { get; private set; } = [];

    /// <summary>Reads a state_dir's memory; empty where there is none, or it cannot be read. Lines that are none are passed over.</summary>
    public static BufferMemory Load(string stateDir)
    {
        var memory = new BufferMemory(Path.Combine(stateDir, "buffers.jsonl"));
        try
        {
            memory.All = [.. StringLines.Read(memory._path, Names).ConvertAll(row => new RememberedBuffer(row[0], row[1], row[2]))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As good as none: what stands in the connectors file is remembered anew.
        }

        return memory;
    }

    /// <summary>A connector has this folder for its buffer; to be followed by <see cref="Save"/> before it does.</summary>
    internal void Remember(RememberedBuffer buffer)
    {
        if (All.Contains(buffer))
            return;
        All = All.Add(buffer);
        _dirty = true;
    }

    /// <summary>It holds nothing, and nobody names it.</summary>
    internal void Forget(RememberedBuffer buffer)
    {
        _dirty |= All.Contains(buffer);
        All = All.Remove(buffer);
    }

    /// <summary>Writes what has changed since.</summary>
    /// <returns>Null, or why it cannot be written: one line.</returns>
    internal string? Save()
    {
        if (!_dirty)
            return null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            StringLines.Write(_path, Names, [.. All.Select(buffer => new[] { buffer.ClusterName, buffer.Name, buffer.Folder })]);
            _dirty = false;
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{_path}: cannot be written ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); a buffer whose path is taken out of the file would be forgotten with what it holds; mend the folder's rights";
        }
    }
}
