using BenchmarkDotNet.Attributes;
using Fastbridge.Core.Records;

namespace Fastbridge.Benchmarks.Records;

/// <summary>CRC-32 of a payload by the chosen path and by tables, against copying the payload.</summary>
[MemoryDiagnoser]
[MinColumn] // on a shared machine the least disturbed iteration says most
public class Crc32Benchmarks
{
    private byte[] _payload = [];
    private byte[] _copy = [];

    [Params(16, 256, 16_384)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _payload = Payloads.Random(Size);
        _copy = new byte[Size];
    }

    [Benchmark(Baseline = true)]
    public void Copy() => _payload.CopyTo(_copy.AsSpan());

    [Benchmark]
    public uint Chosen() => Crc32.Compute(_payload);

    [Benchmark]
    public uint Tables() => ~Crc32Tables.Update(uint.MaxValue, _payload);
}
