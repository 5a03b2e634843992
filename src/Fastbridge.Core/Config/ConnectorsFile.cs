using System.Text;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Source;
using Fastbridge.Core.Config.Validation;

namespace Fastbridge.Core.Config;

/// <summary>Reads the connectors file: JSON with comments and trailing commas, or YAML where its name ends in .yaml or .yml, in any of its three shapes. Any thread; nothing is kept between calls.</summary>
public static class ConnectorsFile
{
    /// <summary>Largest file, bytes: 16 MB. A thousand connectors take about 1 MB; what is larger is another file by mistake.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Reads and validates a file. It never throws for what the file holds, or for a file that cannot be read: that is a fault too.</summary>
    /// <param name="path">The file; relative paths inside it (state_dir, certificates, <c>${file:}</c>) are taken from its folder.</param>
    /// <param name="environment">Null: <see cref="LoadEnvironment.Current"/>.</param>
    public static LoadResult Load(string path, LoadEnvironment? environment = null)
    {
        var context = new LoadContext(path, environment ?? LoadEnvironment.Current);
        return FileBytes.Read(path, MaxBytes, out string? fault) is { } bytes
            ? Parse(bytes, context)
            : Failed(context, fault);
    }

    /// <summary>As <see cref="Load"/>, for text that is not (yet) in the file, such as what is about to be written there.</summary>
    /// <param name="utf8">The text; read during the call only.</param>
    public static LoadResult Parse(ReadOnlyMemory<byte> utf8, string path, LoadEnvironment? environment = null) =>
        Parse(utf8, new LoadContext(path, environment ?? LoadEnvironment.Current));

    /// <summary>The tree of the text without its byte order mark; null where it is not of its notation, the fault then stands in <paramref name="context"/>.</summary>
    internal static Node? ReadTree(ReadOnlyMemory<byte> utf8, LoadContext context)
    {
        if (utf8.Length > MaxBytes)
        {
            context.FaultOfFile(FileBytes.TooLarge(MaxBytes));
            return null;
        }

        if (utf8.Span.StartsWith(Encoding.UTF8.Preamble))
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        return IsYaml(context.File)
            ? YamlNodeReader.Read(new SourceText(utf8, yaml: true), context)
            : JsonNodeReader.Read(new SourceText(utf8), context);
    }

    internal static bool IsYaml(string path) => Path.GetExtension(path).ToUpperInvariant() is ".YAML" or ".YML";

    private static LoadResult Parse(ReadOnlyMemory<byte> utf8, LoadContext context) =>
        context.Result(ReadTree(utf8, context) is { } root ? FileReader.Read(root, context) : null);

    private static LoadResult Failed(LoadContext context, string? fault)
    {
        context.FaultOfFile(fault ?? "cannot be read");
        return context.Result(null);
    }
}
