using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Fastbridge.Core.Records;

/// <summary>Reads a <see cref="Template"/>'s text, left to right, without regular expressions.</summary>
internal static class TemplateParser
{
    private const string UserProperty = "user_property.";

    /// <summary>A topic has at most 65,535 bytes [MQTT-4.7.3-3], so it has at most 65,536 levels.</summary>
    private const int HighestLevel = 65_535;

    private static readonly (string Name, TemplatePartKind Kind)[] Plain =
    [
        ("topic", TemplatePartKind.Topic),
        ("client_id", TemplatePartKind.ClientId),
        ("username", TemplatePartKind.Username),
        ("qos", TemplatePartKind.QoS),
    ];

    public static Template? Parse(string text, TemplateUse use, out string? fault)
    {
        var parts = ImmutableArray.CreateBuilder<TemplatePart>();
        var literal = new StringBuilder();
        int at = 0;
        while (at < text.Length)
        {
            int open = text.IndexOf("${", at, StringComparison.Ordinal);
            if (open < 0)
            {
                literal.Append(text, at, text.Length - at);
                break;
            }

            if (open > at && text[open - 1] == '$')
            {
                // "$${": the first dollar escapes, "${" is text.
                literal.Append(text, at, open - 1 - at).Append("${");
                at = open + 2;
                continue;
            }

            literal.Append(text, at, open - at);
            int close = text.IndexOf('}', open);
            if (close < 0)
            {
                fault = $"{Show(text[open..], open)} has no closing brace; write \"$${{\" where the text ${{ is meant";
                return null;
            }

            if (!TryPlaceholder(text[(open + 2)..close], use, out TemplatePart part, out string? why))
            {
                fault = $"{Show(text[open..(close + 1)], open)} {why}";
                return null;
            }

            AddText(parts, literal);
            parts.Add(part);
            at = close + 1;
        }

        AddText(parts, literal);
        var template = new Template(text, use, parts.ToImmutable());
        fault = use == TemplateUse.KafkaTopic && template.IsConstant ? KafkaTopicName.Check(template.ConstantText()) : null;
        return fault is null ? template : null;
    }

    private static bool TryPlaceholder(string name, TemplateUse use, out TemplatePart part, out string? why)
    {
        part = default;
        why = null;
        foreach ((string known, TemplatePartKind kind) in Plain)
        {
            if (name != known)
                continue;
            if (kind is TemplatePartKind.ClientId or TemplatePartKind.Username && use is TemplateUse.ClientId or TemplateUse.Username)
            {
                why = $"cannot stand in {(use == TemplateUse.ClientId ? "client_id" : "username")}, which defines it; allowed: {Allowed(use)}";
                return false;
            }

            part = new TemplatePart(kind, []);
            return true;
        }

        if (name.StartsWith(UserProperty, StringComparison.Ordinal))
        {
            if (name.Length == UserProperty.Length)
            {
                why = "names no User Property; write ${user_property.NAME}";
                return false;
            }

            part = new TemplatePart(TemplatePartKind.UserProperty, Encoding.UTF8.GetBytes(name[UserProperty.Length..]));
            return true;
        }

        if (name.StartsWith("topic[", StringComparison.Ordinal) && name.EndsWith(']'))
        {
            if (!int.TryParse(name.AsSpan(6, name.Length - 7), NumberStyles.None, CultureInfo.InvariantCulture, out int level) || level > HighestLevel)
            {
                why = $"needs a level from 0 (the first) to {HighestLevel} in its brackets, such as ${{topic[0]}}";
                return false;
            }

            part = new TemplatePart(TemplatePartKind.Level, [], level);
            return true;
        }

        string? nearest = NearestName(name, use);
        why = $"is no placeholder; {(nearest is null ? "" : $"did you mean ${{{nearest}}}? ")}Allowed: {Allowed(use)}";
        return false;
    }

    private static string Allowed(TemplateUse use) => use is TemplateUse.ClientId or TemplateUse.Username
        ? "${topic}, ${topic[N]}, ${qos}, ${user_property.NAME}"
        : "${topic}, ${topic[N]}, ${client_id}, ${username}, ${qos}, ${user_property.NAME}";

    private static void AddText(ImmutableArray<TemplatePart>.Builder parts, StringBuilder literal)
    {
        if (literal.Length == 0)
            return;
        parts.Add(new TemplatePart(TemplatePartKind.Text, Encoding.UTF8.GetBytes(literal.ToString())));
        literal.Clear();
    }

    private static string Show(string text, int position)
    {
        string shown = text.Length <= 60 ? text : text[..60] + "…";
        return $"\"{shown}\" at character {position + 1}";
    }

    /// <summary>The known placeholder within three edits of <paramref name="name"/>, case aside; null when none is near.</summary>
    private static string? NearestName(string name, TemplateUse use)
    {
        string wanted = name.Trim().ToLowerInvariant();
        int dot = wanted.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0 && Edits(wanted[..dot], "user_property") <= 3)
            return UserProperty + name.Trim()[(dot + 1)..];
        int bracket = wanted.IndexOfAny(['[', '(', '{', '.']);
        if (bracket > 0 && Edits(wanted[..bracket], "topic") <= 2)
            return "topic[N]";

        bool identity = use is not (TemplateUse.ClientId or TemplateUse.Username);
        (string Name, int Edits) best = ("", 4);
        foreach ((string known, TemplatePartKind kind) in Plain)
        {
            if (!identity && kind is TemplatePartKind.ClientId or TemplatePartKind.Username)
                continue;
            int edits = Edits(wanted, known);
            if (edits < best.Edits && edits < known.Length)
                best = (known, edits);
        }

        return best.Name.Length == 0 ? null : best.Name;
    }

    private static int Edits(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
