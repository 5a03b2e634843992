using System.Collections.Immutable;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Core.Live;

/// <summary>What somebody who looks on has seen of a connector's records. A copy: it does not change any more.</summary>
/// <param name="Since">When the looking began, UTC; null where nothing is looked at, for the connector does not run.</param>
/// <param name="Seen">Messages taken since then, also those that are not among <paramref name="Records"/>.</param>
/// <param name="Records">The newest last.</param>
public sealed record RecordSample(DateTimeOffset? Since, long Seen, ImmutableArray<SampledRecord> Records)
{
    /// <summary>Of a connector that does not run.</summary>
    public static RecordSample None { get; } = new(null, 0, []);

    /// <summary>This call began the looking: nobody did before.</summary>
    public bool IsFirst { get; init; }
}

/// <summary>One record. Its arrays are the sample's own.</summary>
public sealed record SampledRecord
{
    public required DateTimeOffset ReceivedAt { get; init; }

    public required string MqttTopic { get; init; }

    public required QoS QoS { get; init; }

    public required bool Retain { get; init; }

    public required string KafkaTopic { get; init; }

    /// <summary>The record's key, cut at <see cref="RecordTap.LongestPart"/> bytes; null: it has none.</summary>
    public required byte[]? Key { get; init; }

    /// <summary>The MQTT payload, cut at <see cref="RecordTap.LongestPart"/> bytes.</summary>
    public required byte[] Payload { get; init; }

    /// <summary>Its whole length.</summary>
    public required int PayloadBytes { get; init; }

    /// <summary>Length of the record's value.</summary>
    public required int ValueBytes { get; init; }
}
