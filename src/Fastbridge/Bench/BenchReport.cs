using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace Fastbridge.Bench;

/// <summary>What a bench found. Times in milliseconds are from a PUBLISH being due to its PUBACK or PUBREC; null at QoS 0.</summary>
/// <param name="CpuMicroseconds">User and system time of the bridge's process, a message.</param>
/// <param name="PeakMegabytes">Of the bridge's resident memory.</param>
/// <param name="AllocatedBytes">Managed bytes that the bridge's process allocated, a message.</param>
/// <param name="Unread">Records that the embedded cluster had forgotten before they could be read back; they count as there.</param>
internal sealed record BenchReport(
    string Version, string Kafka, string MqttVersion, int Qos, int Size, int Window, double Rate, int Connectors, long Messages, double Seconds, double MessagesPerSecond,
    double? P50Ms, double? P99Ms, double? P999Ms, double CpuMicroseconds, double PeakMegabytes, double AllocatedBytes, long Lost, long Repeated, long OutOfOrder, long UnorderedAcks, long Unread)
{
    public bool IsWhole => Lost == 0 && Repeated == 0 && OutOfOrder == 0 && UnorderedAcks == 0;

    public string Table()
    {
        var text = new StringBuilder();
        Row(text, "load", string.Create(CultureInfo.InvariantCulture, $"MQTT {MqttVersion}, QoS {Qos}, {Size} bytes, window {Window}, {Connectors} connector{(Connectors == 1 ? "" : "s")}, into {Kafka}"));
        Row(text, "messages", string.Create(CultureInfo.InvariantCulture, $"{Messages:N0} in {Seconds:0.00} s"));
        Row(text, "rate", string.Create(CultureInfo.InvariantCulture, $"{MessagesPerSecond:N0} messages/s"));
        if (P50Ms is not null)
            Row(text, "PUBLISH to ack", string.Create(CultureInfo.InvariantCulture, $"p50 {P50Ms:0.00} ms, p99 {P99Ms:0.00} ms, p99.9 {P999Ms:0.00} ms"));
        Row(text, "CPU a message", string.Create(CultureInfo.InvariantCulture, $"{CpuMicroseconds:0.00} us"));
        Row(text, "peak memory", string.Create(CultureInfo.InvariantCulture, $"{PeakMegabytes:0.0} MB"));
        Row(text, "allocated a message", string.Create(CultureInfo.InvariantCulture, $"{AllocatedBytes:0.000} bytes"));
        Row(text, "in Kafka", string.Create(CultureInfo.InvariantCulture, $"{Lost} lost, {Repeated} repeated, {OutOfOrder} out of order; {UnorderedAcks} acks out of order"));
        if (Unread > 0)
            Row(text, "not checked one by one", string.Create(CultureInfo.InvariantCulture, $"{Unread:N0} records, which the embedded cluster forgot before they could be read"));
        return text.ToString();
    }

    private static void Row(StringBuilder text, string name, string value) => text.Append(name.PadRight(24)).Append(value).Append('\n');
}

/// <summary>Source-generated: the executable is trimmed, and reflection would find nothing.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class BenchJson : JsonSerializerContext;
