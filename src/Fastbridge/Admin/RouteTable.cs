using System.Collections.Immutable;
using Fastbridge.Health;
using Fastbridge.Metrics;
using static Fastbridge.Admin.MemberType;

namespace Fastbridge.Admin;

/// <summary>
/// The API in one table: requests are routed and checked by it, and the OpenAPI document is made from it. The first four are RobustMQ's, name for name.
/// </summary>
internal static class RouteTable
{
    public const string Base = "/api/cluster/connector/";
    public const string DocumentPath = "/openapi.json";

    /// <summary>Elements of a page. RobustMQ's default, and so much that nobody who leaves it out misses any.</summary>
    public const int DefaultLimit = 10_000;

    private static readonly Member Tenant = new("tenant", Text, "RobustMQ's tenant, the file's cluster_name") { Alias = "cluster_name" };
    private static readonly Member Name = new("connector_name", Text, "the connector's name") { Required = true };
    private static readonly Member Type = new("connector_type", Text, "Kafka, in any case of letters");
    private static readonly Member Config = new("config", JsonText, "Kafka settings: an object, or its JSON as a string");
    private static readonly Member Topics = new("topic_name", Texts, "the MQTT topic filter, or a list of them") { Alias = "topic_id" };
    private static readonly Member Revision = new("revision", Text, "change only if the list still has this revision");
    private static readonly Member Success = new("data", Text, "\"success\"") { Choices = ["success"] };

    private static readonly Member Strategy = new("failure_strategy", MemberType.Object, "what to do with a record that Kafka does not take")
    {
        Members =
        [
            new Member("strategy", Text, "discard, discard_after_retry or dead_message_queue"),
            new Member("retry_total_times", Count, "attempts before it is given up"),
            new Member("wait_time_ms", Count, "milliseconds between attempts"),
            new Member("topic_name", Text, "the dead-letter topic"),
        ],
    };

    public static ImmutableArray<Route> Create(ConnectorCalls calls, StatusCall status, MetricsCall metrics, LookCalls looks, HealthCall health, Func<ReadOnlyMemory<byte>> document) =>
    [
        new("GET", Base + "list", "Connectors with their live status",
            [
                Tenant with { Meaning = "only those of this tenant" },
                Name with { Required = false, Meaning = "only those whose name contains this" },
                new Member("limit", Count, "connectors of a page; 10000 if absent, and at most") { Least = 1, Most = int.MaxValue },
                new Member("page", Count, "which page, from 1; 1 if absent") { Least = 1, Most = int.MaxValue },
                new Member("sort_field", Text, "what to sort by; the file's order if absent") { Choices = ["connector_name", "tenant"] },
                new Member("sort_by", Text, "the direction; asc if absent") { Choices = ["asc", "desc"] },
            ],
            ListData, calls.ListAsync),
        new("GET", Base + "detail", "What one connector has sent",
            [Tenant, Name],
            new Member("data", MemberType.Object, "since the bridge started")
            {
                Members =
                [
                    new Member("last_send_time", Count, "when Kafka last acknowledged a record, seconds since the epoch; 0 before the first"),
                    new Member("send_success_total", Count, "records that Kafka has"),
                    new Member("send_fail_total", Count, "messages that were given up: dead letters and what the failure strategy dropped"),
                    new Member("last_msg", Text, "always null: payloads are not kept; records shows them while somebody asks") { Nullable = true },
                ],
            }, calls.DetailAsync),
        new("POST", Base + "create", "Adds a connector to the file and starts it",
            [Tenant, Name, Type with { Required = true }, Config with { Required = true }, Topics with { Required = true }, Strategy], Success, calls.CreateAsync),
        new("POST", Base + "delete", "Removes a connector: it is drained, and its MQTT session ended", [Tenant, Name, Revision], Success, calls.DeleteAsync),
        new("POST", Base + "update", "Changes what is given and keeps the rest", [Tenant, Name, Type, Config, Topics, Strategy, Revision], Success, calls.UpdateAsync),
        new("POST", Base + "start", "Lets a stopped connector run", [Tenant, Name, Revision], Success, calls.StartAsync),
        new("POST", Base + "stop", "Stops a connector; its MQTT session stays to its expiry", [Tenant, Name, Revision], Success, calls.StopAsync),
        new("GET", Base + "status", "The bridge and its connectors at this moment",
            [Tenant with { Meaning = "only connectors of this tenant" }, Name with { Required = false, Meaning = "only the connector of this name" }],
            StatusCall.Data, status.HandleAsync),
        new("GET", Base + "history", "One connector's last hour", [Tenant, Name], LookCalls.HistoryData, looks.HistoryAsync),
        new("GET", Base + "records", "One connector's last records, while somebody asks for them",
            [Tenant, Name, new Member("limit", Count, "at most so many; 20 if absent, and at most") { Least = 1, Most = LookCalls.MostRecords }],
            LookCalls.RecordsData, looks.RecordsAsync),
        new("GET", MetricsCall.Path, "The same as metrics, for Prometheus", [], new Member("data", Text, "Prometheus' text format 0.0.4, or OpenMetrics 1.0.0 where Accept asks for it"), metrics.HandleAsync)
        {
            TextTypes = [TextFormat.PlainType, TextFormat.OpenMetricsType],
        },
        new("GET", HealthCall.LivePath, "Whether the process works; never asks MQTT or Kafka", [], HealthCall.Live, health.LiveAsync) { IsProbe = true },
        new("GET", HealthCall.ReadyPath, "Whether the configuration is loaded and the bridge runs",
            [new Member("connectors", Text, "all: every connector that the file lets run must be Running or Warn as well") { Choices = ["all"] }],
            HealthCall.Ready, health.ReadyAsync) { IsProbe = true },
        new("GET", DocumentPath, "This document", [], new Member("data", MemberType.Object, "the document itself, without an envelope"),
            (_, _) => Task.FromResult(new Answer(200, document()))),
    ];

    private static Member ListData => new("data", MemberType.Object, "one page")
    {
        Members =
        [
            new Member("data", List, "the page's connectors")
            {
                Members =
                [
                    Tenant with { Alias = null },
                    Name with { Required = false },
                    Type with { Meaning = "Kafka" },
                    new Member("config", Text, "Kafka settings as JSON text, secrets masked"),
                    Topics with { Alias = null },
                    new Member("status", Text, "the live state, else what the file says") { Choices = ["Idle", "Running", "Stopped", "Error"] },
                    new Member("broker_id", Text, "the file's broker_id, \"-\" for none"),
                    new Member("create_time", Text, "UTC, as 2024-01-01 10:00:00; \"-\" where the file has none"),
                    new Member("update_time", Text, "UTC, as 2024-01-01 10:00:00; \"-\" where the file has none"),
                    new Member("why", Text, "what is in the way, or a warning; empty where nothing is"),
                    new Member("failure_strategy", MemberType.Object, "as the file has it") { Nullable = true },
                ],
            },
            new Member("total_count", Count, "connectors of all pages"),
            new Member("revision", Text, "of the file; changes with every change of its text"),
        ],
    };
}
