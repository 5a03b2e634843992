namespace Fastbridge.Core.Config.Source;

internal enum NodeKind
{
    Object,
    List,
    Text,
    Number,
    Flag,
    Null,
}

/// <summary>
/// One value of the file with its place. The tree is the same for every notation; offsets are bytes of <see cref="Source"/>, so that a writer can replace
/// a value and leave all else as it stands.
/// </summary>
internal sealed class Node(NodeKind kind, SourceText source, int start)
{
    public NodeKind Kind { get; } = kind;

    public SourceText Source { get; } = source;

    /// <summary>First byte of the value.</summary>
    public int Start { get; } = start;

    /// <summary>First byte behind the value.</summary>
    public int End { get; set; } = start;

    /// <summary>A text's content; a number, true, false or null as written. Empty for objects and lists.</summary>
    public string Value { get; init; } = "";

    public Node? Parent { get; private set; }

    /// <summary>The name in the parent object; null in a list and at the root.</summary>
    public string? Name { get; private set; }

    /// <summary>First byte of the name in the parent object; that of the value elsewhere.</summary>
    public int NameStart { get; private set; } = start;

    /// <summary>First byte behind the name in the parent object, its quotes included; else the same as <see cref="NameStart"/>.</summary>
    public int NameEnd { get; private set; } = start;

    /// <summary>YAML in block style: its extent is that of its lines, not of brackets.</summary>
    public bool IsBlock { get; init; }

    /// <summary>A copy that a YAML alias stands for; its place is the alias's, and what is inside it has no place of its own.</summary>
    public bool IsAlias { get; init; }

    /// <summary>The member came by YAML's merge key <c>&lt;&lt;</c>: the object does not hold it itself.</summary>
    public bool IsMerged { get; private set; }

    /// <summary>Position in the parent list.</summary>
    public int Index { get; private set; }

    /// <summary>An object's members in their order, doubles included.</summary>
    public List<Node> Members { get; } = [];

    /// <summary>A list's items.</summary>
    public List<Node> Items { get; } = [];

    /// <summary>Where this stands: <c>connectors[2].config.properties["sasl.password"]</c>. Empty at the root.</summary>
    public string Path
    {
        get
        {
            if (Parent is null)
                return Source.Outer?.Path ?? "";
            string above = Parent.Path;
            if (Name is null)
                return $"{above}[{Index}]";
            if (!IsPlain(Name))
                return $"{above}[{Reading.Shown.Quote(Name)}]";
            return above.Length == 0 ? Name : $"{above}.{Name}";
        }
    }

    /// <summary>The first member of that name, null included; else null.</summary>
    public Node? Find(string name)
    {
        foreach (Node member in Members)
        {
            if (member.Name == name)
                return member;
        }

        return null;
    }

    public void AddMember(string name, int nameStart, int nameEnd, Node value)
    {
        (value.Parent, value.Name, value.NameStart, value.NameEnd) = (this, name, nameStart, nameEnd);
        Members.Add(value);
    }

    /// <summary>As <see cref="AddMember"/>, for a member that another object lends by YAML's merge key; faults point to <paramref name="at"/>.</summary>
    public void AddMerged(string name, int at, Node value)
    {
        AddMember(name, at, at, value);
        value.IsMerged = true;
    }

    public void AddItem(Node value)
    {
        (value.Parent, value.Index) = (this, Items.Count);
        Items.Add(value);
    }

    /// <summary>
    /// <paramref name="over"/> laid over <paramref name="under"/> as a JSON Merge Patch (RFC 7396): objects member by member, null takes away, anything
    /// else replaces. Every value keeps the place where it was written.
    /// </summary>
    public static Node? Merge(Node? under, Node? over)
    {
        if (over is not { Kind: NodeKind.Object } || under is not { Kind: NodeKind.Object })
            return over ?? under;
        var merged = new Node(NodeKind.Object, over.Source, over.Start) { End = over.End };
        (merged.Parent, merged.Name, merged.NameStart, merged.NameEnd, merged.Index) = (over.Parent, over.Name, over.NameStart, over.NameEnd, over.Index);
        var own = new Dictionary<string, Node>(StringComparer.Ordinal);
        foreach (Node member in over.Members)
            own.TryAdd(member.Name!, member);
        foreach (Node member in under.Members)
        {
            own.Remove(member.Name!, out Node? replacement);
            if (Merge(member, replacement) is { Kind: not NodeKind.Null } value)
                merged.Members.Add(value);
        }

        merged.Members.AddRange(own.Values.Where(m => m.Kind != NodeKind.Null));
        return merged;
    }

    private static bool IsPlain(string name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))
                return false;
        }

        return name.Length > 0;
    }
}
