using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Fastbridge.Cli;
using Fastbridge.Core.Config.Store;

namespace Fastbridge.Admin;

/// <summary>
/// The connectors of a running bridge, through its admin API; a RobustMQ's as well, as far as its four calls go. Any thread.
/// </summary>
/// <param name="server">http or https, host and port.</param>
/// <param name="token">Sent as bearer token; null: none.</param>
/// <param name="caFile">PEM file of the authorities to trust; null: the system's.</param>
/// <param name="callTime">For a whole call. Default 30 s: a change may wait five for the bridge to apply it, and a large list travels.</param>
internal sealed class RemoteStore(Uri server, string? token, TimeSpan? callTime = null, string? caFile = null) : IConnectorStore, IDisposable
{
    private const int PageSize = 1000;

    private readonly AdminClient _client = new(server, token, callTime ?? TimeSpan.FromSeconds(30), caFile);

    public string Where => server.GetLeftPart(UriPartial.Authority);

    /// <summary>What <c>--server</c> names, with the environment's token.</summary>
    /// <param name="caFile">What <c>--ca-file</c> names, or null.</param>
    /// <exception cref="SettingsException">Not an address, or no file of authorities.</exception>
    public static RemoteStore Open(string address, string? caFile)
    {
        string? token = Environment.GetEnvironmentVariable(AdminOptions.TokenVariable);
        Uri server = Address(address, withToken: token is not null);
        if (caFile is not null && server.Scheme != Uri.UriSchemeHttps)
            throw new SettingsException($"--ca-file: {server.GetLeftPart(UriPartial.Authority)} is asked without TLS; give --server https://HOST:PORT with it");
        return new RemoteStore(server, token, null, caFile);
    }

    /// <param name="address">HOST:PORT, or an http or https URL. HOST:PORT means http, but for another host than this one where a token is sent.</param>
    /// <param name="withToken">A token goes with each request: over the network in the clear only where somebody wrote http://.</param>
    /// <exception cref="SettingsException">It is neither.</exception>
    public static Uri Address(string address, bool withToken = false)
    {
        string text = address.Contains("://", StringComparison.Ordinal) ? address : "http://" + address;
        // A bare host is not taken: port 80 would be a surprise where 58080 is meant.
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0 && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0 &&
            uri.Port > 0 && (text != "http://" + address || !uri.IsDefaultPort || address.EndsWith(":80", StringComparison.Ordinal)))
            return withToken && !uri.IsLoopback && text != address ? new UriBuilder(uri) { Scheme = Uri.UriSchemeHttps }.Uri : uri;
        throw new SettingsException($"--server: \"{address}\" is not HOST:PORT or a URL of a bridge's admin API, such as {AdminOptions.DefaultAddress}");
    }

    public async Task<StoreList> ListAsync(CancellationToken cancellation)
    {
        var connectors = ImmutableArray.CreateBuilder<StoredConnector>();
        for (int page = 1; ; page++)
        {
            using Reply reply = await _client.GetAsync(string.Create(CultureInfo.InvariantCulture, $"{RouteTable.Base}list?page={page}&limit={PageSize}"), cancellation).ConfigureAwait(false);
            JsonElement data = reply.Data ?? throw new StoreException($"{Where}: {reply.Error}");
            if (data.ValueKind != JsonValueKind.Object || !data.TryGetProperty("data", out JsonElement records) || records.ValueKind != JsonValueKind.Array)
                throw _client.Stranger("its list holds no data");
            foreach (JsonElement record in records.EnumerateArray())
                connectors.Add(Read(record));
            // A server may give smaller pages than it was asked for.
            bool isLast = records.GetArrayLength() == 0 || !data.TryGetProperty("total_count", out JsonElement total) || !total.TryGetInt64(out long count) || connectors.Count >= count;
            if (isLast)
                return new StoreList(Text(data, "revision") ?? "", connectors.DrainToImmutable());
        }
    }

    public Task<StoreOutcome> CreateAsync(ConnectorDraft draft, CancellationToken cancellation) =>
        ChangeAsync("create", json => Write(json, draft with { Type = draft.Type ?? "kafka" }, null), cancellation);

    public Task<StoreOutcome> UpdateAsync(ConnectorDraft draft, string? expectedRevision, CancellationToken cancellation) =>
        ChangeAsync("update", json => Write(json, draft, expectedRevision), cancellation);

    public Task<StoreOutcome> DeleteAsync(string? clusterName, string name, string? expectedRevision, CancellationToken cancellation) =>
        ChangeAsync("delete", json => Write(json, new ConnectorDraft { ClusterName = clusterName, Name = name }, expectedRevision), cancellation);

    public Task<StoreOutcome> SetEnabledAsync(string? clusterName, string name, bool enabled, string? expectedRevision, CancellationToken cancellation) =>
        ChangeAsync(enabled ? "start" : "stop", json => Write(json, new ConnectorDraft { ClusterName = clusterName, Name = name }, expectedRevision), cancellation);

    public void Dispose() => _client.Dispose();

    private static void Write(Utf8JsonWriter json, ConnectorDraft draft, string? revision)
    {
        json.WriteStartObject();
        if (draft.ClusterName is not null)
            json.WriteString("tenant", draft.ClusterName);
        json.WriteString("connector_name", draft.Name);
        if (draft.Type is not null)
            json.WriteString("connector_type", draft.Type);
        if (draft.Config is not null)
            json.WriteString("config", draft.Config);
        if (draft.TopicIds is [var only])
        {
            json.WriteString("topic_name", only);
        }
        else if (draft.TopicIds is { } filters)
        {
            json.WriteStartArray("topic_name");
            foreach (string filter in filters)
                json.WriteStringValue(filter);
            json.WriteEndArray();
        }

        if (draft.FailureStrategy is { } strategy)
        {
            json.WritePropertyName("failure_strategy");
            json.WriteRawValue(strategy);
        }

        if (revision is not null)
            json.WriteString("revision", revision);
        json.WriteEndObject();
    }

    private static string? Text(JsonElement record, string name) =>
        record.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? TimeOf(JsonElement record, string name) =>
        DateTimeOffset.TryParseExact(Text(record, name), ConnectorCalls.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;

    /// <summary>RobustMQ's own answers say in words what ours say by <c>reason</c>.</summary>
    private static StoreResult ResultOf(Reply reply) => Reasons.ToResult(reply.Reason) ?? reply.Error switch
    {
        string e when e.Contains("already exist", StringComparison.OrdinalIgnoreCase) => StoreResult.Exists,
        string e when e.Contains("not found", StringComparison.OrdinalIgnoreCase) || e.Contains("not exist", StringComparison.OrdinalIgnoreCase) => StoreResult.NotFound,
        _ => StoreResult.Invalid,
    };

    private StoredConnector Read(JsonElement record)
    {
        if (record.ValueKind != JsonValueKind.Object)
            throw _client.Stranger("its list holds something else than connectors");
        ImmutableArray<string> topics = [];
        if (record.TryGetProperty("topic_name", out JsonElement topic))
        {
            topics = topic.ValueKind == JsonValueKind.Array
                ? [.. topic.EnumerateArray().Select(t => t.ToString())]
                : [topic.ToString()];
        }

        return new StoredConnector
        {
            ClusterName = Text(record, "tenant") ?? "default",
            Name = Text(record, "connector_name") ?? throw _client.Stranger("a connector of its list has no connector_name"),
            Type = Text(record, "connector_type") ?? "kafka",
            Config = Text(record, "config") ?? "{}",
            TopicIds = topics,
            Status = Text(record, "status") ?? "",
            Why = Text(record, "why") ?? "",
            BrokerId = long.TryParse(Text(record, "broker_id"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long broker) ? broker : null,
            CreateTime = TimeOf(record, "create_time"),
            UpdateTime = TimeOf(record, "update_time"),
            FailureStrategy = record.TryGetProperty("failure_strategy", out JsonElement strategy) && strategy.ValueKind == JsonValueKind.Object ? strategy.GetRawText() : null,
        };
    }

    private async Task<StoreOutcome> ChangeAsync(string call, Action<Utf8JsonWriter> body, CancellationToken cancellation)
    {
        using Reply reply = await _client.PostAsync(RouteTable.Base + call, Answer.Write(body), cancellation).ConfigureAwait(false);
        if (reply.Data is not null)
            return new StoreOutcome(StoreResult.Done, [], reply.Revision) { Warnings = reply.Warnings };
        if (reply.Reason is Reasons.Unavailable or Reasons.Failed or Reasons.Forbidden)
            throw new StoreException($"{Where}: {reply.Error}");
        return new StoreOutcome(ResultOf(reply), reply.Faults.IsEmpty ? [reply.Error] : reply.Faults, "");
    }
}
