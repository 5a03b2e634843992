using System.Globalization;
using System.Text;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Editing;

/// <summary>Writes values as JSON, which YAML reads too: strings with the escapes that both demand, all else as it is.</summary>
internal static class Literals
{
    /// <summary>How a secret is listed, and what an update gives back to keep it.</summary>
    public const string Mask = "******";

    /// <summary>A value that is listed as <see cref="Mask"/>: a secret that stands in the file itself. A reference such as <c>${env:NAME}</c> is none.</summary>
    public static bool IsMasked(Node node) =>
        node.Kind is NodeKind.Text or NodeKind.Number && node.Value.Length > 0 && Shown.IsSecret(node) && !SecretResolver.IsReference(node.Value);

    /// <summary>For lists: without blanks, secrets masked.</summary>
    public static string Masked(Node node)
    {
        var text = new StringBuilder();
        Write(text, node, null, mask: true, ":", ",");
        return text.ToString();
    }

    /// <summary>For files: on one line, with a blank behind colons and commas. A <see cref="Mask"/> is replaced by what <paramref name="stored"/> has in its place.</summary>
    public static string Json(Node node, Node? stored = null)
    {
        var text = new StringBuilder();
        Write(text, node, stored, mask: false, ": ", ", ");
        return text.ToString();
    }

    /// <summary>A JSON string, in double quotes.</summary>
    public static string Quoted(string value)
    {
        var text = new StringBuilder(value.Length + 2);
        Quote(text, value);
        return text.ToString();
    }

    /// <summary>The text as YAML writes it best: bare where it can only be a text, in single quotes where double ones would have to be escaped.</summary>
    public static string Yaml(string value)
    {
        if (IsWord(value) && YamlScalars.Plain(value).Kind == NodeKind.Text && value.ToUpperInvariant() is not ("YES" or "NO" or "ON" or "OFF" or "Y" or "N"))
            return value;
        string quoted = Quoted(value);
        return quoted.Contains('\\', StringComparison.Ordinal) && !value.AsSpan().ContainsAnyInRange('\0', '\u001f') && !HasUnseen(value)
            ? $"'{value.Replace("'", "''", StringComparison.Ordinal)}'"
            : quoted;
    }

    private static void Write(StringBuilder text, Node node, Node? stored, bool mask, string colon, string comma)
    {
        switch (node.Kind)
        {
            case NodeKind.Object:
                text.Append('{');
                string separator = "";
                foreach (Node member in node.Members)
                {
                    text.Append(separator);
                    Quote(text, member.Name!);
                    Write(text.Append(colon), member, stored?.Find(member.Name!), mask, colon, comma);
                    separator = comma;
                }

                text.Append('}');
                break;
            case NodeKind.List:
                text.Append('[');
                for (int i = 0; i < node.Items.Count; i++)
                {
                    text.Append(i == 0 ? "" : comma);
                    Write(text, node.Items[i], stored is { Kind: NodeKind.List } && i < stored.Items.Count ? stored.Items[i] : null, mask, colon, comma);
                }

                text.Append(']');
                break;
            default:
                if (mask && IsMasked(node))
                    Quote(text, Mask);
                else if (!mask && stored is not null && node is { Kind: NodeKind.Text, Value: Mask } && IsMasked(stored))
                    Scalar(text, stored);
                else
                    Scalar(text, node);
                break;
        }
    }

    private static void Scalar(StringBuilder text, Node node)
    {
        if (node.Kind == NodeKind.Text)
            Quote(text, node.Value);
        else
            text.Append(node.Value);
    }

    private static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char c in value)
        {
            if (c is '"' or '\\')
                text.Append('\\').Append(c);
            else if (c == '\n')
                text.Append("\\n");
            else if (c == '\t')
                text.Append("\\t");
            else if (c < ' ' || IsUnseen(c))
                text.Append("\\u").Append(((int)c).ToString("X4", CultureInfo.InvariantCulture));
            else
                text.Append(c);
        }

        text.Append('"');
    }

    private static bool HasUnseen(string value)
    {
        foreach (char c in value)
        {
            if (IsUnseen(c))
                return true;
        }

        return false;
    }

    /// <summary>Characters that YAML does not take as they are, or takes for the end of a line.</summary>
    private static bool IsUnseen(char c) => c is (>= '\u007f' and <= '\u009f') or '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF';

    private static bool IsWord(string value)
    {
        foreach (char c in value)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
                return false;
        }

        return value.Length > 0;
    }
}
