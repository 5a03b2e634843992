using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Reading;

/// <summary>Names in an object: unknown ones, ones that stand twice, two names of one key.</summary>
internal static class KeyCheck
{
    /// <summary>Checks an object whose keys are known.</summary>
    public static void Known(Node node, KeySection section, LoadContext context)
    {
        Doubles(node, context);
        foreach (Node member in node.Members)
        {
            if (KnownKeys.Find(section, member.Name!) is not { } key)
                context.FaultWithoutValue(member, "unknown key", context.IsFull ? null : Hint(member, section, context));
            else if (member.Name != key.Name && node.Find(key.Name) is not null)
                context.FaultWithoutValue(member, $"the same as \"{key.Name}\", which stands here too", "remove one");
        }
    }

    /// <summary>Checks an object whose names the user chooses.</summary>
    public static void Doubles(Node node, LoadContext context)
    {
        var seen = new Dictionary<string, Node>(StringComparer.Ordinal);
        foreach (Node member in node.Members)
        {
            if (seen.TryAdd(member.Name!, member))
                continue;
            Node first = seen[member.Name!];
            context.FaultWithoutValue(member, $"the key stands twice in this object (first in line {first.Source.Place(first.NameStart).Line})", "remove one");
        }
    }

    private static string Hint(Node member, KeySection section, LoadContext context)
    {
        string name = member.Name!;
        if (Nearest.Of(name, [.. KnownKeys.Of(section).SelectMany(k => k.Aliases.Prepend(k.Name))]) is { } near)
        {
            context.Meant(member.Parent!, KnownKeys.Find(section, near)!.Name);
            return $"did you mean \"{near}\"?";
        }

        // A login or certificate that stands in config is meant for Kafka.
        ReadOnlySpan<KeySection> nearest = section is KeySection.Kafka or KeySection.KafkaTls or KeySection.KafkaSasl ? [KeySection.KafkaSasl, KeySection.KafkaTls] : [];
        foreach (KeySection other in (ReadOnlySpan<KeySection>)[.. nearest, KeySection.Kafka, KeySection.Mqtt, KeySection.Connector, KeySection.Failure, KeySection.RateLimit, KeySection.Buffer, KeySection.Tls, KeySection.Will, KeySection.File, KeySection.KafkaTls, KeySection.KafkaSasl])
        {
            // Kafka's library has no name or fingerprint of its own to check.
            if (other != section && (section, other) is not (KeySection.KafkaTls, KeySection.Tls) && KnownKeys.Find(other, name) is not null)
                return $"it belongs in {KnownKeys.NameOf(other)}";
        }

        return section == KeySection.Kafka && name.Contains('.', StringComparison.Ordinal)
            ? "librdkafka's own stand in \"properties\""
            : $"known in {KnownKeys.NameOf(section)}: {string.Join(", ", KnownKeys.Of(section).Select(k => k.Name))}";
    }
}
