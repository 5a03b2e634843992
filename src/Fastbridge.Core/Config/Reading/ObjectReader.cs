using System.Globalization;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Reading;

/// <summary>
/// Reads the keys of one object by their types and bounds in <see cref="KnownKeys"/>. A key that is absent, null or wrong reads as null; what is wrong is
/// then among the faults, and the load fails in the end, so callers go on with a default.
/// </summary>
internal sealed class ObjectReader(Node node, KeySection section, LoadContext context)
{
    public Node Node { get; } = node;

    /// <summary>The value of a key under its name or an alias; null where absent or null.</summary>
    public Node? Find(string name)
    {
        KnownKey key = Key(name);
        Node? found = Node.Find(name);
        foreach (string alias in key.Aliases)
            found ??= Node.Find(alias);
        return found is { Kind: not NodeKind.Null } ? found : null;
    }

    /// <summary>As <see cref="Find"/>; a missing key is a fault unless it was probably meant by a misspelt one.</summary>
    public Node? Require(string name)
    {
        Node? found = Find(name);
        if (found is null && !context.WasMeant(Node, name))
            context.FaultWithoutValue(Node, $"\"{name}\" is missing", Lower(Key(name).Meaning));
        return found;
    }

    public Resolved? Text(string name) => Find(name) is { } value ? Text(value, Key(name)) : null;

    public Resolved? RequireText(string name) => Require(name) is { } value ? Text(value, Key(name)) : null;

    /// <summary>A text with its references resolved, its length checked.</summary>
    public Resolved? Text(Node value, KnownKey key)
    {
        if (value.Kind != NodeKind.Text)
        {
            context.WrongType(value, key.Expects, value.Kind == NodeKind.Number ? "write it in double quotes" : null);
            return null;
        }

        if (!context.Secrets.TryResolve(value, key.Type == KeyType.Template, out Resolved text))
            return null;
        if (text.Value.Contains('\0', StringComparison.Ordinal))
        {
            // Neither MQTT's texts [MQTT-1.5.4-2] nor file names nor librdkafka's C strings can hold it.
            context.Fault(value, "must not contain U+0000");
            return null;
        }

        int length = text.Value.EnumerateRunes().Count();
        if (length >= key.Min && length <= key.Max)
            return text;
        context.Fault(value, length < key.Min ? "must not be empty" : string.Create(CultureInfo.InvariantCulture, $"has {length} characters, {key.Max} are the most"));
        return null;
    }

    /// <summary>The texts of a key that takes one or a list, each with its place; those that are wrong are left out.</summary>
    public List<(Node Node, Resolved Text)> Texts(string name)
    {
        var texts = new List<(Node, Resolved)>();
        if (Find(name) is not { } value)
            return texts;
        if (value.Kind is NodeKind.Object)
        {
            context.WrongType(value, Key(name).Expects);
            return texts;
        }

        if (value is { Kind: NodeKind.List, Items.Count: 0 })
            context.FaultWithoutValue(value, "the list is empty", "name at least one, or leave the key out");
        foreach (Node item in value.Kind == NodeKind.List ? value.Items : [value])
        {
            if (Text(item, Key(name)) is { } text)
                texts.Add((item, text));
        }

        return texts;
    }

    public long? Number(string name)
    {
        KnownKey key = Key(name);
        if (Find(name) is not { } value)
            return null;
        string? literal = Literal(value, NodeKind.Number, key);
        if (literal is null)
            return null;
        if (!TryWhole(literal, out long number))
        {
            bool quoted = value.Kind == NodeKind.Text && double.TryParse(value.Value, CultureInfo.InvariantCulture, out _);
            context.WrongType(value, key.Expects, quoted ? "write it without quotes" : null);
            return null;
        }

        if (number >= key.Min && number <= key.Max)
            return number;
        context.Fault(value, $"expected {key.Expects}");
        return null;
    }

    public TimeSpan? Seconds(string name)
    {
        KnownKey key = Key(name);
        if (Find(name) is not { } value || Literal(value, NodeKind.Number, key) is not { } literal)
            return null;
        if (!double.TryParse(literal, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds))
        {
            context.WrongType(value, key.Expects);
            return null;
        }

        if (seconds * 1000 >= key.Min && seconds * 1000 <= key.Max)
            return TimeSpan.FromMilliseconds(Math.Round(seconds * 1000));
        context.Fault(value, $"expected {key.Expects}");
        return null;
    }

    public bool? Flag(string name)
    {
        KnownKey key = Key(name);
        if (Find(name) is not { } value || Literal(value, NodeKind.Flag, key) is not { } literal)
            return null;
        if (literal is "true" or "false")
            return literal == "true";
        context.WrongType(value, key.Expects, value.Value is "true" or "false" ? "write it without quotes" : null);
        return null;
    }

    /// <summary>One of the key's choices, as <see cref="KnownKeys"/> spells it; case does not count. Numbers serve where a choice is one.</summary>
    public string? Choice(string name)
    {
        KnownKey key = Key(name);
        if (Find(name) is not { } value)
            return null;
        if (value.Kind is not (NodeKind.Text or NodeKind.Number))
        {
            context.WrongType(value, key.Expects);
            return null;
        }

        Resolved text = new(value.Value, false);
        if (value.Kind == NodeKind.Text && !context.Secrets.TryResolve(value, false, out text))
            return null;
        foreach (string choice in key.Choices)
        {
            if (string.Equals(choice, text.Value.Trim(), StringComparison.OrdinalIgnoreCase))
                return choice;
        }

        string? near = text.IsSecret ? null : Nearest.Of(text.Value, key.Choices);
        context.Fault(value, $"expected {key.Expects}", near is null ? null : $"did you mean \"{near}\"?");
        return null;
    }

    /// <summary>An object; anything else is a fault.</summary>
    public Node? Object(string name)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.Kind == NodeKind.Object)
            return value;
        context.WrongType(value, Key(name).Expects);
        return null;
    }

    public KnownKey Key(string name) => KnownKeys.Find(section, name) ?? throw new ArgumentException($"No key {name} in {section}.", nameof(name));

    private static string Lower(string sentence) =>
        (sentence.StartsWith("The ", StringComparison.Ordinal) ? "the " + sentence[4..] : sentence).TrimEnd('.');

    /// <summary>The literal of a number or flag. A text serves where it is a reference: a variable cannot hold anything but text.</summary>
    private string? Literal(Node value, NodeKind kind, KnownKey key)
    {
        if (value.Kind == kind)
            return value.Value;
        if (value.Kind == NodeKind.Text && Referenced(value))
            return context.Secrets.TryResolve(value, false, out Resolved text) ? text.Value.Trim() : null;
        if (value.Kind == NodeKind.Text)
            return ""; // no number and no flag: the caller's fault says what was found
        context.WrongType(value, key.Expects);
        return null;
    }

    private static bool Referenced(Node value) => SecretResolver.IsReference(value.Value);

    private static bool TryWhole(string literal, out long number)
    {
        if (long.TryParse(literal, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
            return true;
        // 6e4 and 60.0 are whole numbers too; above 2^53 a double no longer tells whole numbers apart.
        if (!double.TryParse(literal, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) || real != Math.Floor(real) || Math.Abs(real) > 1L << 53)
            return false;
        number = (long)real;
        return true;
    }
}
