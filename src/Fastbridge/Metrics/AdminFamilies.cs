using System.Collections.Immutable;
using static Fastbridge.Metrics.FamilyType;

namespace Fastbridge.Metrics;

/// <summary>What comes to the admin API, wrong tokens among it; without an admin API they have no series.</summary>
internal static class AdminFamilies
{
    public static readonly ImmutableArray<Family> All =
    [
        new("fastbridge_admin_requests", Counter, "", "Answers of the admin API, by what they were: answered (below 400), no_token, wrong_token (401), wrong (400 to 499), failed (500 and above, and probes that say no)", (from, to) =>
        {
            if (from.Admin is not { } admin)
                return;
            to.Add(Labels.None with { Name = "result", Value = "answered" }, Volatile.Read(ref admin.Answered));
            to.Add(Labels.None with { Name = "result", Value = "no_token" }, Volatile.Read(ref admin.NoToken));
            to.Add(Labels.None with { Name = "result", Value = "wrong_token" }, Volatile.Read(ref admin.WrongToken));
            to.Add(Labels.None with { Name = "result", Value = "wrong" }, Volatile.Read(ref admin.Wrong));
            to.Add(Labels.None with { Name = "result", Value = "failed" }, Volatile.Read(ref admin.Failed));
        }),
        new("fastbridge_admin_connections", Gauge, "", "Connections to the admin API now", (from, to) =>
        {
            if (from.Admin is { } admin)
                to.Add(Labels.None, admin.Connections());
        }),
        new("fastbridge_admin_connections_dropped", Counter, "", "Connections to the admin API that ended otherwise than well: no_request (malformed, slow, silent, or no HTTP), made_room (idle, for a newer one), refused (all were in use)", (from, to) =>
        {
            if (from.Admin is not { } admin)
                return;
            to.Add(Labels.None with { Name = "reason", Value = "no_request" }, Volatile.Read(ref admin.Unheard));
            to.Add(Labels.None with { Name = "reason", Value = "made_room" }, Volatile.Read(ref admin.MadeRoom));
            to.Add(Labels.None with { Name = "reason", Value = "refused" }, Volatile.Read(ref admin.Refused));
        }),
    ];
}
