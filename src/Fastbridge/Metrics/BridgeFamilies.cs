using System.Collections.Immutable;
using static Fastbridge.Metrics.FamilyType;

namespace Fastbridge.Metrics;

/// <summary>The bridge as a whole.</summary>
internal static class BridgeFamilies
{
    private static readonly Labels Build = new([KeyValuePair.Create("version", Cli.Version.Text)]);

    public static readonly ImmutableArray<Family> All =
    [
        new("fastbridge_build_info", Gauge, "", "The version that runs; always 1", (_, to) => to.Add(Build, 1)),
        new("fastbridge_connectors", Gauge, "", "Connectors of the set that runs, by live state", (from, to) =>
        {
            foreach (string state in ConnectorFamilies.States)
            {
                int count = 0;
                foreach (Snapshot.Owned connector in from.Connectors)
                    count += connector.Status.State.ToString() == state ? 1 : 0;
                to.Add(Labels.None with { Name = "state", Value = state }, count);
            }
        }),
        new("fastbridge_config_reloads", Counter, "", "Changes of the connectors file since the start, by what became of them", (from, to) =>
        {
            to.Add(Labels.None with { Name = "result", Value = "applied" }, from.Bridge.Reloads);
            to.Add(Labels.None with { Name = "result", Value = "refused" }, from.Bridge.FailedReloads);
        }),
        new("fastbridge_config_faults", Gauge, "", "Faults of the connectors file as it stands now, while an older set runs; 0: it is sound and in force", (from, to) => to.Add(Labels.None, from.Bridge.Faults.Length)),
        new("fastbridge_warnings", Gauge, "", "What an operator should know and the status names, such as a state_dir that cannot be written", (from, to) => to.Add(Labels.None, from.Bridge.Warnings.Length)),
    ];
}
