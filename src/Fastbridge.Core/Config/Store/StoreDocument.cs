using System.Text;
using Fastbridge.Core.Config.Editing;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;
using Fastbridge.Core.Config.Validation;

namespace Fastbridge.Core.Config.Store;

/// <summary>The text of a connectors file with its tree. Immutable: an edit makes another.</summary>
internal sealed class StoreDocument
{
    private readonly string _path;
    private readonly LoadEnvironment _environment;
    private LoadResult? _validated;

    private StoreDocument(byte[] bytes, Node root, string path, LoadEnvironment environment)
    {
        (Bytes, Root, _path, _environment) = (bytes, root, path, environment);
        IsOneRecord = FileReader.IsOneRecord(root);
        List = root.Kind == NodeKind.List ? root : root.Find("connectors");
        Records = IsOneRecord ? [root] : List?.Items ?? [];
    }

    /// <summary>The whole text, a byte order mark included.</summary>
    public byte[] Bytes { get; }

    public Node Root { get; }

    /// <summary>The file is one connector record.</summary>
    public bool IsOneRecord { get; }

    /// <summary>The value that should be the list of records, of whatever kind; null where the file has none.</summary>
    public Node? List { get; }

    public IReadOnlyList<Node> Records { get; }

    /// <summary>What the file's validation says of this text.</summary>
    public LoadResult Validated => _validated ??= ConnectorsFile.Parse(Bytes, _path, _environment);

    /// <summary>Null where the text is not of its notation, with the fault.</summary>
    public static StoreDocument? Parse(byte[] bytes, string path, LoadEnvironment environment, out string? fault)
    {
        var context = new LoadContext(path, environment);
        Node? root = ConnectorsFile.ReadTree(bytes, context);
        fault = root is null ? context.Result(null).Faults[0].ToString() : null;
        return root is null ? null : new StoreDocument(bytes, root, path, environment);
    }

    /// <summary>This with an edit applied; null where the new text would not be of the notation any more, which no edit of a sound tree makes.</summary>
    public StoreDocument? Edited(TextEdits edits)
    {
        int mark = Bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        return edits.Apply(Root.Source.Utf8.Span) is { } text ? Parse([.. Bytes.AsSpan(0, mark), .. text], _path, _environment, out _) : null;
    }

    /// <summary>A member of a record under its name or an alias, null values included; else null.</summary>
    public static Node? Find(Node record, string name)
    {
        Node? found = record.Find(name);
        foreach (string alias in KnownKeys.Find(KeySection.Connector, name)?.Aliases ?? [])
            found ??= record.Find(alias);
        return found;
    }

    /// <summary>A text member of a record as it is written; null where it is absent or none.</summary>
    public static string? Text(Node record, string name) => Find(record, name) is { Kind: NodeKind.Text } text ? text.Value : null;

    /// <summary>The indices of the connectors of that name; in the cluster, where one is given.</summary>
    public List<int> IndicesOf(string? clusterName, string name)
    {
        List<int> found = [];
        for (int i = 0; i < Records.Count; i++)
        {
            if (Text(Records[i], "connector_name") == name && (clusterName is null || ClusterOf(Records[i]) == clusterName))
                found.Add(i);
        }

        return found;
    }

    public static string ClusterOf(Node record) => Text(record, "cluster_name") ?? "default";

    /// <summary>The folder of the file's state_dir; the default where it is absent or cannot be resolved.</summary>
    public string StateDir()
    {
        var context = new LoadContext(_path, _environment);
        string folder = !IsOneRecord && Root.Find("state_dir") is { Kind: NodeKind.Text } node && context.Secrets.TryResolve(node, false, out Resolved text) && text.Value.Length > 0
            ? text.Value
            : FileReader.DefaultStateDir;
        return context.PathBeside(folder);
    }
}
