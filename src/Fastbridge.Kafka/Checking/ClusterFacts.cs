using Confluent.Kafka;

namespace Fastbridge.Kafka.Checking;

/// <summary>What a cluster said of itself and of some topics. Filled by <see cref="ClusterTalk"/>.</summary>
internal sealed class ClusterFacts
{
    /// <summary>Why the cluster could not be asked, in one line; null where it answered.</summary>
    public string? Fault { get; set; }

    /// <summary>What to do about <see cref="Fault"/>; null where its code alone says it, or the fault itself.</summary>
    public string? Remedy { get; set; }

    /// <summary>The code of <see cref="Fault"/>.</summary>
    public ErrorCode FaultCode { get; set; }

    /// <summary>The brokers that the cluster names.</summary>
    public List<BrokerFacts> Brokers { get; } = [];

    public Dictionary<string, TopicFacts> Topics { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether this client may create topics anywhere; null where the cluster does not say.</summary>
    public bool? MayCreate { get; set; }

    /// <summary>auto.create.topics.enable; null where no broker would say.</summary>
    public bool? AutoCreate { get; set; }

    /// <summary>The brokers' message.max.bytes, the smallest; null where none would say.</summary>
    public long? MessageMaxBytes { get; set; }
}

/// <summary>One broker.</summary>
/// <param name="Address">host:port under which the cluster advertises it.</param>
internal sealed record BrokerFacts(int Id, string Address)
{
    /// <summary>It answered under that address, be it with a refusal.</summary>
    public bool Answered { get; set; }
}

/// <summary>One topic.</summary>
internal sealed class TopicFacts
{
    public ErrorCode Error { get; set; } = ErrorCode.Local_TimedOut;

    public int Partitions { get; set; }

    /// <summary>Partitions that nobody leads.</summary>
    public int Leaderless { get; set; }

    /// <summary>Null where the cluster does not say.</summary>
    public bool? MayWrite { get; set; }

    /// <summary>max.message.bytes; null where the cluster would not say.</summary>
    public long? MaxMessageBytes { get; set; }
}
