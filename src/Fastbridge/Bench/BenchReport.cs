using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Fastbridge.Bench;

/// <summary>What a bench found, for people and for programs.</summary>
internal sealed class BenchReport
{
    public required BenchPlan Plan { get; init; }

    /// <summary>All that were sent.</summary>
    public required long Messages { get; init; }

    /// <summary>From the first message being due to the last acknowledgement; at QoS 0 until Kafka has the last.</summary>
    public required double Seconds { get; init; }

    /// <summary>From a message being due to its PUBACK or PUBREC; without a sample at QoS 0.</summary>
    public required LatencyCounts Latency { get; init; }

    /// <summary>What the bridge's process had used before the first message.</summary>
    public required BridgeUse Before { get; init; }

    /// <summary>And after the first second, from which on CPU and allocation are taken a message: the growth of the windows is over.</summary>
    public required BridgeUse Warm { get; init; }

    /// <summary>And at the end.</summary>
    public required BridgeUse After { get; init; }

    /// <summary>What stands in Kafka.</summary>
    public required RecordCheck Check { get; init; }

    /// <summary>Acknowledgements that were not in the order of the messages.</summary>
    public required long UnorderedAcks { get; init; }

    /// <summary>Every message is in Kafka once and in order, and was acknowledged in order.</summary>
    public bool IsWhole => Lost == 0 && Repeated == 0 && Check.OutOfOrder == 0 && Check.Strange == 0 && UnorderedAcks == 0;

    private long Lost => Check.Lost(Messages);

    private long Repeated => Check.Repeated(Messages);

    private double Rate => Messages / Math.Max(Seconds, 1e-6);

    private double Warmed => Math.Max(1, After.Delivered - Warm.Delivered);

    private double CpuMicroseconds => (After.CpuSeconds - Warm.CpuSeconds) * 1e6 / Warmed;

    private double PeakMb => After.PeakBytes / 1048576.0;

    private double AllocatedEach => (After.Allocated - Warm.Allocated) / Warmed;

    private long Allocated => After.Allocated - Before.Allocated;

    private string Version => Plan.IsV5 ? "5" : "3.1.1";

    private static string Machine => string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}");

    /// <summary>A line a figure.</summary>
    public string Table()
    {
        var text = new StringBuilder();
        Row(text, "load", $"MQTT {Version}, QoS {Plan.QoS}, {Plan.Size} bytes{(Plan.QoS == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", window {Plan.Window}"))}, {Plan.Connectors} connector{(Plan.Connectors == 1 ? "" : "s")}");
        Row(text, "into", $"{(Plan.Bootstrap is null ? "the embedded cluster" : "Kafka at " + Plan.Bootstrap)}{(Plan.Keep ? ", topic " + Plan.Topic : "")}");
        Row(text, "machine", $"{Machine}");
        Row(text, "messages", $"{Messages:N0} in {Seconds:0.00} s");
        Row(text, "rate", $"{Rate:N0} messages/s{(Plan.Rate > 0 ? string.Create(CultureInfo.InvariantCulture, $" of {Plan.Rate:N0} asked for") : "")}");
        if (Latency.Quantile(0.5) is { } p50)
            Row(text, "PUBLISH to ack", $"p50 {p50:0.00} ms, p99 {Latency.Quantile(0.99):0.00} ms, p99.9 {Latency.Quantile(0.999):0.00} ms");
        Row(text, "CPU a message", $"{CpuMicroseconds:0.00} us");
        Row(text, "peak memory", $"{PeakMb:0.0} MB");
        Row(text, "allocated a message", $"{AllocatedEach:0.000} bytes after the first second; {Allocated / 1e6:0.0} MB in all");
        Row(text, "in Kafka", $"{Lost:N0} lost, {Repeated:N0} repeated, {Check.OutOfOrder:N0} out of order");
        if (Check.Strange > 0)
            Row(text, "not ours", $"{Check.Strange:N0} records");
        if (UnorderedAcks > 0)
            Row(text, "acks", $"{UnorderedAcks:N0} out of order");
        if (Check.Unread > 0)
            Row(text, "not looked at", $"{Check.Unread:N0} records, which the embedded cluster forgot before they were read; they are counted only");
        return text.ToString();
    }

    /// <summary>One object; null is what does not apply.</summary>
    public string Json()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var to = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            to.WriteStartObject();
            to.WriteString("version", Cli.Version.Text);
            to.WriteString("machine", Machine);
            to.WriteString("kafka", Plan.Bootstrap ?? "embedded");
            to.WriteString("topic", Plan.Topic);
            to.WriteString("mqtt_version", Version);
            to.WriteNumber("qos", Plan.QoS);
            to.WriteNumber("size", Plan.Size);
            Number(to, "window", Plan.QoS == 0 ? null : Plan.Window);
            Number(to, "asked_messages_per_second", Plan.Rate > 0 ? Plan.Rate : null);
            to.WriteNumber("connectors", Plan.Connectors);
            to.WriteNumber("messages", Messages);
            Number(to, "seconds", Seconds);
            Number(to, "messages_per_second", Rate);
            Number(to, "p50_ms", Latency.Quantile(0.5));
            Number(to, "p99_ms", Latency.Quantile(0.99));
            Number(to, "p999_ms", Latency.Quantile(0.999));
            Number(to, "cpu_us_per_message", CpuMicroseconds);
            Number(to, "peak_mb", PeakMb);
            Number(to, "allocated_bytes_per_message", AllocatedEach);
            to.WriteNumber("allocated_bytes", Allocated);
            to.WriteNumber("lost", Lost);
            to.WriteNumber("repeated", Repeated);
            to.WriteNumber("out_of_order", Check.OutOfOrder);
            to.WriteNumber("not_ours", Check.Strange);
            to.WriteNumber("unordered_acks", UnorderedAcks);
            to.WriteNumber("not_looked_at", Check.Unread);
            to.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Number(Utf8JsonWriter to, string name, double? value)
    {
        if (value is { } number)
            to.WriteNumber(name, Math.Round(number, 4));
        else
            to.WriteNull(name);
    }

    private static void Row(StringBuilder text, string name, FormattableString value) => text.Append(name.PadRight(24)).Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
