using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Fastbridge.Core;
using Fastbridge.Core.Buffering;
using Fastbridge.Core.Metrics;
using static Fastbridge.Admin.MemberType;

namespace Fastbridge.Admin;

/// <summary>The live status, all of it. A test holds that no member of <see cref="BridgeStatus"/> or <see cref="ConnectorStatus"/> is left out.</summary>
internal sealed class StatusCall(IBridgeControl bridge)
{
    public static readonly Member Data = new("data", MemberType.Object, "the bridge")
    {
        Members =
        [
            new Member("started_at", Time, "when the process began"),
            new Member("phase", Text, "where in its life the bridge is") { Choices = ["Starting", "Running", "Stopping"] },
            new Member("source", Text, "the connectors file"),
            new Member("revision", Text, "of the set that runs"),
            new Member("reloads", Count, "changes of the connectors file that were applied"),
        new Member("failed_reloads", Count, "changes that were refused for their faults"),
        new Member("faults", List, "of the file as it stands now, while an older set runs"),
            new Member("warnings", List, "what an operator should know"),
            new Member("connectors", List, "in the file's order; behind them those that still drain") { Members = Connector },
        ],
    };

    private static ImmutableArray<Member> ByReason => [new Member("reason", Text, "Kafka's error name, or fastbridge's own in small letters"), new Member("count", Count, "messages")];

    private static ImmutableArray<Member> Latency =>
    [
        new Member("count", Count, "samples"),
        new Member("sum_seconds", Rate, "of all samples"),
        new Member("p50_seconds", Rate, "half of the samples took less; null without samples") { Nullable = true },
        new Member("p99_seconds", Rate, "99 of 100 took less; null without samples") { Nullable = true },
    ];

    private static ImmutableArray<Member> Connector =>
    [
        new Member("cluster_name", Text, "the tenant"),
        new Member("name", Text, "connector_name"),
        new Member("state", Text, "whether it runs") { Choices = ["Idle", "Running", "Stopped", "Error"] },
        new Member("why", Text, "what is in the way; empty where nothing is"),
        new Member("since", Time, "when the state was entered"),
        new Member("session", Text, "resumed, new, or empty before the first connection"),
        new Member("started_at", Time, "since when its counters count; null where it does not run") { Nullable = true },
        new Member("server", Text, "the MQTT server that is connected; empty where none is"),
        new Member("received", Count, "messages taken from MQTT"),
        new Member("received_bytes", Count, "bytes of the values of their records"),
        new Member("delivered", Count, "records that Kafka has"),
        new Member("dead_lettered", Count, "messages put away as dead letters, in Kafka or in the file"),
        new Member("dead_letter_reasons", List, "those by reason") { Members = ByReason },
        new Member("failure_reasons", List, "records that failed, each time, by reason; most are produced again") { Members = ByReason },
        new Member("strategy", Text, "what becomes of a record that Kafka does not take"),
        new Member("discarded", Count, "messages that the failure strategy dropped"),
        new Member("discard_reasons", List, "those by reason") { Members = ByReason },
        new Member("skipped_retained", Count, "retained messages that skip_retained kept out of Kafka"),
        new Member("warning", Text, "silence for longer than expect_message_within; empty where there is none"),
        new Member("stuck", Text, "the message that blocks all behind it; empty where none does"),
        new Member("buffer", MemberType.Object, "the disk buffer; null where the connector has none")
        {
            Nullable = true,
            Members =
            [
                new Member("path", Text, "its folder"),
                new Member("buffering", MemberType.Truth, "messages go by the disk now"),
                new Member("records", Count, "records on disk that Kafka does not have"),
                new Member("bytes", Count, "bytes on disk"),
                new Member("max_bytes", Count, "their cap"),
                new Member("oldest_at", Time, "when the oldest of those records was received") { Nullable = true },
                new Member("dropped", Count, "messages given up because the buffer was full"),
                new Member("damaged", Count, "records that could not be read back: damaged, or gone with their file"),
                new Member("damaged_bytes", Count, "bytes on disk that were found damaged"),
                new Member("fault", Text, "why it cannot be written; empty where it can"),
            ],
        },
        new Member("adopted", Count, "redeliveries whose record was under way already"),
        new Member("produced_again", Count, "records sent again after a failure"),
        new Member("possibly_repeated", Count, "records that may stand in Kafka twice"),
        new Member("unmatched", Count, "messages that came under a filter of the past"),
        new Member("connections", Count, "MQTT connections that came about"),
        new Member("connect_failures", Count, "attempts to connect that failed"),
        new Member("connections_lost", Count, "MQTT connections that were lost"),
        new Member("ack_latency", MemberType.Object, "from taking a message until its acknowledgement may leave, since the start; sampled") { Members = Latency },
        new Member("recent_ack_latency", MemberType.Object, "the same of the last half to whole minute") { Members = Latency },
        new Member("produce_latency", MemberType.Object, "from handing a record to the producer until Kafka has it, since the start; sampled") { Members = Latency },
        new Member("in_flight", Count, "messages whose record is not settled"),
        new Member("in_flight_bytes", Count, "bytes of those records"),
        new Member("window", MemberType.Object, "bounds of both")
        {
            Members = [new Member("max_messages", Count, "messages"), new Member("max_bytes", Count, "bytes of encoded records")],
        },
        new Member("received_per_second", Rate, "messages a second, over about five seconds"),
        new Member("delivered_per_second", Rate, "records a second, over about five seconds"),
        new Member("last_message_at", Time, "when the last message came") { Nullable = true },
        new Member("last_delivered_at", Time, "when Kafka last acknowledged a record") { Nullable = true },
        new Member("last_error", Text, "the last fault, also where it has passed"),
        new Member("last_error_at", Time, "when that was") { Nullable = true },
        new Member("granted", List, "what the MQTT broker granted")
        {
            Members = [new Member("filter", Text, "the topic filter"), new Member("code", Count, "the QoS, or a reason code from 128")],
        },
    ];

    public Task<Answer> HandleAsync(RequestValues request, CancellationToken cancellation)
    {
        BridgeStatus status = bridge.Status;
        string? tenant = request.Text("tenant");
        string? name = request.Text("connector_name");
        return Task.FromResult(Answer.Of(json =>
        {
            json.WriteStartObject();
            WriteTime(json, "started_at", status.StartedAt);
            json.WriteString("phase", status.Phase switch { BridgePhase.Starting => "Starting", BridgePhase.Running => "Running", _ => "Stopping" });
            json.WriteString("source", status.Source);
            json.WriteString("revision", status.Revision);
            json.WriteNumber("reloads", status.Reloads);
            json.WriteNumber("failed_reloads", status.FailedReloads);
            WriteTexts(json, "faults", status.Faults);
            WriteTexts(json, "warnings", status.Warnings);
            json.WriteStartArray("connectors");
            foreach (ConnectorStatus connector in status.Connectors)
            {
                if ((tenant ?? connector.ClusterName) == connector.ClusterName && (name ?? connector.Name) == connector.Name)
                    Write(json, connector);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    private static void Write(Utf8JsonWriter json, BufferStatus? buffer)
    {
        if (buffer is null)
        {
            json.WriteNull("buffer");
            return;
        }

        json.WriteStartObject("buffer");
        json.WriteString("path", buffer.Path);
        json.WriteBoolean("buffering", buffer.Buffering);
        json.WriteNumber("records", buffer.Records);
        json.WriteNumber("bytes", buffer.Bytes);
        json.WriteNumber("max_bytes", buffer.MaxBytes);
        WriteTime(json, "oldest_at", buffer.OldestAt);
        json.WriteNumber("dropped", buffer.Dropped);
        json.WriteNumber("damaged", buffer.Damaged);
        json.WriteNumber("damaged_bytes", buffer.DamagedBytes);
        json.WriteString("fault", buffer.Fault);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, LatencyStatus latency)
    {
        json.WriteStartObject(name);
        json.WriteNumber("count", latency.Count);
        json.WriteNumber("sum_seconds", latency.SumSeconds);
        WriteSeconds("p50_seconds", latency.Quantile(0.5));
        WriteSeconds("p99_seconds", latency.Quantile(0.99));
        json.WriteEndObject();

        void WriteSeconds(string member, double? seconds)
        {
            if (seconds is { } number)
                json.WriteNumber(member, Math.Round(number, 6));
            else
                json.WriteNull(member);
        }
    }

    private static void WriteReasons(Utf8JsonWriter json, string name, ImmutableArray<KeyValuePair<string, long>> reasons)
    {
        json.WriteStartArray(name);
        foreach ((string reason, long count) in reasons)
        {
            json.WriteStartObject();
            json.WriteString("reason", reason);
            json.WriteNumber("count", count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ConnectorStatus connector)
    {
        json.WriteStartObject();
        json.WriteString("cluster_name", connector.ClusterName);
        json.WriteString("name", connector.Name);
        json.WriteString("state", connector.State.ToString());
        json.WriteString("why", connector.Why);
        WriteTime(json, "since", connector.Since);
        json.WriteString("session", connector.Session);
        WriteTime(json, "started_at", connector.StartedAt);
        json.WriteString("server", connector.Server);
        json.WriteNumber("received", connector.Received);
        json.WriteNumber("received_bytes", connector.ReceivedBytes);
        json.WriteNumber("delivered", connector.Delivered);
        json.WriteNumber("dead_lettered", connector.DeadLettered);
        WriteReasons(json, "dead_letter_reasons", connector.DeadLetterReasons);
        WriteReasons(json, "failure_reasons", connector.FailureReasons);
        json.WriteString("strategy", connector.Strategy);
        json.WriteNumber("discarded", connector.Discarded);
        WriteReasons(json, "discard_reasons", connector.DiscardReasons);
        json.WriteNumber("skipped_retained", connector.SkippedRetained);
        json.WriteString("warning", connector.Warning);
        json.WriteString("stuck", connector.Stuck);
        Write(json, connector.Buffer);
        json.WriteNumber("adopted", connector.Adopted);
        json.WriteNumber("produced_again", connector.ProducedAgain);
        json.WriteNumber("possibly_repeated", connector.PossiblyRepeated);
        json.WriteNumber("unmatched", connector.Unmatched);
        json.WriteNumber("connections", connector.Connections);
        json.WriteNumber("connect_failures", connector.ConnectFailures);
        json.WriteNumber("connections_lost", connector.ConnectionsLost);
        Write(json, "ack_latency", connector.AckLatency);
        Write(json, "recent_ack_latency", connector.RecentAckLatency);
        Write(json, "produce_latency", connector.ProduceLatency);
        json.WriteNumber("in_flight", connector.InFlight);
        json.WriteNumber("in_flight_bytes", connector.InFlightBytes);
        json.WriteStartObject("window");
        json.WriteNumber("max_messages", connector.Window.MaxMessages);
        json.WriteNumber("max_bytes", connector.Window.MaxBytes);
        json.WriteEndObject();
        json.WriteNumber("received_per_second", Rounded(connector.ReceivedPerSecond));
        json.WriteNumber("delivered_per_second", Rounded(connector.DeliveredPerSecond));
        WriteTime(json, "last_message_at", connector.LastMessageAt);
        WriteTime(json, "last_delivered_at", connector.LastDeliveredAt);
        json.WriteString("last_error", connector.LastError);
        WriteTime(json, "last_error_at", connector.LastErrorAt);
        json.WriteStartArray("granted");
        foreach ((string filter, int code) in connector.Granted)
        {
            json.WriteStartObject();
            json.WriteString("filter", filter);
            json.WriteNumber("code", code);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>JSON has no infinity, and nobody reads a thousandth of a message.</summary>
    private static double Rounded(double rate) => double.IsFinite(rate) ? Math.Round(rate, 2) : 0;

    public static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } at)
            json.WriteString(name, at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        else
            json.WriteNull(name);
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, ImmutableArray<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
