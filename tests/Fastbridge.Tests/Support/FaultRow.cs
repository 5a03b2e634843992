using System.Collections.Immutable;

namespace Fastbridge.Tests.Support;

/// <summary>A row of the fault matrix: what goes wrong, and what must come of it.</summary>
public sealed record FaultRow(int Number, string Fault, string Expected)
{
    /// <summary>In order; row n is at n - 1.</summary>
    public static ImmutableArray<FaultRow> All { get; } =
    [
        new(1, "bridge killed -9 again and again under load", "session resumed"),
        new(2, "SIGTERM under load", "flush, ack, DISCONNECT, exit in 10 s; no repeats"),
        new(3, "bridge frozen beyond keep alive", "reconnects"),
        new(4, "MQTT broker killed, state kept", "backs off, resumes"),
        new(5, "MQTT broker killed, state gone", "said that the session is gone; subscribed again"),
        new(6, "MQTT link half open (no RST)", "found by keep alive"),
        new(7, "RST inside a packet", "the parser starts clean"),
        new(8, "one-byte segments", "nothing"),
        new(9, "slow link", "backpressure; pings live"),
        new(10, "PUBACKs lost, then cut", "redelivered, counted as repeats"),
        new(11, "same client id twice", "0x8E is said; backs off"),
        new(12, "SUBACK with 0x80 or a lower QoS", "connector in Error until granted"),
        new(13, "malformed packets", "0x81 or 0x82, reconnects, no crash"),
        new(14, "a length of 256 MB claimed", "nothing allocated"),
        new(15, "Receive Maximum exceeded", "0x93 where it is not borne"),
        new(16, "alias storm and remaps", "every topic right"),
        new(17, "any bytes as payload, 0 to 1 MB", "byte for byte in Kafka"),
        new(18, "Kafka down", "acks held, memory bounded"),
        new(19, "Kafka down past every time-out", "produced again, no ack before"),
        new(20, "appended, the answer lost", "no repeats (idempotence)"),
        new(21, "round trip above the time-out", "no loss"),
        new(22, "leader moves", "silent"),
        new(23, "fatal producer error", "rebuilt, in order"),
        new(24, "record too large", "dead letter, the stream goes on"),
        new(25, "topic denied or deleted", "Error, acks held, recovers"),
        new(26, "producer queue full", "reading stops, no spin"),
        new(27, "wrong or expired TLS, wrong SASL", "named, retried, recovers"),
        new(28, "DNS fails, then works", "retried"),
        new(29, "disk full under dead letters and logs", "loud; holds acks, goes on when there is room"),
        new(30, "out of file descriptors; the clock jumps an hour", "recovers; no storm"),
        new(31, "killed -9 while writing the disk buffer; torn last record", "replays all that was acknowledged"),
        new(32, "connectors file half-written, emptied, unreadable, edited during the run", "the old set goes on, the fault is shown"),
    ];
}
