using System.Collections.Immutable;
using Fastbridge.Admin;
using Fastbridge.Core;
using Microsoft.AspNetCore.Http;
using static Fastbridge.Admin.MemberType;

namespace Fastbridge.Health;

/// <summary><c>GET /health/live</c> and <c>GET /health/ready</c>, for the probes of container managers: the HTTP status is the answer. Any thread.</summary>
/// <param name="notLive">Why the process should be started anew; null: it should not.</param>
internal sealed class HealthCall(IBridgeControl bridge, Func<string?> notLive)
{
    public const string LivePath = "/health/live";
    public const string ReadyPath = "/health/ready";

    public static readonly Member Live = new("data", MemberType.Object, "whether it lives")
    {
        Members =
        [
            new Member("status", Text, "the answer") { Required = true, Choices = ["live", "not live"] },
            new Member("reason", Text, "why not; empty where it lives. Only with the token, where there is one"),
        ],
    };

    public static readonly Member Ready = new("data", MemberType.Object, "whether it is ready")
    {
        Members =
        [
            new Member("status", Text, "the answer") { Required = true, Choices = ["ready", "not ready"] },
            new Member("reason", Text, "why not, or what is wrong although it is ready; else empty. Only with the token, where there is one"),
            new Member("connectors", List, "each connector. Only with the token, where there is one")
            {
                Members =
                [
                    new Member("cluster_name", Text, "the tenant"),
                    new Member("name", Text, "connector_name"),
                    new Member("state", Text, "its live state; Warn: it runs, and hears nothing for longer than it should") { Choices = ["Idle", "Running", ConnectorStates.Warn, "Stopped", "Error"] },
                    new Member("why", Text, "what is in the way, or the warning; empty where nothing is"),
                    new Member("since", Time, "when the state was entered"),
                ],
            },
        ],
    };

    /// <summary>Touches no connector and takes none of the bridge's locks: what is stuck must not keep the answer.</summary>
    public Task<Answer> LiveAsync(RequestValues request, CancellationToken cancellation)
    {
        string? fault = notLive();
        return Task.FromResult(new Answer(fault is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, Answer.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("status", fault is null ? "live" : "not live");
            if (request.IsTrusted)
                json.WriteString("reason", fault ?? "");
            json.WriteEndObject();
        })));
    }

    public Task<Answer> ReadyAsync(RequestValues request, CancellationToken cancellation)
    {
        BridgeStatus status = bridge.Status;
        (bool ready, string reason) = Judge(status, strict: request.Text("connectors") is not null);
        return Task.FromResult(new Answer(ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, Answer.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("status", ready ? "ready" : "not ready");
            if (request.IsTrusted)
            {
                json.WriteString("reason", reason);
                json.WriteStartArray("connectors");
                foreach (ConnectorStatus connector in status.Connectors)
                {
                    json.WriteStartObject();
                    json.WriteString("cluster_name", connector.ClusterName);
                    json.WriteString("name", connector.Name);
                    json.WriteString("state", connector.Shown());
                    json.WriteString("why", connector.Why.Length > 0 ? connector.Why : connector.Warning);
                    StatusCall.WriteTime(json, "since", connector.Since);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        })));
    }

    private static (bool Ready, string Reason) Judge(BridgeStatus status, bool strict)
    {
        if (status.Phase is not BridgePhase.Running)
            return (false, status.Phase is BridgePhase.Starting ? "the bridge is starting" : "the bridge is ending");
        foreach (ConnectorStatus connector in status.Connectors)
        {
            // Stopped is what the file asks for, or one that leaves.
            if (strict && connector.State is (ConnectorState.Idle or ConnectorState.Error))
                return (false, $"connector {connector.Name} is {connector.Shown()}{(connector.Why.Length > 0 ? ": " : "")}{connector.Why}");
        }

        ImmutableArray<string> faults = status.Faults;
        return (true, faults.IsEmpty ? "" : $"the connectors file has faults, and the set before runs on: {faults[0]}");
    }
}
