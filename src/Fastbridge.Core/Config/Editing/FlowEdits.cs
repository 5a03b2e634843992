using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Editing;

/// <summary>
/// Adds to and takes from what stands in brackets: JSON, and YAML in flow style. New elements follow the last one's form: a line of their own or not, a
/// comma behind the last one or not. Comments stay, but for one behind an element, in its line, that goes with it.
/// </summary>
internal static class FlowEdits
{
    private const string DefaultUnit = "  ";

    /// <summary>Puts an element behind the last one.</summary>
    /// <param name="write">Writes the element, given the indent of its first line, or null where the container stands on one line.</param>
    public static void Add(Node container, Func<string?, string> write, TextEdits edits)
    {
        List<Node> elements = Elements(container);
        SourceText source = container.Source;
        ReadOnlySpan<byte> utf8 = source.Utf8.Span;
        string lineBreak = Lines.Break(source);
        if (elements.Count == 0)
        {
            AddFirst(container, write, lineBreak, edits);
            return;
        }

        Node last = elements[^1];
        int comma = Lines.SkipTrivia(source, last.End);
        bool trailing = utf8[comma] == ',';
        int behind = trailing ? comma + 1 : last.End;
        if (Lines.Indent(utf8, First(last)) is not { } indent)
        {
            edits.Insert(behind, trailing ? $" {write(null)}," : $", {write(null)}");
            return;
        }

        if (!trailing)
            edits.Insert(last.End, ",");
        edits.Insert(Lines.RestOfLine(source, behind) ?? behind, $"{lineBreak}{indent}{write(indent)}{(trailing ? "," : "")}");
    }

    /// <summary>Takes an element out, with its comma and, where it has its lines for itself, these.</summary>
    public static void Remove(Node container, Node element, TextEdits edits)
    {
        List<Node> elements = Elements(container);
        SourceText source = container.Source;
        ReadOnlySpan<byte> utf8 = source.Utf8.Span;
        int index = elements.IndexOf(element);
        bool isLast = index == elements.Count - 1;
        int start = First(element);
        int end = element.End;
        int next = Lines.SkipTrivia(source, end);
        bool hasComma = utf8[next] == ',';
        if (hasComma)
            end = next + 1;
        if (isLast && !hasComma && index > 0)
        {
            // Else the comma before it would be one too many for strict readers.
            int before = Lines.SkipTrivia(source, elements[index - 1].End);
            edits.Delete(before, before + 1);
        }

        if (Lines.Indent(utf8, start) is not null && Lines.RestOfLine(source, end) is { } lineEnd)
        {
            edits.Delete(Lines.Start(utf8, start), Lines.Next(utf8, lineEnd));
            return;
        }

        if (isLast)
        {
            start = utf8[..start].LastIndexOfAnyExcept(" \t"u8) + 1;
        }
        else
        {
            while (utf8[end] is (byte)' ' or (byte)'\t')
                end++;
        }

        edits.Delete(start, end);
    }

    /// <summary>What one level of nesting is indented by: as the last object of the list shows, else as the line of the list itself.</summary>
    public static string Unit(Node list, string indent)
    {
        ReadOnlySpan<byte> utf8 = list.Source.Utf8.Span;
        if (list.Items is [.., { Members: [{ } member, ..] } last] && Lines.Indent(utf8, First(member)) is { } inner && Lines.Indent(utf8, last.Start) is { } outer
            && inner.Length > outer.Length && inner.StartsWith(outer, StringComparison.Ordinal))
        {
            return inner[outer.Length..];
        }

        return list.Items.Count == 0 && indent.Length > 0 && indent[0] == '\t' ? "\t" : DefaultUnit;
    }

    private static void AddFirst(Node container, Func<string?, string> write, string lineBreak, TextEdits edits)
    {
        SourceText source = container.Source;
        ReadOnlySpan<byte> utf8 = source.Utf8.Span;
        int open = container.Start + 1;
        int close = container.End - 1;
        ReadOnlySpan<byte> inside = utf8[open..close];
        int at = open + inside.TrimEnd(" \t\r\n"u8).Length;
        // A text on one line, but for its last break, keeps to one line.
        if (utf8.TrimEnd("\r\n"u8).IndexOf((byte)'\n') < 0)
        {
            edits.Replace(at, close, (at > open ? " " : "") + write(null));
            return;
        }

        string outer = Lines.IndentOfLine(utf8, container.Start);
        string indent = outer + (outer.StartsWith('\t') ? "\t" : DefaultUnit);
        edits.Replace(at, close, $"{lineBreak}{indent}{write(indent)}{lineBreak}{outer}");
    }

    private static List<Node> Elements(Node container) => container.Kind == NodeKind.Object ? [.. container.Members.Where(m => !m.IsMerged)] : container.Items;

    private static int First(Node element) => element.Parent is { Kind: NodeKind.Object } ? element.NameStart : element.Start;
}
