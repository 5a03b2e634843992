using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Fastbridge.Core.Config.Editing;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Store;

/// <summary>A record of the file as it is listed: what can be read of it, also where something in it is wrong, and no secret.</summary>
internal static class Listing
{
    public static StoredConnector Of(Node record, LoadEnvironment environment) => new()
    {
        ClusterName = StoreDocument.ClusterOf(record),
        Name = StoreDocument.Text(record, "connector_name") ?? "",
        Type = StoreDocument.Text(record, "connector_type") ?? "Kafka",
        Config = StoreDocument.Find(record, "config") is { } config ? Config(config, environment) : "{}",
        TopicIds = Topics(StoreDocument.Find(record, "topic_id")),
        Status = IsStopped(record) ? "Stopped" : "Idle",
        BrokerId = long.TryParse(StoreDocument.Find(record, "broker_id")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long id) ? id : null,
        CreateTime = Time(StoreDocument.Find(record, "create_time")),
        UpdateTime = Time(StoreDocument.Find(record, "update_time")),
        FailureStrategy = record.Find("failure_strategy") is { Kind: not NodeKind.Null } strategy ? Literals.Masked(strategy) : null,
    };

    public static bool IsStopped(Node record) => StoreDocument.Text(record, "status")?.ToUpperInvariant() is "STOP" or "STOPPED";

    /// <summary>The tree of a config that is JSON in a text; null where it is none, or comes whole from a variable or file.</summary>
    public static Node? Parsed(Node config, LoadEnvironment environment) => SecretResolver.IsReference(config.Value.Trim())
        ? null
        : JsonNodeReader.Read(new SourceText(Encoding.UTF8.GetBytes(config.Value), config), new LoadContext("", environment));

    private static string Config(Node config, LoadEnvironment environment)
    {
        if (config.Kind != NodeKind.Text)
            return Literals.Masked(config);
        if (SecretResolver.IsReference(config.Value.Trim()))
            return Literals.Quoted(config.Value);
        // What cannot be read may hold a secret anywhere.
        return Parsed(config, environment) is { } parsed ? Literals.Masked(parsed) : Literals.Quoted(Literals.Mask);
    }

    private static ImmutableArray<string> Topics(Node? topics) => topics switch
    {
        { Kind: NodeKind.Text } one => [one.Value],
        { Kind: NodeKind.List } several => [.. several.Items.Select(t => t.Value)],
        _ => [],
    };

    private static DateTimeOffset? Time(Node? time)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (time is { Kind: NodeKind.Text } && DateTimeOffset.TryParseExact(time.Value, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, Utc, out DateTimeOffset text))
            return text;
        return time is { Kind: NodeKind.Number } && long.TryParse(time.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
    }
}
