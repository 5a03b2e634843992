using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Fastbridge.Core;
using Fastbridge.Core.Buffering;
using Fastbridge.Core.Metrics;

namespace Fastbridge.Admin;

/// <summary>The live status, all of it. A test holds that no member of <see cref="BridgeStatus"/> or <see cref="ConnectorStatus"/> is left out.</summary>
internal sealed partial class StatusCall(IBridgeControl bridge)
{
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
