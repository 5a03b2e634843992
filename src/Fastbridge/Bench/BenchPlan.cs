using System.Security.Cryptography;

namespace Fastbridge.Bench;

/// <summary>What a bench does. Its values are checked by the command.</summary>
/// <param name="Bootstrap">host:port, comma separated. Null: the embedded cluster.</param>
/// <param name="Keep">The topic in the given Kafka stays.</param>
/// <param name="Size">Bytes of a payload; at least <see cref="Stamp.Length"/>, which tells lost from repeated.</param>
/// <param name="Rate">Messages a second over all connectors, evenly; 0: as fast as it goes.</param>
/// <param name="Window">Messages of a connector that may be unacknowledged. Of no meaning at QoS 0.</param>
/// <param name="Seconds">How long messages are sent, where <paramref name="Messages"/> is null.</param>
/// <param name="Messages">Over all connectors; null: for <paramref name="Seconds"/>.</param>
internal sealed record BenchPlan(string? Bootstrap, bool Keep, int QoS, int Size, double Rate, int Window, double Seconds, long? Messages, int Connectors, bool IsV5)
{
    /// <summary>MQTT topics of a connector; each is one key in Kafka.</summary>
    public const int Topics = 64;

    /// <summary>Of the Kafka topic.</summary>
    public const int Partitions = 4;

    /// <summary>Every Kafka topic of a bench begins with it, so that one that a killed bench left can be told.</summary>
    public const string TopicPrefix = "fastbridge-bench-";

    /// <summary>The Kafka topic; random, so that no other data is in it.</summary>
    public string Topic { get; } = TopicPrefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));

    /// <summary>How many messages a connector sends; the first ones take what does not divide.</summary>
    public long ShareOf(int connector) => Messages is { } all ? all / Connectors + (connector < all % Connectors ? 1 : 0) : long.MaxValue;
}

/// <summary>The bench cannot go on; one line with the remedy.</summary>
internal sealed class BenchException(string message) : Exception(message);
