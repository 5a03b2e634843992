using System.Globalization;
using Fastbridge.Core.Config.Reading;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Fastbridge.Core.Config.Source;

/// <summary>What a scalar is by YAML 1.2's core schema: <c>yes</c>, <c>012</c> with a sign or a time are texts or numbers as there, not as in YAML 1.1.</summary>
internal static class YamlScalars
{
    private const string Core = "tag:yaml.org,2002:";

    /// <summary>Null with a fault where its tag is none of the schema's.</summary>
    public static Node? Read(Scalar scalar, SourceText source, int start, int end, LoadContext context)
    {
        string text = scalar.Value;
        (NodeKind kind, string value) = scalar.Style == ScalarStyle.Plain && !scalar.IsKey ? Plain(text) : (NodeKind.Text, text);
        if (!scalar.Tag.IsEmpty && scalar.Tag.IsNonSpecific)
        {
            (kind, value) = (NodeKind.Text, text);
        }
        else if (!scalar.Tag.IsEmpty)
        {
            NodeKind? wanted = scalar.Tag.Value switch
            {
                Core + "str" => NodeKind.Text,
                Core + "int" or Core + "float" => NodeKind.Number,
                Core + "bool" => NodeKind.Flag,
                Core + "null" => NodeKind.Null,
                _ => null,
            };
            (kind, value) = wanted == NodeKind.Text ? (NodeKind.Text, text) : Plain(text);
            if (wanted != kind)
            {
                context.FaultAt(source, start, wanted is null ? "a tag of an application is not read" : "the value is not what its tag says", "remove the tag");
                return null;
            }
        }

        return new Node(kind, source, start) { Value = value, End = end };
    }

    /// <summary>The kind of a plain scalar, and its value as JSON writes it.</summary>
    internal static (NodeKind Kind, string Value) Plain(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return (NodeKind.Null, "null");
            case "true" or "True" or "TRUE":
                return (NodeKind.Flag, "true");
            case "false" or "False" or "FALSE":
                return (NodeKind.Flag, "false");
        }

        return Number(text) is { } number ? (NodeKind.Number, number) : (NodeKind.Text, text);
    }

    private static string? Number(string text)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong hex)
                ? hex.ToString(CultureInfo.InvariantCulture)
                : null;
        }

        if (text.StartsWith("0o", StringComparison.Ordinal))
            return Octal(text.AsSpan(2));
        ReadOnlySpan<char> digits = text.AsSpan(text[0] is '+' or '-' ? 1 : 0);
        if (digits.IsEmpty || !(char.IsAsciiDigit(digits[0]) || (digits[0] == '.' && digits.Length > 1 && char.IsAsciiDigit(digits[1]))))
            return null;
        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!double.TryParse(text, Styles, CultureInfo.InvariantCulture, out double real))
            return null;
        if (IsJson(digits))
            return text[0] == '+' ? text[1..] : text;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
            return whole.ToString(CultureInfo.InvariantCulture);
        return double.IsFinite(real) ? real.ToString("R", CultureInfo.InvariantCulture) : null;
    }

    /// <summary>JSON has no leading zero and wants a digit on both sides of the point.</summary>
    private static bool IsJson(ReadOnlySpan<char> digits)
    {
        int point = digits.IndexOf('.');
        bool leadingZero = digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit(digits[1]);
        return !leadingZero && point != 0 && (point < 0 || (point + 1 < digits.Length && char.IsAsciiDigit(digits[point + 1])));
    }

    private static string? Octal(ReadOnlySpan<char> digits)
    {
        ulong value = 0;
        foreach (char c in digits)
        {
            if (c is < '0' or > '7' || value > ulong.MaxValue >> 3)
                return null;
            value = (value << 3) | (uint)(c - '0');
        }

        return digits.IsEmpty ? null : value.ToString(CultureInfo.InvariantCulture);
    }
}
