using System.Text;
using Fastbridge.Core.Config.Reading;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Fastbridge.Core.Config.Source;

/// <summary>
/// Makes the tree of YAML text (1.2, core schema), with the offsets that JSON's has. Aliases and merge keys are read as copies, within a bound; more than one
/// document, tags of applications and names that are no texts are faults. One object a text; one thread.
/// </summary>
internal sealed class YamlNodeReader
{
    private const string MergeKey = "<<";

    private readonly SourceText _source;
    private readonly LoadContext _context;
    private readonly CharOffsets _offsets;
    private readonly YamlAliases _aliases;
    private readonly Stack<Frame> _open = new();
    private Node? _root;

    private YamlNodeReader(SourceText source, LoadContext context)
    {
        _source = source;
        _context = context;
        _offsets = new CharOffsets(source.Utf8.Span);
        _aliases = new YamlAliases(source, context);
    }

    /// <summary>Returns null where the text is no YAML that is read here; the fault then stands in <paramref name="context"/>.</summary>
    public static Node? Read(SourceText source, LoadContext context) =>
        Encodings.IsUtf8(source, context) ? new YamlNodeReader(source, context).Read() : null;

    private Node? Read()
    {
        var parser = new Parser(new StringReader(Encoding.UTF8.GetString(_source.Utf8.Span)));
        try
        {
            while (parser.MoveNext())
            {
                if (!Take(parser.Current!))
                    return null;
            }
        }
        catch (YamlException e)
        {
            string text = Shown.OneLine(e.Message.Replace("  ", " ", StringComparison.Ordinal).TrimEnd('.'));
            _context.FaultAt(_source, Offset(e.Start), "no valid YAML: " + char.ToLowerInvariant(text[0]) + text[1..], null);
            return null;
        }

        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or NullReferenceException)
        {
            // The parser's own mistakes about text that is none: fuzzing finds some.
            _context.FaultAt(_source, parser.Current is { } last ? Offset(last.End) : 0, "no valid YAML from here on", "look for a quote, bracket or indent that is not closed");
            return null;
        }

        if (_root is null)
            _context.FaultAt(_source, 0, "there is nothing in it", "write connectors: [] or a connector");
        return _root;
    }

    private bool Take(ParsingEvent current)
    {
        switch (current)
        {
            case DocumentStart when _root is not null:
                return Fault(current.Start, "a second document begins here", "keep one, or write the connectors into one list");
            case AnchorAlias alias:
                return _aliases.Copy(alias.Value.Value, Offset(alias.Start), Offset(alias.End)) is { } copy && Add(copy, current);
            case Scalar scalar:
                return Open(scalar) && YamlScalars.Read(scalar, _source, Offset(scalar.Start), Trimmed(scalar), _context) is { } node && Anchored(scalar, node) && Add(node, current);
            case MappingStart map:
                return Open(map) && Begin(map, NodeKind.Object, map.Style == MappingStyle.Block);
            case SequenceStart list:
                return Open(list) && Begin(list, NodeKind.List, list.Style == SequenceStyle.Block);
            case MappingEnd or SequenceEnd:
                return End(Offset(current.Start));
            default:
                return true; // the stream's and documents' marks, comments
        }
    }

    /// <summary>What may stand where a node begins: names are scalars, brackets are not too deep, tags are the schema's own.</summary>
    private bool Open(NodeEvent node)
    {
        if (node is not Scalar && _open.Count > 0 && _open.Peek().AwaitsName)
            return Fault(node.Start, "a name is a text, not an object or a list", "write name: value");
        if (_open.Count >= JsonNodeReader.MaxDepth)
            return Fault(node.Start, $"the nesting is more than {JsonNodeReader.MaxDepth} deep", "is it the right file?");
        if (node is Scalar || node.Tag.IsEmpty || node.Tag.IsNonSpecific || node.Tag.Value is "tag:yaml.org,2002:map" or "tag:yaml.org,2002:seq")
            return true;
        return Fault(node.Start, "a tag of an application is not read", "remove it");
    }

    private bool Begin(NodeEvent start, NodeKind kind, bool block)
    {
        var node = new Node(kind, _source, Offset(start.Start)) { IsBlock = block };
        if (!Anchored(start, node) || !Add(node, start))
            return false;
        _open.Push(new Frame(node));
        return true;
    }

    private bool End(int offset)
    {
        Node node = _open.Pop().Node;
        List<Node> inside = node.Kind == NodeKind.Object ? node.Members : node.Items;
        ReadOnlySpan<byte> utf8 = _source.Utf8.Span;
        if (!node.IsBlock && offset < utf8.Length && utf8[offset] is (byte)'}' or (byte)']')
            node.End = offset + 1;
        else if (inside.Count > 0)
            node.End = inside[^1].End; // a block ends with its last line; the parser says so only at the next token
        return _aliases.Merge(node);
    }

    private bool Add(Node node, ParsingEvent at)
    {
        if (_open.Count == 0)
        {
            _root ??= node;
            return true;
        }

        Frame frame = _open.Peek();
        if (frame.Node.Kind == NodeKind.List)
        {
            frame.Node.AddItem(node);
        }
        else if (frame.AwaitsName)
        {
            if (node.Kind is NodeKind.Object or NodeKind.List)
                return Fault(at.Start, "a name is a text, not an object or a list", "write name: value");
            (frame.Name, frame.NameStart, frame.NameEnd) = (node.Value, node.Start, node.End);
            frame.IsMergeKey = node.Value == MergeKey && at is Scalar { Style: ScalarStyle.Plain };
            frame.AwaitsName = false;
        }
        else
        {
            frame.Node.AddMember(frame.Name, frame.NameStart, frame.NameEnd, node);
            if (frame.IsMergeKey)
                _aliases.RememberMerge(frame.Node, node);
            frame.AwaitsName = true;
        }

        return true;
    }

    private bool Anchored(NodeEvent start, Node node)
    {
        if (!start.Anchor.IsEmpty)
            _aliases.Anchor(start.Anchor.Value, node);
        return true;
    }

    /// <summary>Block scalars reach to the next token: the lines without content behind them are not theirs to be replaced.</summary>
    private int Trimmed(Scalar scalar)
    {
        int end = Offset(scalar.End);
        if (scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded)
            end = Math.Max(Offset(scalar.Start), _source.Utf8.Span[..end].LastIndexOfAnyExcept(" \t\r\n"u8) + 1);
        return end;
    }

    private int Offset(Mark mark) => _offsets.Byte((int)mark.Index);

    private bool Fault(Mark at, string text, string remedy)
    {
        _context.FaultAt(_source, Offset(at), text, remedy);
        return false;
    }

    /// <summary>An object or list whose end has not come.</summary>
    private sealed class Frame(Node node)
    {
        public Node Node { get; } = node;

        public bool AwaitsName { get; set; } = node.Kind == NodeKind.Object;

        public string Name { get; set; } = "";

        public int NameStart { get; set; }

        public int NameEnd { get; set; }

        public bool IsMergeKey { get; set; }
    }
}
