using System.Text;
using Fastbridge.Core.Config.Editing;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Store;

/// <summary>A member of a connector record as it is to be.</summary>
internal sealed record Member(string Name, Node Value);

/// <summary>Adds, changes and removes connector records in a file's text. Null: the text has a form that is not edited here; nothing was changed.</summary>
internal static class RecordEdits
{
    private const int MaxSteps = 4_096;

    /// <summary>Adds a record behind the last one. A file that is one record becomes a list of both, so that none is lost and the first keeps its text.</summary>
    public static StoreDocument? Add(StoreDocument document, IReadOnlyList<Member> members)
    {
        if (document.IsOneRecord)
        {
            if (Wrapped(document) is not { } wrapped)
                return null;
            document = wrapped;
        }

        if (document.List is null or { Kind: NodeKind.Null })
        {
            if (WithList(document) is not { } completed)
                return null;
            document = completed;
        }

        Node list = document.List!;
        if (list.Kind != NodeKind.List || list.IsAlias || list.IsMerged)
            return null;
        var edits = new TextEdits();
        bool isEmptyInBlock = list.Items.Count == 0 && list.Source.IsYaml && list.Parent is null or { IsBlock: true };
        if (list.IsBlock)
            return BlockEdits.AddItem(list, BlockLines(members), edits) ? document.Edited(edits) : null;
        if (isEmptyInBlock && list.Source.IsYaml)
            return FirstOfBlock(document, list, members, edits);
        FlowEdits.Add(list, indent => FlowRecord(list, indent, members), edits);
        return document.Edited(edits);
    }

    /// <summary>Takes the record out. A file that was this one record becomes an empty list.</summary>
    public static StoreDocument? Remove(StoreDocument document, int index)
    {
        var edits = new TextEdits();
        Node record = document.Records[index];
        if (document.IsOneRecord)
            edits.Replace(record.Start, record.Source.Utf8.Span[..record.End].LastIndexOfAnyExcept(" \t\r\n"u8) + 1, "[]");
        else if (record.Parent!.IsAlias || record.Parent.IsMerged)
            return null;
        else if (!record.Parent.IsBlock)
            FlowEdits.Remove(record.Parent, record, edits);
        else if (!BlockEdits.RemoveItem(record.Parent, record, edits))
            return null;
        return document.Edited(edits);
    }

    /// <summary>Brings the members of a record to the values given and leaves its others as they are. The same document where they have them already.</summary>
    public static StoreDocument? Change(StoreDocument document, int index, IReadOnlyList<Member> members, LoadEnvironment environment)
    {
        for (int step = 0; step < MaxSteps; step++)
        {
            Node record = document.Records[index];
            if (record.IsAlias || record.Kind != NodeKind.Object)
                return null;
            var edits = new TextEdits();
            foreach ((string name, Node value) in members)
            {
                if (StoreDocument.Find(record, name) is { IsMerged: false } stored && !Step(name, stored, value, edits, environment))
                    return null;
            }

            if (edits.IsEmpty && !AddMissing(record, members, edits))
                return null;
            if (edits.IsEmpty)
                return document;
            if (document.Edited(edits) is not { } next || next.Records.Count != document.Records.Count)
                return null;
            document = next;
        }

        return null;
    }

    private static bool AddMissing(Node record, IReadOnlyList<Member> members, TextEdits edits)
    {
        foreach ((string name, Node value) in members)
        {
            Node? lent = StoreDocument.Find(record, name);
            if (lent is null or { IsMerged: true } && (lent is null || !NodePatch.Same(lent, value)))
                return NodePatch.AddMember(record, name, record.IsBlock ? Block(value) : Literals.Json(value, lent), edits);
        }

        return true;
    }

    private static bool Step(string name, Node stored, Node wanted, TextEdits edits, LoadEnvironment environment)
    {
        if (name != "config")
            return NodePatch.Same(stored, wanted) || (stored.Kind is NodeKind.Text or NodeKind.Number && wanted.Kind == NodeKind.Text && stored.Parent!.IsBlock
                ? BlockEdits.SetValue(stored, Block(wanted), edits)
                : NodePatch.Step(stored, wanted, edits));
        if (stored.Kind == NodeKind.Object)
            return NodePatch.Step(NodePatch.Unwrapped(stored), NodePatch.Unwrapped(wanted), edits);
        string text = stored.Kind == NodeKind.Text && Listing.Parsed(stored, environment) is not null && NodePatch.Text(stored.Value, NodePatch.Unwrapped(wanted), environment) is { } patched
            ? patched
            : Literals.Json(wanted);
        return (stored.Kind == NodeKind.Text && text == stored.Value) || NodePatch.SetValue(stored, stored.Parent!.IsBlock ? BlockEdits.Literal(stored, text) ?? Literals.Yaml(text) : Literals.Quoted(text), edits);
    }

    private static StoreDocument? Wrapped(StoreDocument document)
    {
        var edits = new TextEdits();
        Node record = document.Root;
        if (record.IsBlock)
        {
            BlockEdits.Wrap(record, edits);
            return document.Edited(edits);
        }

        bool isOneLine = document.Root.Source.Utf8.Span[record.Start..record.End].IndexOf((byte)'\n') < 0;
        string lineBreak = isOneLine ? "" : Lines.Break(record.Source);
        edits.Insert(record.Start, "[" + lineBreak);
        edits.Insert(record.End, lineBreak + "]");
        return document.Edited(edits);
    }

    /// <summary>An object that has no list of connectors gets an empty one.</summary>
    private static StoreDocument? WithList(StoreDocument document)
    {
        var edits = new TextEdits();
        if (document.Root.Kind != NodeKind.Object)
            return null;
        bool done = document.List is { } empty ? NodePatch.SetValue(empty, "[]", edits) : NodePatch.AddMember(document.Root, "connectors", "[]", edits);
        return done ? document.Edited(edits) : null;
    }

    private static StoreDocument? FirstOfBlock(StoreDocument document, Node list, IReadOnlyList<Member> members, TextEdits edits)
    {
        string lineBreak = Lines.Break(list.Source);
        if (list.Parent is null)
        {
            edits.Replace(list.Start, list.End, BlockEdits.Item("", BlockLines(members), lineBreak));
            return document.Edited(edits);
        }

        string indent = Lines.IndentOfLine(list.Source.Utf8.Span, list.NameStart) + "  ";
        return BlockEdits.SetValue(list, lineBreak + BlockEdits.Item(indent, BlockLines(members), lineBreak), edits) ? document.Edited(edits) : null;
    }

    private static List<string> BlockLines(IReadOnlyList<Member> members) => [.. members.Select(m => $"{m.Name}: {Block(m.Value)}")];

    private static string Block(Node value) => value.Kind == NodeKind.Text ? Literals.Yaml(value.Value) : Literals.Json(value);

    /// <summary>A record in brackets, as the last one of the list stands: over several lines, or on one.</summary>
    private static string FlowRecord(Node list, string? indent, IReadOnlyList<Member> members)
    {
        bool isOneLine = indent is null || (list.Items is [.., { } last] && list.Source.Utf8.Span[last.Start..last.End].IndexOf((byte)'\n') < 0);
        string lineBreak = isOneLine ? "" : Lines.Break(list.Source);
        string inner = isOneLine ? "" : indent + FlowEdits.Unit(list, indent!);
        var text = new StringBuilder("{");
        for (int i = 0; i < members.Count; i++)
        {
            text.Append(i == 0 ? "" : isOneLine ? ", " : ",").Append(lineBreak).Append(inner);
            text.Append(Literals.Quoted(members[i].Name)).Append(": ").Append(Literals.Json(members[i].Value));
        }

        return text.Append(lineBreak).Append(isOneLine ? "" : indent).Append('}').ToString();
    }
}
