using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Fastbridge.Core.Live;

/// <summary>A buffer's folder that a connector of the file named.</summary>
public sealed record RememberedBuffer(string ClusterName, string Name, string Folder);

/// <summary>
/// The folders that connectors' buffers named, one JSON object a line in <c>buffers.jsonl</c> of state_dir: acknowledged messages in one of them must not be forgotten
/// when the connectors file does not name it any more. Folders below state_dir itself need no memory. One thread at a time; the bridge that has the state_dir writes.
/// </summary>
public sealed class BufferMemory
{
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
            if (File.Exists(memory._path))
            {
                foreach (string line in File.ReadAllLines(memory._path))
                    memory.Add(line);
            }
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
        var text = new ArrayBufferWriter<byte>();
        foreach (RememberedBuffer buffer in All)
        {
            using (var json = new Utf8JsonWriter(text))
            {
                json.WriteStartObject();
                json.WriteString("cluster_name", buffer.ClusterName);
                json.WriteString("connector_name", buffer.Name);
                json.WriteString("path", buffer.Folder);
                json.WriteEndObject();
            }

            text.Write("\n"u8);
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            WholeFile.Write(_path, text.WrittenSpan);
            _dirty = false;
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{_path}: cannot be written ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); a buffer whose path is taken out of the file would be forgotten with what it holds; mend the folder's rights";
        }
    }

    private void Add(string line)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            JsonElement root = json.RootElement;
            if (root.ValueKind is JsonValueKind.Object
                && root.TryGetProperty("cluster_name", out JsonElement cluster) && cluster.ValueKind is JsonValueKind.String
                && root.TryGetProperty("connector_name", out JsonElement name) && name.ValueKind is JsonValueKind.String
                && root.TryGetProperty("path", out JsonElement path) && path.ValueKind is JsonValueKind.String
                && new RememberedBuffer(cluster.GetString()!, name.GetString()!, path.GetString()!) is var buffer && !All.Contains(buffer))
                All = All.Add(buffer);
        }
        catch (JsonException)
        {
            // Not ours, or a line that somebody cut.
        }
    }
}
