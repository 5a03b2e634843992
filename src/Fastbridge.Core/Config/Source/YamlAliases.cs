using Fastbridge.Core.Config.Reading;

namespace Fastbridge.Core.Config.Source;

/// <summary>
/// Anchors, aliases and merge keys of one YAML text. An alias becomes a copy, so that the tree stays a tree; the copies of a text are bounded together, so that
/// aliases of aliases cannot grow without end.
/// </summary>
internal sealed class YamlAliases(SourceText source, LoadContext context)
{
    /// <summary>Values that all aliases of a file may stand for: a thousand connectors that share a config of fifty keys.</summary>
    private const int MaxCopied = 50_000;

    private readonly Dictionary<string, Node> _anchors = new(StringComparer.Ordinal);
    private readonly Dictionary<Node, List<Node>> _merges = [];
    private int _copied;

    /// <summary>A later anchor of the same name takes its place, as YAML has it.</summary>
    public void Anchor(string name, Node node) => _anchors[name] = node;

    /// <summary>What the alias at <paramref name="start"/> stands for; null with a fault where there is no such anchor, or too much was copied.</summary>
    public Node? Copy(string name, int start, int end)
    {
        if (!_anchors.TryGetValue(name, out Node? anchored))
            return Fault(start, $"there is no anchor {Shown.Quote(name)} before this alias", "write the value out");
        // An anchor whose value is still open would hold itself.
        if (anchored.Kind is NodeKind.Object or NodeKind.List && anchored.End <= anchored.Start)
            return Fault(start, $"the alias {Shown.Quote(name)} stands inside its own value", "write the value out");
        return Clone(anchored, start, end);
    }

    /// <summary>Notes the value of a merge key; it is laid under the object when the object ends.</summary>
    public void RememberMerge(Node owner, Node value)
    {
        if (!_merges.TryGetValue(owner, out List<Node>? values))
            _merges[owner] = values = [];
        values.Add(value);
    }

    /// <summary>Puts the members of merge keys into an object that is complete; its own count more, and those of earlier merges more than of later ones.</summary>
    public bool Merge(Node owner)
    {
        if (!_merges.Remove(owner, out List<Node>? values))
            return true;
        foreach (Node value in values)
        {
            owner.Members.Remove(value);
            List<Node> lenders = value.Kind == NodeKind.List ? value.Items : [value];
            foreach (Node lender in lenders)
            {
                if (lender.Kind != NodeKind.Object)
                    return Fault(value.NameStart, "a merge key takes an object, or a list of objects", "write <<: *anchor") is not null;
                foreach (Node member in lender.Members)
                {
                    if (owner.Find(member.Name!) is not null)
                        continue;
                    if (Clone(member, value.NameStart, value.End) is not { } copy)
                        return false;
                    owner.AddMerged(member.Name!, value.NameStart, copy);
                }
            }
        }

        return true;
    }

    private Node? Clone(Node node, int start, int end)
    {
        if (++_copied > MaxCopied)
            return Fault(start, $"the aliases of this file stand for more than {MaxCopied} values", "write them out");
        var copy = new Node(node.Kind, source, start) { Value = node.Value, End = end, IsAlias = true };
        foreach (Node item in node.Items)
        {
            if (Clone(item, start, end) is not { } inner)
                return null;
            copy.AddItem(inner);
        }

        foreach (Node member in node.Members)
        {
            if (Clone(member, start, end) is not { } inner)
                return null;
            copy.AddMember(member.Name!, start, start, inner);
        }

        return copy;
    }

    private Node? Fault(int offset, string text, string remedy)
    {
        context.FaultAt(source, offset, text, remedy);
        return null;
    }
}
