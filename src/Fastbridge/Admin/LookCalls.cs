using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Fastbridge.Core;
using Fastbridge.Core.Live;
using Microsoft.Extensions.Logging;
using static Fastbridge.Admin.MemberType;

namespace Fastbridge.Admin;

/// <summary>What the dashboard's page of one connector shows beside its status: the last hour, and the last records. Any thread.</summary>
internal sealed class LookCalls(IBridgeControl bridge, History history, ILogger log)
{
    /// <summary>Records of an answer where no limit is given, and at most.</summary>
    public const int MostRecords = 20;

    public static readonly Member HistoryData = new("data", MemberType.Object, "the last hour; each list has one element a sample, the oldest first")
    {
        Members =
        [
            new Member("step_seconds", Count, "seconds between two samples: 5, or more where there are many connectors"),
            new Member("until", Time, "when the last sample was taken") { Nullable = true },
            new Member("received_per_second", Rates, "messages taken from MQTT"),
            new Member("delivered_per_second", Rates, "records that Kafka took"),
            new Member("in_flight", Rates, "messages whose record is not settled"),
            new Member("buffer_bytes", Rates, "bytes on disk"),
            new Member("ack_p50_ms", Rates, "ack latency of the minute before, milliseconds: half of the messages were faster"),
            new Member("ack_p99_ms", Rates, "likewise 99 in 100"),
        ],
    };

    public static readonly Member RecordsData = new("data", MemberType.Object, "the records since somebody began to look; the first call begins it, 30 s without a call end it")
    {
        Members =
        [
            new Member("since", Time, "when the looking began; null where the connector does not run") { Nullable = true },
            new Member("seen", Count, "messages taken since then; of more than 20 a second only some are shown"),
            new Member("records", List, "the newest last")
            {
                Members =
                [
                    new Member("received_at", Time, "when it came from MQTT"),
                    new Member("mqtt_topic", Text, "its MQTT topic"),
                    new Member("qos", Count, "its QoS") { Most = 2 },
                    new Member("retain", Truth, "its retain flag"),
                    new Member("kafka_topic", Text, "the record's Kafka topic"),
                    new Member("key", Text, "the record's key, as key_encoding says") { Nullable = true },
                    new Member("key_encoding", Text, "how key is written") { Choices = ["text", "hex"] },
                    new Member("payload", Text, "the first 4096 bytes of the MQTT payload, as payload_encoding says"),
                    new Member("payload_encoding", Text, "how payload is written") { Choices = ["text", "hex"] },
                    new Member("payload_bytes", Count, "the whole payload's length"),
                    new Member("value_bytes", Count, "the record value's length"),
                ],
            },
        ],
    };

    public Task<Answer> HistoryAsync(RequestValues request, CancellationToken cancellation)
    {
        string name = request.Text("connector_name")!;
        HistoryView? view = history.Of(request.Text("tenant"), name);
        if (view is null && !Exists(request.Text("tenant"), name))
            return Task.FromResult(NotThere(name));
        HistoryRow[] rows = view?.Rows ?? [];
        return Task.FromResult(Answer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("step_seconds", (long)(view?.Step ?? History.FinestStep).TotalSeconds);
            StatusCall.WriteTime(json, "until", rows.Length == 0 ? null : view!.Until);
            Write(json, "received_per_second", rows, static r => r.Received, 2);
            Write(json, "delivered_per_second", rows, static r => r.Delivered, 2);
            Write(json, "in_flight", rows, static r => r.InFlight, 0);
            Write(json, "buffer_bytes", rows, static r => r.BufferBytes, 0);
            Write(json, "ack_p50_ms", rows, static r => r.AckP50, 2);
            Write(json, "ack_p99_ms", rows, static r => r.AckP99, 2);
            json.WriteEndObject();
        }));
    }

    public Task<Answer> RecordsAsync(RequestValues request, CancellationToken cancellation)
    {
        string name = request.Text("connector_name")!;
        if (bridge.LookAtRecords(request.Text("tenant"), name, (int)(request.Count("limit") ?? MostRecords)) is not { } sample)
            return Task.FromResult(NotThere(name));
        if (sample.IsFirst)
            AdminLog.RecordsLookedAt(log, name);
        return Task.FromResult(Answer.Of(json =>
        {
            json.WriteStartObject();
            StatusCall.WriteTime(json, "since", sample.Since);
            json.WriteNumber("seen", sample.Seen);
            json.WriteStartArray("records");
            foreach (SampledRecord record in sample.Records)
                Write(json, record);
            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    private static Answer NotThere(string name) =>
        Answer.Refused(200, $"connector \"{name}\" is not there; GET {RouteTable.Base}list shows those that are", Reasons.NotFound);

    private static void Write(Utf8JsonWriter json, string name, HistoryRow[] rows, Func<HistoryRow, float> column, int digits)
    {
        json.WriteStartArray(name);
        foreach (HistoryRow row in rows)
        {
            double value = column(row);
            if (double.IsFinite(value))
                json.WriteNumberValue(Math.Round(value, digits));
            else
                json.WriteNullValue();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, SampledRecord record)
    {
        json.WriteStartObject();
        StatusCall.WriteTime(json, "received_at", record.ReceivedAt);
        json.WriteString("mqtt_topic", record.MqttTopic);
        json.WriteNumber("qos", (int)record.QoS);
        json.WriteBoolean("retain", record.Retain);
        json.WriteString("kafka_topic", record.KafkaTopic);
        Write(json, "key", record.Key, isCut: record.Key?.Length == RecordTap.LongestPart);
        Write(json, "payload", record.Payload, isCut: record.Payload.Length < record.PayloadBytes);
        json.WriteNumber("payload_bytes", record.PayloadBytes);
        json.WriteNumber("value_bytes", record.ValueBytes);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, byte[]? bytes, bool isCut)
    {
        ReadOnlySpan<byte> text = bytes;
        // What was cut may end inside a character: up to three bytes of one, of which none is ASCII and none beyond what begins a character.
        for (int i = 0; isCut && i < 3 && !Utf8.IsValid(text) && text[^1] is >= 0x80 and <= 0xF4; i++)
            text = text[..^1];
        bool isText = Utf8.IsValid(text) && !HasControls(text);
        if (bytes is null)
            json.WriteNull(name);
        else
            json.WriteString(name, isText ? Encoding.UTF8.GetString(text) : Convert.ToHexStringLower(bytes));
        json.WriteString(name + "_encoding", isText ? "text" : "hex");
    }

    private static bool HasControls(ReadOnlySpan<byte> text)
    {
        foreach (byte value in text)
        {
            if (value is < 0x20 and not (9 or 10 or 13) or 0x7F)
                return true;
        }

        return false;
    }

    private bool Exists(string? tenant, string name)
    {
        foreach (ConnectorStatus connector in bridge.Status.Connectors)
        {
            if (connector.Name == name && (tenant ?? connector.ClusterName) == connector.ClusterName)
                return true;
        }

        return false;
    }
}
