using System.Buffers;
using BenchmarkDotNet.Attributes;
using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Benchmarks.Mqtt;

/// <summary>
/// A read of 1,000 PUBLISH packets of 256 payload bytes at QoS 1, as the read loop walks it; figures are for one packet. The baseline steps from packet to
/// packet by a length that it knows and touches a byte of each: what is left when nothing is decoded.
/// </summary>
[MemoryDiagnoser]
public class PublishDecoding
{
    private const int Packets = 1_000;
    private static readonly FrameScratch Scratch = new();
    private byte[] _bytes = [];
    private int _size;
    private MqttVersion _version;

    /// <summary>3.1.1; 5.0 without properties; 5.0 with two User Properties and a Content Type.</summary>
    [Params("3.1.1", "5.0", "5.0 properties")]
    public string Form { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        _version = Form == "3.1.1" ? MqttVersion.V311 : MqttVersion.V5;
        OutgoingPublish message = new("plant/4/line/2/temperature", new byte[256]) { QoS = QoS.AtLeastOnce };
        if (Form == "5.0 properties")
            message = message with { ContentType = "application/json", UserProperties = [new("client_id", "sensor-0017"), new("site", "north")] };
        ArrayBufferWriter<byte> writer = new();
        for (int i = 1; i <= Packets; i++)
            PacketEncoder.Write(writer, new PublishSending(message, (ushort)i), _version);
        _bytes = writer.WrittenSpan.ToArray();
        _size = _bytes.Length / Packets;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Packets)]
    public int Nothing()
    {
        ReadOnlySpan<byte> span = _bytes;
        int sum = 0;
        while (span.Length >= _size)
        {
            sum += span[0];
            span = span[_size..];
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public int Frames()
    {
        FrameScanner scanner = new(new ReadOnlySequence<byte>(_bytes), _version, Scratch);
        int sum = 0;
        while (scanner.ReadHeader(out FrameHeader header, out _) == FrameStatus.Done && scanner.ReadBody(header, out ReadOnlySpan<byte> body) == FrameStatus.Done)
        {
            sum += body.Length;
            scanner.Consume(header);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public int FramesAndPublish()
    {
        FrameScanner scanner = new(new ReadOnlySequence<byte>(_bytes), _version, Scratch);
        int sum = 0;
        while (scanner.ReadHeader(out FrameHeader header, out _) == FrameStatus.Done && scanner.ReadBody(header, out ReadOnlySpan<byte> body) == FrameStatus.Done)
        {
            if (!PublishDecoder.TryRead(header, body, _version, out PublishPacket publish, out _))
                throw new InvalidOperationException("the benchmark's packets are valid");
            sum += publish.Payload.Length + publish.Topic.Length + publish.PacketId;
            scanner.Consume(header);
        }

        return sum;
    }
}
