using System.Collections.Immutable;

namespace Fastbridge.Core.Config.Schema;

/// <summary>Every key that the connectors file may hold, in the order in which documentation shows them. What is not here is an unknown key.</summary>
public static class KnownKeys
{
    public static ImmutableArray<KnownKey> All { get; } = [.. ConnectorKeys.All, .. MqttKeys.All, .. KafkaKeys.All, .. DeliveryKeys.All, .. BufferKeys.All];

    private static readonly Dictionary<KeySection, ImmutableArray<KnownKey>> BySection = Sections();

    private static readonly Dictionary<(KeySection, string), KnownKey> ByName = Names();

    /// <summary>The keys of one object.</summary>
    public static ImmutableArray<KnownKey> Of(KeySection section) => BySection[section];

    /// <summary>A key by its name or alias; null where the object has none of that name.</summary>
    public static KnownKey? Find(KeySection section, string name) => ByName.GetValueOrDefault((section, name));

    /// <summary>What faults call the object.</summary>
    public static string NameOf(KeySection section) => section switch
    {
        KeySection.File => "the file's outermost object",
        KeySection.Connector => "a connector",
        KeySection.Mqtt => "\"mqtt\"",
        KeySection.Will => "\"mqtt.will\"",
        KeySection.Tls => "\"mqtt.tls\"",
        KeySection.KafkaTls => "\"config.tls\"",
        KeySection.KafkaSasl => "\"config.sasl\"",
        KeySection.Buffer => "\"buffer\"",
        KeySection.Failure => "\"failure_strategy\"",
        KeySection.RateLimit => "\"rate_limit\"",
        _ => "\"config\"",
    };

    private static Dictionary<KeySection, ImmutableArray<KnownKey>> Sections()
    {
        var sections = new Dictionary<KeySection, ImmutableArray<KnownKey>>();
        foreach (KnownKey key in All)
            sections[key.Section] = sections.GetValueOrDefault(key.Section, []).Add(key);
        return sections;
    }

    private static Dictionary<(KeySection, string), KnownKey> Names()
    {
        var names = new Dictionary<(KeySection, string), KnownKey>();
        foreach (KnownKey key in All)
        {
            names.Add((key.Section, key.Name), key);
            foreach (string alias in key.Aliases)
                names.Add((key.Section, alias), key);
        }

        return names;
    }
}
