using System.Collections.Immutable;
using Fastbridge.Admin;
using Fastbridge.Core;

namespace Fastbridge.Metrics;

/// <summary>What all metrics of one look are read from, so that they fit together.</summary>
internal sealed class Snapshot
{
    /// <param name="admin">Null: there is no admin API.</param>
    public Snapshot(BridgeStatus bridge, ProcessUse process, AdminCounts? admin = null)
    {
        Bridge = bridge;
        Admin = admin;
        Process = process;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        ImmutableArray<Owned>.Builder connectors = ImmutableArray.CreateBuilder<Owned>();
        foreach (ConnectorStatus connector in bridge.Connectors)
        {
            // A connector that was changed stands here twice while the old one drains; two series of one name would void the whole scrape. The set's own comes first.
            if (seen.Add(connector.Name))
                connectors.Add(new Owned(connector));
        }

        Connectors = connectors.ToImmutable();
    }

    public BridgeStatus Bridge { get; }

    public ProcessUse Process { get; }

    public AdminCounts? Admin { get; }

    /// <summary>Each name once.</summary>
    public ImmutableArray<Owned> Connectors { get; }

    /// <summary>A connector's status and the labels of its series.</summary>
    internal sealed class Owned(ConnectorStatus status)
    {
        public ConnectorStatus Status { get; } = status;

        public Labels Labels { get; } = new([KeyValuePair.Create("cluster_name", status.ClusterName), KeyValuePair.Create("connector", status.Name)]) { StartedAt = status.StartedAt };

        /// <summary>RobustMQ's labels.</summary>
        public Labels RobustMq { get; } = new([KeyValuePair.Create("connector_type", "kafka"), KeyValuePair.Create("connector_name", status.Name)]);
    }
}
