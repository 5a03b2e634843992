using System.Globalization;
using System.Text;
using Fastbridge.Core.Config.Editing;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Store;

/// <summary>A draft's members as values to be written, in the reference page's order. What the file's validation will say of them is not asked here.</summary>
internal sealed class DraftReader
{
    /// <summary>RobustMQ's bound for a config.</summary>
    private const int MaxConfig = 4_096;

    private readonly LoadContext _context;

    private DraftReader(LoadEnvironment environment) => _context = new LoadContext("", environment);

    /// <summary>The members that the draft names but for name and cluster; <c>connector_type</c> as the schema spells it.</summary>
    public List<Member> Members { get; } = [];

    /// <summary>The config's text as it was given, for a file that keeps it as a text; null where the draft has none.</summary>
    public string? ConfigText { get; private set; }

    /// <summary>One line each; empty where all could be read.</summary>
    public List<string> Faults { get; } = [];

    public static DraftReader Read(ConnectorDraft draft, LoadEnvironment environment)
    {
        var reader = new DraftReader(environment);
        if (draft.Type is { } type)
            reader.Members.Add(new Member("connector_type", Value(Literals.Quoted(Spelt(type)))));
        if (draft.Config is { } config)
            reader.ReadConfig(config);
        if (draft.TopicIds is { } topics)
            reader.Members.Add(new Member("topic_id", Value(topics.Length == 1 ? Literals.Quoted(topics[0]) : $"[{string.Join(", ", topics.Select(Literals.Quoted))}]")));
        if (draft.FailureStrategy is { } strategy && reader.Json("failure_strategy", strategy) is { } parsed)
            reader.Members.Add(new Member("failure_strategy", parsed));
        foreach (Fault fault in reader._context.Result(null).Faults)
            reader.Faults.Add(fault.Describe(fault.Path));
        return reader;
    }

    /// <summary>The value of a JSON text that we made.</summary>
    public static Node Value(string json) => JsonNodeReader.Read(new SourceText(Encoding.UTF8.GetBytes(json)), new LoadContext("", LoadEnvironment.Current))!;

    /// <summary>Masks in a wanted value for which the stored one has no secret: a fault each.</summary>
    public static void CheckMasks(Node wanted, Node? stored, string path, List<string> faults)
    {
        if (wanted is { Kind: NodeKind.Text, Value: Literals.Mask } && Shown.IsSecretName(wanted.Name ?? "") && (stored is null || !Literals.IsMasked(stored)))
            faults.Add($"{path}: {Literals.Mask} stands for a secret that is stored, and none is; write it, or better ${{env:NAME}} or ${{file:PATH}}");
        foreach (Node member in wanted.Members)
            CheckMasks(member, stored?.Find(member.Name!), $"{path}.{member.Name}", faults);
    }

    private static string Spelt(string type)
    {
        foreach (string choice in KnownKeys.Find(KeySection.Connector, "connector_type")!.Choices)
        {
            if (string.Equals(choice, type.Trim(), StringComparison.OrdinalIgnoreCase))
                return choice;
        }

        return type;
    }

    private void ReadConfig(string config)
    {
        int length = config.EnumerateRunes().Count();
        if (length > MaxConfig)
        {
            Faults.Add(string.Create(CultureInfo.InvariantCulture, $"config: has {length} characters, {MaxConfig} are the most; a longer one is written into the file by hand, as an object"));
            return;
        }

        if (Json("config", config) is not { } parsed)
            return;
        ConfigText = config.Trim();
        Members.Add(new Member("config", parsed));
    }

    /// <summary>An object from JSON text, with faults that name the member.</summary>
    private Node? Json(string name, string json)
    {
        var outer = new Node(NodeKind.Text, new SourceText(default), 0);
        new Node(NodeKind.Object, outer.Source, 0).AddMember(name, 0, 0, outer);
        Node? parsed = JsonNodeReader.Read(new SourceText(Encoding.UTF8.GetBytes(json), outer), _context);
        if (parsed is null or { Kind: NodeKind.Object })
            return parsed;
        if (name == "failure_strategy" && parsed.Kind == NodeKind.Text)
            return parsed; // the strategy's name alone
        _context.WrongType(parsed, "an object");
        return null;
    }
}
