using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;
using Fastbridge.Core.Records;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads texts that are templates, and parses them once to find their faults now.</summary>
internal static class TemplateReader
{
    public static string? Read(ObjectReader reader, string key, TemplateUse use, LoadContext context) =>
        reader.Find(key) is { } node ? Read(reader, node, reader.Key(key), use, context) : null;

    public static string? Read(ObjectReader reader, Node node, KnownKey key, TemplateUse use, LoadContext context)
    {
        if (reader.Text(node, key) is not { } text)
            return null;
        if (Template.TryParse(text.Value, use, out _, out string? fault))
            return text.Value;
        // The parser's fault shows the text, so one with a variable's or a file's content in it is not repeated.
        if (text.IsSecret)
            context.Fault(node, "with its references resolved this is no valid template");
        else
            context.FaultWithoutValue(node, Shown.OneLine(fault));
        return text.Value;
    }
}
