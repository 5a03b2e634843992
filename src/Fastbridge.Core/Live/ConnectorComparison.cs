using System.Collections.Immutable;
using Fastbridge.Core.Config;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Live;

/// <summary>What an edit of a connector asks of the one that runs.</summary>
internal enum ConnectorChange
{
    /// <summary>Nothing that it does: it goes on untouched.</summary>
    None,

    /// <summary>Only what it subscribes: its connection, session and messages in flight stay.</summary>
    Subscriptions,

    /// <summary>Only what the MQTT end's certificate files hold (and perhaps subscriptions): the connection is made anew, session and messages in flight stay.</summary>
    Renewal,

    /// <summary>Anything else: it is drained, and started anew on the same session.</summary>
    Restart,
}

/// <summary>
/// Compares configurations by value. The compiler's equality of records compares lists and byte blocks by reference, so those are laid aside and compared here; all
/// other members, also those that will be added one day, go by the record's own equality and are never forgotten.
/// </summary>
internal static class ConnectorComparison
{
    /// <summary>Both have the same name.</summary>
    public static ConnectorChange Compare(ConnectorConfig now, ConnectorConfig next)
    {
        if (now.Mqtt.Tls is { } before && next.Mqtt.Tls is { } after && before.FilesDigest != after.FilesDigest)
        {
            ConnectorConfig same = now with { Mqtt = now.Mqtt with { Tls = before with { FilesDigest = after.FilesDigest } } };
            return Same(same, next) ? ConnectorChange.Renewal : ConnectorChange.Restart;
        }

        if (!Same(now, next))
            return ConnectorChange.Restart;
        return now.Mqtt.Subscriptions.AsSpan().SequenceEqual(next.Mqtt.Subscriptions.AsSpan()) ? ConnectorChange.None : ConnectorChange.Subscriptions;
    }

    /// <summary>Whether nothing that asks for a restart has changed but what Kafka's certificate files hold.</summary>
    public static bool OnlyKafkaFiles(ConnectorConfig now, ConnectorConfig next) =>
        now.Kafka.FilesDigest != next.Kafka.FilesDigest
        && Compare(now with { Kafka = now.Kafka with { FilesDigest = next.Kafka.FilesDigest } }, next) is not ConnectorChange.Restart;

    /// <summary>Whether the status goes the same way to the same place.</summary>
    public static bool Same(StatusTopicConfig? a, StatusTopicConfig? b) => a is null || b is null ? a == b : a.Topic == b.Topic && Same(a.Mqtt, b.Mqtt);

    /// <summary>Without subscriptions, and without what has no effect on a running connector: cluster, broker_id, times, and what is only watched.</summary>
    private static bool Same(ConnectorConfig a, ConnectorConfig b) =>
        Same(a.Mqtt, b.Mqtt) && Same(a.Kafka, b.Kafka) && Same(a.Record, b.Record)
        && b == a with
        {
            Mqtt = b.Mqtt,
            Kafka = b.Kafka,
            Record = b.Record,
            ClusterName = b.ClusterName,
            BrokerId = b.BrokerId,
            CreateTime = b.CreateTime,
            UpdateTime = b.UpdateTime,
            ExpectMessageWithin = b.ExpectMessageWithin,
        };

    private static bool Same(MqttClientOptions a, MqttClientOptions b) =>
        Same(a.Password, b.Password) && Same(a.Will, b.Will) && Same(a.Tls, b.Tls) && Same(a.Unsubscriptions, b.Unsubscriptions)
        && Same(a.WebSocketHeaders, b.WebSocketHeaders) && a.OtherServers.AsSpan().SequenceEqual(b.OtherServers.AsSpan())
        && b == a with
        {
            Password = b.Password,
            Will = b.Will,
            Tls = b.Tls,
            WebSocketHeaders = b.WebSocketHeaders,
            OtherServers = b.OtherServers,
            Subscriptions = b.Subscriptions,
            Unsubscriptions = b.Unsubscriptions,
        };

    private static bool Same(MqttTlsOptions? a, MqttTlsOptions? b) =>
        a is null || b is null
            ? a == b
            : Same(a.Fingerprints, b.Fingerprints) && Same(a.Alpn, b.Alpn) && b == a with { Fingerprints = b.Fingerprints, Alpn = b.Alpn };

    private static bool Same(MqttWill? a, MqttWill? b) =>
        a is null || b is null ? a == b : a.Payload.Span.SequenceEqual(b.Payload.Span) && b == a with { Payload = b.Payload };

    private static bool Same(KafkaConfig a, KafkaConfig b) => Same(a.Properties, b.Properties) && b == a with { Properties = b.Properties };

    private static bool Same(RecordConfig a, RecordConfig b) => Same(a.Headers, b.Headers) && b == a with { Headers = b.Headers };

    private static bool Same(ImmutableArray<KeyValuePair<string, string>> a, ImmutableArray<KeyValuePair<string, string>> b)
    {
        if (a.Length != b.Length)
            return false;
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i].Key != b[i].Key || a[i].Value != b[i].Value)
                return false;
        }

        return true;
    }

    private static bool Same(ReadOnlyMemory<byte>? a, ReadOnlyMemory<byte>? b) =>
        a is { } x && b is { } y ? x.Span.SequenceEqual(y.Span) : a is null && b is null;

    private static bool Same(ImmutableArray<string> a, ImmutableArray<string> b) => a.AsSpan().SequenceEqual(b.AsSpan());

    private static bool Same(ImmutableSortedDictionary<string, string> a, ImmutableSortedDictionary<string, string> b)
    {
        if (a.Count != b.Count)
            return false;
        foreach ((string name, string value) in a)
        {
            if (!b.TryGetValue(name, out string? other) || other != value)
                return false;
        }

        return true;
    }
}
