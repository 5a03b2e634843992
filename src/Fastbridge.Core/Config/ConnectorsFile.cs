using System.Text;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Source;
using Fastbridge.Core.Config.Validation;

namespace Fastbridge.Core.Config;

/// <summary>Reads the connectors file: JSON with comments and trailing commas, in any of its three shapes. Any thread; nothing is kept between calls.</summary>
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
        if (Path.GetExtension(path).ToUpperInvariant() is ".YAML" or ".YML")
        {
            context.FaultOfFile("this version reads JSON only", "write the file as JSON and name it connectors.json");
            return context.Result(null);
        }

        return FileBytes.Read(path, MaxBytes, out string? fault) is { } bytes
            ? Parse(bytes, context)
            : Failed(context, fault);
    }

    /// <summary>As <see cref="Load"/>, for text that is not (yet) in the file, such as what is about to be written there.</summary>
    /// <param name="utf8">The text; read during the call only.</param>
    public static LoadResult Parse(ReadOnlyMemory<byte> utf8, string path, LoadEnvironment? environment = null) =>
        Parse(utf8, new LoadContext(path, environment ?? LoadEnvironment.Current));

    private static LoadResult Parse(ReadOnlyMemory<byte> utf8, LoadContext context)
    {
        if (utf8.Length > MaxBytes)
            return Failed(context, FileBytes.TooLarge(MaxBytes));
        if (utf8.Span.StartsWith(Encoding.UTF8.Preamble))
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        var source = new SourceText(utf8);
        return JsonNodeReader.Read(source, context) is { } root
            ? context.Result(FileReader.Read(root, context))
            : context.Result(null);
    }

    private static LoadResult Failed(LoadContext context, string? fault)
    {
        context.FaultOfFile(fault ?? "cannot be read");
        return context.Result(null);
    }
}
