using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Editing;

/// <summary>
/// Adds to and takes from YAML in block style, line by line. False where the lines are of a form that is not edited here (several sequences begun on one
/// line, names with a question mark); whatever else goes wrong shows when the new text is compared with the old.
/// </summary>
internal static class BlockEdits
{
    /// <summary>Puts <c>name: value</c> behind an object's last member.</summary>
    public static bool AddMember(Node map, string name, string value, TextEdits edits)
    {
        List<Node> own = Own(map);
        if (own.Count == 0)
            return false;
        ReadOnlySpan<byte> utf8 = map.Source.Utf8.Span;
        int column = own[0].NameStart - Lines.Start(utf8, own[0].NameStart);
        InsertLine(map.Source, Content(own[^1]), $"{new string(' ', column)}{Literals.Yaml(name)}: {value}", edits);
        return true;
    }

    public static bool RemoveMember(Node map, Node member, TextEdits edits)
    {
        List<Node> own = Own(map);
        ReadOnlySpan<byte> utf8 = map.Source.Utf8.Span;
        int index = own.IndexOf(member);
        if (own.Count == 1)
            return SetValue(map, "{}", edits);
        if (Lines.Indent(utf8, member.NameStart) is not null)
            edits.Delete(Lines.Start(utf8, member.NameStart), Lines.Next(utf8, Content(member)));
        else if (index == 0)
            edits.Delete(member.NameStart, own[1].NameStart); // it stands behind its item's dash
        else
            return false;
        return true;
    }

    /// <summary>Puts an object behind the last one of a list.</summary>
    public static bool AddItem(Node list, IReadOnlyList<string> members, TextEdits edits)
    {
        if (Dash(list.Items[^1]) is not { } dash)
            return false;
        ReadOnlySpan<byte> utf8 = list.Source.Utf8.Span;
        string indent = new(' ', dash - Lines.Start(utf8, dash));
        InsertLine(list.Source, Content(list.Items[^1]), Item(indent, members, Lines.Break(list.Source)), edits);
        return true;
    }

    public static bool RemoveItem(Node list, Node item, TextEdits edits)
    {
        if (list.Items.Count == 1)
            return SetValue(list, "[]", edits);
        if (Dash(item) is not { } dash)
            return false;
        ReadOnlySpan<byte> utf8 = list.Source.Utf8.Span;
        edits.Delete(Lines.Start(utf8, dash), Lines.Next(utf8, Math.Max(Content(item), dash)));
        return true;
    }

    /// <summary>Puts a value that stands on one line, or items from <see cref="Item"/> with a break before them, in place of one of any form.</summary>
    public static bool SetValue(Node node, string value, TextEdits edits)
    {
        ReadOnlySpan<byte> utf8 = node.Source.Utf8.Span;
        bool isMember = node.Parent is { Kind: NodeKind.Object };
        int end = Content(node);
        if (isMember && (node.IsBlock || node.End == node.Start || value.StartsWith('\n') || value.StartsWith('\r')))
        {
            int colon = utf8[node.NameEnd..].IndexOf((byte)':');
            if (colon < 0 || node.NameEnd + colon + 1 > Math.Max(end, node.Start))
                return false;
            int behind = node.NameEnd + colon + 1;
            edits.Replace(behind, Math.Max(end, behind), value[0] is '\n' or '\r' ? value : " " + value);
            return true;
        }

        edits.Replace(node.Start, end, value);
        return true;
    }

    /// <summary>One item's lines, without a break before and behind.</summary>
    public static string Item(string indent, IReadOnlyList<string> members, string lineBreak) =>
        indent + "- " + string.Join(lineBreak + indent + "  ", members);

    /// <summary>Makes a file's one record the first item of a list: its lines move by two.</summary>
    public static void Wrap(Node record, TextEdits edits)
    {
        ReadOnlySpan<byte> utf8 = record.Source.Utf8.Span;
        edits.Insert(record.Start, "- ");
        for (int line = Lines.Next(utf8, record.Start); line < record.End; line = Lines.Next(utf8, line))
        {
            if (Lines.End(utf8, line) > line)
                edits.Insert(line, "  ");
        }
    }

    /// <summary>A text of several lines as the literal block that the stored one is; null where it is none, or the text cannot be one.</summary>
    public static string? Literal(Node stored, string text)
    {
        ReadOnlySpan<byte> utf8 = stored.Source.Utf8.Span;
        if (utf8[stored.Start] != '|' || text.StartsWith(' ') || !text.EndsWith('\n') || text.EndsWith("\n\n", StringComparison.Ordinal) || Literals.Quoted(text).Contains("\\u", StringComparison.Ordinal))
            return null;
        string lineBreak = Lines.Break(stored.Source);
        int column = stored.NameStart - Lines.Start(utf8, stored.NameStart) + 2;
        return "|" + lineBreak + string.Join(lineBreak, text[..^1].Split('\n').Select(line => line.Length == 0 ? "" : new string(' ', column) + line));
    }

    private static List<Node> Own(Node map) => [.. map.Members.Where(m => !m.IsMerged)];

    /// <summary>Behind the last byte that belongs to the value, without blanks and breaks.</summary>
    private static int Content(Node node) => node.Source.Utf8.Span[..node.End].LastIndexOfAnyExcept(" \t\r\n"u8) + 1;

    /// <summary>The dash before an item, where its line begins with it; else null.</summary>
    private static int? Dash(Node item)
    {
        ReadOnlySpan<byte> utf8 = item.Source.Utf8.Span;
        int dash = utf8[..item.Start].LastIndexOfAnyExcept(" \t\r\n"u8);
        return dash >= 0 && utf8[dash] == '-' && Lines.Indent(utf8, dash) is not null ? dash : null;
    }

    private static void InsertLine(SourceText source, int behind, string line, TextEdits edits)
    {
        ReadOnlySpan<byte> utf8 = source.Utf8.Span;
        edits.Insert(Lines.End(utf8, behind), Lines.Break(source) + line);
    }
}
