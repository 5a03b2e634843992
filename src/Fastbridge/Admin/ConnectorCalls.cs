using System.Globalization;
using System.Text.Json;
using Fastbridge.Core;
using Fastbridge.Core.Config.Store;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Admin;

/// <summary>The calls that read and change records. A change goes into the store, and then the bridge reads it. Any thread.</summary>
internal sealed class ConnectorCalls(IConnectorStore store, IBridgeControl bridge, ILogger log)
{
    public const string TimeFormat = "yyyy-MM-dd HH:mm:ss";

    /// <summary>For a record without the value; RobustMQ's mark of a connector that no broker holds.</summary>
    public const string None = "-";

    /// <summary>How long a change's answer waits for the bridge to apply it. The change is made by then, and the bridge goes on applying it.</summary>
    private static readonly TimeSpan ApplyTime = TimeSpan.FromSeconds(5);

    public async Task<Answer> ListAsync(RequestValues request, CancellationToken cancellation)
    {
        StoreList list = await store.ListAsync(cancellation).ConfigureAwait(false);
        var found = new List<StoredConnector>();
        foreach (StoredConnector connector in list.Connectors)
        {
            if ((request.Text("tenant") ?? connector.ClusterName) == connector.ClusterName &&
                connector.Name.Contains(request.Text("connector_name") ?? "", StringComparison.Ordinal))
                found.Add(connector);
        }

        Sort(found, request.Text("sort_field"), request.Text("sort_by") == "desc");
        long limit = Math.Min(request.Count("limit") ?? RouteTable.DefaultLimit, RouteTable.DefaultLimit);
        long first = Math.Min(((request.Count("page") ?? 1) - 1) * limit, found.Count);
        long end = Math.Min(first + limit, found.Count);
        BridgeStatus status = bridge.Status;
        var live = new Dictionary<(string, string), ConnectorStatus>();
        foreach (ConnectorStatus connector in status.Connectors)
            live.TryAdd((connector.ClusterName, connector.Name), connector);
        return Answer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("data");
            for (long at = first; at < end; at++)
                Write(json, found[(int)at], live.GetValueOrDefault((found[(int)at].ClusterName, found[(int)at].Name)));
            json.WriteEndArray();
            json.WriteNumber("total_count", found.Count);
            json.WriteString("revision", list.Revision);
            json.WriteEndObject();
        });
    }

    public async Task<Answer> DetailAsync(RequestValues request, CancellationToken cancellation)
    {
        string name = request.Text("connector_name")!;
        string? tenant = request.Text("tenant");
        ConnectorStatus? live = null;
        foreach (ConnectorStatus connector in bridge.Status.Connectors)
        {
            if (connector.Name == name && (tenant ?? connector.ClusterName) == connector.ClusterName)
            {
                live = connector;
                break;
            }
        }

        if (live is null && !await IsStoredAsync(tenant, name, cancellation).ConfigureAwait(false))
            return Answer.Refused(200, $"connector \"{name}\" is not there; GET {RouteTable.Base}list shows those that are", Reasons.NotFound);
        return Answer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("last_send_time", live?.LastDeliveredAt?.ToUnixTimeSeconds() ?? 0);
            json.WriteNumber("send_success_total", live?.Delivered ?? 0);
            json.WriteNumber("send_fail_total", live is null ? 0 : live.DeadLettered + live.Discarded);
            // RobustMQ shows the last payload. To keep it would cost every message a copy, and would show to whoever asks what may be nobody's business.
            json.WriteNull("last_msg");
            json.WriteEndObject();
        });
    }

    public Task<Answer> CreateAsync(RequestValues request, CancellationToken cancellation) =>
        ChangeAsync("created", request, store.CreateAsync(Draft(request), CancellationToken.None));

    public Task<Answer> UpdateAsync(RequestValues request, CancellationToken cancellation)
    {
        ConnectorDraft draft = Draft(request);
        if (draft is { Type: null, Config: null, TopicIds: null, FailureStrategy: null })
            throw BadRequestException.Invalid(["nothing to change; give connector_type, config, topic_name or failure_strategy"]);
        return ChangeAsync("updated", request, store.UpdateAsync(draft, request.Text("revision"), CancellationToken.None));
    }

    public Task<Answer> DeleteAsync(RequestValues request, CancellationToken cancellation) =>
        ChangeAsync("deleted", request, store.DeleteAsync(request.Text("tenant"), request.Text("connector_name")!, request.Text("revision"), CancellationToken.None));

    public Task<Answer> StartAsync(RequestValues request, CancellationToken cancellation) => SetEnabledAsync("started", request, true);

    public Task<Answer> StopAsync(RequestValues request, CancellationToken cancellation) => SetEnabledAsync("stopped", request, false);

    /// <summary>A change's member that the store is given as text.</summary>
    private static ConnectorDraft Draft(RequestValues request) => new()
    {
        ClusterName = request.Text("tenant"),
        Name = request.Text("connector_name")!,
        Type = request.Text("connector_type"),
        Config = request.Text("config"),
        TopicIds = request.Texts("topic_name"),
        FailureStrategy = request.Text("failure_strategy"),
    };

    private static void Sort(List<StoredConnector> connectors, string? field, bool descending)
    {
        if (field is null)
            return;
        connectors.Sort((a, b) =>
        {
            int byName = string.CompareOrdinal(a.Name, b.Name);
            int byTenant = string.CompareOrdinal(a.ClusterName, b.ClusterName);
            int order = field == "tenant" ? (byTenant != 0 ? byTenant : byName) : (byName != 0 ? byName : byTenant);
            return descending ? -order : order;
        });
    }

    private static void Write(Utf8JsonWriter json, StoredConnector connector, ConnectorStatus? live)
    {
        json.WriteStartObject();
        json.WriteString("tenant", connector.ClusterName);
        json.WriteString("connector_name", connector.Name);
        json.WriteString("connector_type", connector.Type);
        json.WriteString("config", connector.Config);
        json.WritePropertyName("topic_name");
        // One filter, which is all that RobustMQ has, stands as it does there.
        if (connector.TopicIds.Length == 1)
        {
            json.WriteStringValue(connector.TopicIds[0]);
        }
        else
        {
            json.WriteStartArray();
            foreach (string filter in connector.TopicIds)
                json.WriteStringValue(filter);
            json.WriteEndArray();
        }

        json.WriteString("status", live?.State.ToString() ?? connector.Status);
        json.WriteString("broker_id", connector.BrokerId?.ToString(CultureInfo.InvariantCulture) ?? None);
        json.WriteString("create_time", TimeText(connector.CreateTime));
        json.WriteString("update_time", TimeText(connector.UpdateTime));
        json.WriteString("why", live is null ? connector.Why : live.Why.Length > 0 ? live.Why : live.Warning);
        json.WritePropertyName("failure_strategy");
        if (connector.FailureStrategy is { } strategy)
            json.WriteRawValue(strategy);
        else
            json.WriteNullValue();
        json.WriteEndObject();
    }

    private static string TimeText(DateTimeOffset? time) => time?.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture) ?? None;

    private Task<Answer> SetEnabledAsync(string what, RequestValues request, bool enabled) =>
        ChangeAsync(what, request, store.SetEnabledAsync(request.Text("tenant"), request.Text("connector_name")!, enabled, request.Text("revision"), CancellationToken.None));

    private async Task<bool> IsStoredAsync(string? tenant, string name, CancellationToken cancellation)
    {
        StoreList list = await store.ListAsync(cancellation).ConfigureAwait(false);
        foreach (StoredConnector connector in list.Connectors)
        {
            if (connector.Name == name && (tenant ?? connector.ClusterName) == connector.ClusterName)
                return true;
        }

        return false;
    }

    /// <param name="change">Begun without the client's token: a change whose client went away is made or not, and never left between file and bridge.</param>
    private async Task<Answer> ChangeAsync(string what, RequestValues request, Task<StoreOutcome> change)
    {
        StoreOutcome outcome = await change.ConfigureAwait(false);
        if (!outcome.IsDone)
            return Answer.Of(outcome);
        string name = request.Text("connector_name")!;
        AdminLog.Changed(log, name, what);
        try
        {
            using var limit = new CancellationTokenSource(ApplyTime);
            await bridge.ReloadAsync(limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            AdminLog.ApplyIsSlow(log, name, what, ApplyTime.TotalSeconds);
            outcome = outcome with { Warnings = outcome.Warnings.Add("written; the bridge is still applying it") };
        }

        return Answer.Of(outcome);
    }
}
