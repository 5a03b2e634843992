using System.Buffers;
using BenchmarkDotNet.Attributes;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Session;
using Fastbridge.Mqtt.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fastbridge.Benchmarks.Mqtt;

/// <summary>
/// What the read loop does with one 64 KB read of QoS 1 PUBLISHes of 256 bytes: frames, packets, places in the ack order, the handler's call, acks in one batch.
/// The baseline walks the same bytes packet by packet by their length and does nothing else.
/// </summary>
[MemoryDiagnoser]
[ShortRunJob]
// Not sealed: BenchmarkDotNet passes over sealed classes without a word.
public class ReadLoopBenchmarks : IDisposable
{
    private const int Messages = 200;

    private readonly byte[] _bytes = new byte[Messages * Size];
    private readonly Taker _handler = new();
    private Inbound _inbound = null!;
    private OutboundQueue _outbound = null!;

    // [3.3] 1 + 2 (remaining length) + 2 + 20 (topic) + 2 (packet identifier) + 1 (no properties) + 256
    private const int Size = 284;

    [GlobalSetup]
    public void Setup()
    {
        for (int i = 0; i < Messages; i++)
        {
            Span<byte> packet = _bytes.AsSpan(i * Size, Size);
            packet[0] = 0x32;
            packet[1] = ((Size - 3) & 0x7F) | 0x80;
            packet[2] = (Size - 3) >> 7;
            packet[4] = 20;
            "fleet/17/temperature"u8.CopyTo(packet[5..]);
            packet[26] = (byte)(i + 1);
        }

        _outbound = new OutboundQueue(Stream.Null, TimeProvider.System);
        MqttClientOptions options = new() { ClientId = "bench" };
        MqttSession session = new(options);
        session.Connect();
        _inbound = new Inbound(options, _handler, session, _outbound, "mqtt://bench", (_, _) => { }, NullLogger.Instance);
        _inbound.Process(new ReadOnlySequence<byte>([0x20, 3, 0, 0, 0]), out _);
        ReadLoop();
        if (_handler.Count != Messages)
            throw new InvalidOperationException($"{_handler.Count} messages of {Messages}: {_inbound.End}");
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _inbound.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Messages)]
    public int WalkOnly()
    {
        ReadOnlySpan<byte> bytes = _bytes;
        int packets = 0;
        while (!bytes.IsEmpty)
        {
            bytes = bytes[(3 + (bytes[1] & 0x7F) + (bytes[2] << 7))..];
            packets++;
        }

        return packets;
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public void ReadLoop()
    {
        _handler.Count = 0;
        _inbound.Process(new ReadOnlySequence<byte>(_bytes), out _);
        if (_inbound.Acks!.Acknowledge(_handler.Receipts.AsSpan(0, _handler.Count)))
            _outbound.Flush();
    }

    private sealed class Taker : IMqttHandler
    {
        public Receipt[] Receipts { get; } = new Receipt[Messages];

        public int Count { get; set; }

        public PublishOutcome OnPublish(in PublishPacket publish, Receipt receipt)
        {
            Receipts[Count++] = receipt;
            return PublishOutcome.Taken;
        }

        public ValueTask WaitForRoomAsync(CancellationToken cancellation) => default;

        public void OnConnected(in MqttConnected connected)
        {
        }

        public PublishOutcome OnOversizedPublish(in PublishPacket publishWithoutPayload, long payloadBytes, Receipt receipt) => PublishOutcome.Taken;

        public void OnEvent(MqttEvent what)
        {
        }
    }
}
