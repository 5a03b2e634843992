using System.Collections.Immutable;
using static Fastbridge.Admin.MemberType;

namespace Fastbridge.Admin;

/// <content>What the answer holds, for the OpenAPI document.</content>
internal sealed partial class StatusCall
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
}
