using System.Collections.Immutable;

namespace Fastbridge.Core.Config.Schema;

/// <summary>Every key that the connectors file may hold, in the order in which documentation shows them. What is not here is an unknown key.</summary>
public static class KnownKeys
{
    public static ImmutableArray<KnownKey> All { get; } = [.. ConnectorKeys.All, .. MqttKeys.All, .. KafkaKeys.All, .. DeliveryKeys.All, .. BufferKeys.All];

    private static readonly ImmutableDictionary<KeySection, ImmutableArray<KnownKey>> BySection =
        All.GroupBy(k => k.Section).ToImmutableDictionary(g => g.Key, g => g.ToImmutableArray());

    private static readonly ImmutableDictionary<(KeySection, string), KnownKey> ByName =
        All.SelectMany(k => k.Aliases.Append(k.Name), (k, name) => KeyValuePair.Create((k.Section, name), k)).ToImmutableDictionary();

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
        KeySection.Buffer => "\"buffer\"",
        KeySection.Failure => "\"failure_strategy\"",
        KeySection.RateLimit => "\"rate_limit\"",
        _ => "\"config\"",
    };
}
