using System.Globalization;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Reading;

/// <summary>What goes along through one load: the file's name and folder, the environment, and the faults and warnings found so far. One thread.</summary>
internal sealed class LoadContext
{
    /// <summary>A terminal's scrollback is a thousand lines; a file with more faults is another file by mistake. The rest is counted.</summary>
    private const int MaxFaults = 1_000;

    private readonly HashSet<Fault> _faults = [];
    private readonly HashSet<Fault> _warnings = [];
    private readonly HashSet<(Node, string)> _meant = [];
    private long _more;

    public LoadContext(string file, LoadEnvironment environment)
    {
        File = file;
        Environment = environment;
        string? folder = null;
        try
        {
            folder = Path.GetDirectoryName(Path.GetFullPath(file));
        }
        catch (ArgumentException)
        {
            // An empty path, or one with U+0000: reading it is the fault.
        }

        Folder = folder ?? Path.DirectorySeparatorChar.ToString();
        Secrets = new SecretResolver(this);
    }

    public string File { get; }

    /// <summary>Where relative paths begin.</summary>
    public string Folder { get; }

    public LoadEnvironment Environment { get; }

    public SecretResolver Secrets { get; }

    public WatchedFiles Files { get; } = new();

    /// <summary>So many faults that more are counted only.</summary>
    public bool IsFull => _faults.Count >= MaxFaults;

    /// <summary>The value at <paramref name="node"/> is wrong; it is shown as written unless it may be secret.</summary>
    public void Fault(Node node, string text, string? remedy = null) => Add(node, Shown.Value(node), text, remedy);

    /// <summary>As <see cref="Fault(Node, string, string?)"/>, without the value: the text says it, or it must not be seen.</summary>
    public void FaultWithoutValue(Node node, string text, string? remedy = null) => Add(node, null, text, remedy);

    /// <summary>Wrong by its type: <c>expected a number from 0 to 65535, found the text "abc"</c>.</summary>
    public void WrongType(Node node, string expected, string? remedy = null) =>
        FaultWithoutValue(node, $"expected {expected}, found {Shown.Found(node)}", remedy);

    /// <summary>A place in a text that is no tree yet.</summary>
    public void FaultAt(SourceText source, int offset, string text, string? remedy)
    {
        (int line, int column) = source.Place(offset);
        string where = source.Outer is null ? text : $"no valid JSON: at byte {offset + 1} {text}";
        _faults.Add(new Fault(File, source.Outer?.Path ?? "", null, where, remedy) { Line = line, Column = column, Order = source.Order(offset) });
    }

    /// <summary>The file as a whole.</summary>
    public void FaultOfFile(string text, string? remedy = null) => _faults.Add(new Fault(File, "", null, text, remedy));

    /// <summary>Allowed, and said at each start.</summary>
    public void Warn(Node node, string text, string? remedy = null) => _warnings.Add(Make(node, Shown.Value(node), text, remedy));

    /// <summary>As <see cref="Warn"/>, without the value: the text says it, or it must not be seen.</summary>
    public void WarnWithoutValue(Node node, string text, string? remedy = null) => _warnings.Add(Make(node, null, text, remedy));

    /// <summary>Remembers that an unknown name in <paramref name="owner"/> was probably meant to be <paramref name="name"/>, which is then not reported as missing.</summary>
    public void Meant(Node owner, string name) => _meant.Add((owner, name));

    public bool WasMeant(Node owner, string name) => _meant.Contains((owner, name));

    /// <summary>A path of the file: relative ones begin beside it.</summary>
    public string PathBeside(string path) => Path.GetFullPath(path, Folder);

    public LoadResult Result(BridgeConfig? config)
    {
        List<Fault> faults = [.. _faults.OrderBy(f => f.Order)];
        if (_more > 0)
            faults.Add(new Fault(File, "", null, string.Create(CultureInfo.InvariantCulture, $"and {_more} faults more"), "mend the first ones and look again"));
        return new LoadResult
        {
            Config = faults.Count == 0 ? config : null,
            Faults = [.. faults],
            Warnings = [.. _warnings.OrderBy(w => w.Order).Select(w => w.ToString())],
            WatchedFiles = [.. Secrets.Files, .. Files.All],
        };
    }

    private Fault Make(Node node, string? value, string text, string? remedy)
    {
        (int line, int column) = node.Source.Place(node.NameStart);
        return new Fault(File, node.Path, value, text, remedy) { Line = line, Column = column, Order = node.Source.Order(node.NameStart) };
    }

    private void Add(Node node, string? value, string text, string? remedy)
    {
        if (IsFull)
            _more++;
        else
            _faults.Add(Make(node, value, text, remedy));
    }
}
