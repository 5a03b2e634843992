using System.Collections.Immutable;

namespace Fastbridge.Metrics;

/// <summary>Every metric there is, in the order of the output.</summary>
internal static class Families
{
    public static readonly ImmutableArray<Family> All =
        [.. BridgeFamilies.All, .. ConnectorFamilies.All, .. LatencyFamilies.All, .. BufferFamilies.All, .. AdminFamilies.All, .. RobustMqFamilies.All, .. ProcessFamilies.All];
}
