using BenchmarkDotNet.Attributes;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Benchmarks.Mqtt;

/// <summary>A run of 1,000 PUBACKs into one span; figures are for one. The baseline copies as many bytes.</summary>
[MemoryDiagnoser]
public class AckWriting
{
    private const int Acks = 1_000;
    private readonly ushort[] _ids = [.. Enumerable.Range(1, Acks).Select(i => (ushort)i)];
    private readonly byte[] _source = new byte[Acks * AckPacket.ShortLength];
    private readonly byte[] _output = new byte[Acks * AckPacket.ShortLength];

    [Benchmark(Baseline = true, OperationsPerInvoke = Acks)]
    public void Copy() => _source.AsSpan().CopyTo(_output);

    [Benchmark(OperationsPerInvoke = Acks)]
    public int Run() => AckPacket.WriteRun(_output, PacketType.PubAck, _ids);
}
