using System.Globalization;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads a connector's <c>buffer</c>.</summary>
internal static class BufferReader
{
    /// <summary>Null where the connector has none.</summary>
    /// <param name="largestRecord">Bytes of the largest record that Kafka takes: a buffer that cannot hold two would stand still behind one.</param>
    public static BufferConfig? Read(ObjectReader connector, int largestRecord, LoadContext context)
    {
        if (connector.Object("buffer") is not { } node)
            return null;
        KeyCheck.Known(node, KeySection.Buffer, context);
        var reader = new ObjectReader(node, KeySection.Buffer, context);
        var buffer = new BufferConfig();
        buffer = buffer with
        {
            Path = reader.Text("path") is { } path ? context.PathBeside(path.Value) : null,
            MaxBytes = reader.Number("max_bytes") ?? buffer.MaxBytes,
            When = reader.Choice("when") switch
            {
                "full_window" => BufferWhen.FullWindow,
                "always" => BufferWhen.Always,
                _ => buffer.When,
            },
            Full = reader.Choice("full") switch
            {
                "drop_oldest" => BufferFull.DropOldest,
                "drop_newest" => BufferFull.DropNewest,
                _ => buffer.Full,
            },
        };
        if (buffer.MaxBytes < 2L * largestRecord)
        {
            string least = (2L * largestRecord).ToString(CultureInfo.InvariantCulture);
            context.Fault(
                reader.Find("max_bytes") ?? node,
                string.Create(CultureInfo.InvariantCulture, $"must be at least {least}, twice the largest record (message.max.bytes, {largestRecord})"),
                "raise it, or set message.max.bytes in config.properties lower");
        }

        return buffer;
    }

    /// <summary>Two connectors cannot share a folder.</summary>
    public static void CheckFolders(IReadOnlyList<ReadConnector> connectors, LoadContext context)
    {
        var folders = new Dictionary<string, Node>(StringComparer.Ordinal);
        foreach (ReadConnector connector in connectors)
        {
            if (connector.Config.Buffer?.Path is not { } path || connector.Node.Find("buffer")?.Find("path") is not { } at)
                continue;
            string folder = Path.TrimEndingDirectorySeparator(path);
            if (!folders.TryAdd(folder, connector.Node))
                context.Fault(at, $"{folders[folder].Path} has this folder too", "give each buffer a folder of its own, or leave path out");
        }
    }
}
