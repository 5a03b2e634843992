using System.Collections.Immutable;
using System.Globalization;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads <c>properties</c>, which librdkafka is to have, but for those that the bridge's promises rest on.</summary>
internal static class KafkaProperties
{
    /// <summary>Its range in librdkafka.</summary>
    private const int LeastMessageBytes = 1_000;
    private const int MostMessageBytes = 1_000_000_000;

    /// <summary>Refused, with the remedy. request.required.acks and metadata.broker.list are other names of acks and bootstrap.servers.</summary>
    private static readonly ImmutableDictionary<string, string> Ours = new Dictionary<string, string>
    {
        ["acks"] = "write \"acks\" beside \"properties\"",
        ["request.required.acks"] = "write \"acks\" beside \"properties\"",
        ["bootstrap.servers"] = "write \"bootstrap_servers\" beside \"properties\"",
        ["metadata.broker.list"] = "write \"bootstrap_servers\" beside \"properties\"",
        ["enable.idempotence"] = "it is on unless \"acks\" is 0 or 1",
        ["delivery.report.only.error"] = "remove it: messages are acknowledged by the reports of success",
        ["transactional.id"] = "remove it: this version writes without transactions",
        ["plugin.library.paths"] = "remove it: no library is loaded into the bridge",
    }.ToImmutableDictionary(StringComparer.Ordinal);

    public static (ImmutableSortedDictionary<string, string>.Builder Properties, int? MessageMaxBytes) Read(Node? node, LoadContext context)
    {
        var properties = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        int? messageMaxBytes = null;
        if (node is null)
            return (properties, null);
        KeyCheck.Doubles(node, context);
        foreach (Node member in node.Members)
        {
            string name = member.Name!;
            if (Ours.TryGetValue(name, out string? remedy))
                context.FaultWithoutValue(member, "this property is the bridge's own", remedy);
            else if (name.Length == 0 || name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
                context.FaultWithoutValue(member, "no name of a property", "librdkafka's names are such as \"security.protocol\"");
            else if (Value(member, context) is not { } value)
                continue;
            else if (name == "message.max.bytes")
                messageMaxBytes = MessageMaxBytes(member, value, context);
            else if (context.Environment.CheckKafkaProperty?.Invoke(name, value.Value) is { } fault)
                context.Fault(member, fault);
            else
                properties[name] = value.Value;
        }

        return (properties, messageMaxBytes);
    }

    /// <summary>Digest of the files that librdkafka reads when it connects; null where none is named. A folder counts as empty: who keeps authorities in one sends SIGHUP.</summary>
    public static string? Digest(ImmutableSortedDictionary<string, string>.Builder properties, LoadContext context)
    {
        string? all = null;
        foreach (string name in (ReadOnlySpan<string>)["ssl.ca.location", "ssl.certificate.location", "ssl.crl.location", "ssl.key.location", "ssl.keystore.location", KafkaTokenProperties.CaFile])
        {
            // librdkafka's own paths begin where the process was started.
            if (properties.TryGetValue(name, out string? path) && path.Length > 0 && path != "probe")
                all = $"{all}{context.Files.Digest(Path.GetFullPath(path))} ";
        }

        return all;
    }

    internal static Resolved? Value(Node member, LoadContext context)
    {
        switch (member.Kind)
        {
            case NodeKind.Text:
                if (!context.Secrets.TryResolve(member, false, out Resolved text))
                    return null;
                if (text.Value.Contains('\0', StringComparison.Ordinal))
                    context.Fault(member, "must not contain U+0000");
                return text;
            case NodeKind.Number or NodeKind.Flag:
                return new Resolved(member.Value, Shown.IsSecret(member));
            case NodeKind.Null:
                return null;
            default:
                context.WrongType(member, "a text, a number, true or false");
                return null;
        }
    }

    private static int? MessageMaxBytes(Node member, Resolved value, LoadContext context)
    {
        if (int.TryParse(value.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int bytes) && bytes is >= LeastMessageBytes and <= MostMessageBytes)
            return bytes;
        context.Fault(member, string.Create(CultureInfo.InvariantCulture, $"expected a whole number from {LeastMessageBytes} to {MostMessageBytes}"));
        return null;
    }
}
