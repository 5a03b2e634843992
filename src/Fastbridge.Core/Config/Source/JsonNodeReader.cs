using System.Text;
using System.Text.Json;
using Fastbridge.Core.Config.Reading;

namespace Fastbridge.Core.Config.Source;

/// <summary>Makes the tree of JSON text: comments and trailing commas are read, names that stand twice are faults.</summary>
internal static class JsonNodeReader
{
    /// <summary>Deepest nesting: 64, System.Text.Json's own default. A connectors file needs 6.</summary>
    public const int MaxDepth = 64;

    /// <summary>Returns null where the text is no JSON; the fault then stands in <paramref name="context"/>.</summary>
    public static Node? Read(SourceText source, LoadContext context)
    {
        ReadOnlySpan<byte> utf8 = source.Utf8.Span;
        if (!Encodings.IsUtf8(source, context))
            return null;
        // One level more than we allow: the fault is then ours, with its place.
        var options = new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = MaxDepth + 2 };
        var reader = new Utf8JsonReader(utf8, options);
        try
        {
            return ReadTree(ref reader, source, context);
        }
        catch (JsonException e)
        {
            int offset = source.Offset(e.LineNumber ?? 0, e.BytePositionInLine ?? 0);
            (string text, string? remedy) = JsonSyntax.Explain(utf8, offset);
            context.FaultAt(source, offset, text, remedy);
            return null;
        }
    }

    private static Node? ReadTree(ref Utf8JsonReader reader, SourceText source, LoadContext context)
    {
        Node? root = null;
        Node? open = null;
        string name = "";
        int nameStart = 0;
        int nameEnd = 0;
        while (reader.Read())
        {
            int start = (int)reader.TokenStartIndex;
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                if (Text(ref reader, source, start, context) is not { } text)
                    return null;
                // BytesConsumed is behind the colon already.
                (name, nameStart, nameEnd) = (text, start, start + reader.ValueSpan.Length + 2);
                continue;
            }

            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                open!.End = (int)reader.BytesConsumed;
                open = open.Parent;
                continue;
            }

            NodeKind kind = Kind(reader.TokenType);
            string? value = "";
            if (kind == NodeKind.Text && (value = Text(ref reader, source, start, context)) is null)
                return null;
            if (kind is NodeKind.Number or NodeKind.Flag or NodeKind.Null)
                value = Encoding.UTF8.GetString(reader.ValueSpan);
            var node = new Node(kind, source, start) { Value = value, End = (int)reader.BytesConsumed };
            root ??= node;
            if (open is { Kind: NodeKind.Object })
                open.AddMember(name, nameStart, nameEnd, node);
            else
                open?.AddItem(node);
            if (kind is not (NodeKind.Object or NodeKind.List))
                continue;
            if (reader.CurrentDepth >= MaxDepth)
            {
                context.FaultAt(source, start, $"brackets are nested more than {MaxDepth} deep", "is it the right file?");
                return null;
            }

            open = node;
        }

        return root;
    }

    private static NodeKind Kind(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => NodeKind.Object,
        JsonTokenType.StartArray => NodeKind.List,
        JsonTokenType.String => NodeKind.Text,
        JsonTokenType.Number => NodeKind.Number,
        JsonTokenType.True or JsonTokenType.False => NodeKind.Flag,
        _ => NodeKind.Null,
    };

    private static string? Text(ref Utf8JsonReader reader, SourceText source, int start, LoadContext context)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            context.FaultAt(source, start, "a \\u escape in this text is half of a surrogate pair", "write the character itself");
            return null;
        }
    }
}
