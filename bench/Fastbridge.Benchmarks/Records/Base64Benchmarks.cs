using System.Buffers.Text;
using BenchmarkDotNet.Attributes;

namespace Fastbridge.Benchmarks.Records;

/// <summary>The record has the payload's Base64 twice: is making it once and copying it worth it?</summary>
[MemoryDiagnoser]
[MinColumn] // on a shared machine the least disturbed iteration says most
public class Base64Benchmarks
{
    private byte[] _payload = [];
    private byte[] _text = [];

    [Params(256, 16_384)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _payload = Payloads.Random(Size);
        _text = new byte[2 * Base64.GetMaxEncodedToUtf8Length(Size)];
    }

    [Benchmark(Baseline = true)]
    public void Copy() => _payload.CopyTo(_text.AsSpan());

    [Benchmark]
    public int Twice()
    {
        Base64.EncodeToUtf8(_payload, _text, out _, out int first);
        Base64.EncodeToUtf8(_payload, _text.AsSpan(first), out _, out int second);
        return first + second;
    }

    [Benchmark]
    public int OnceAndCopy()
    {
        Base64.EncodeToUtf8(_payload, _text, out _, out int first);
        _text.AsSpan(0, first).CopyTo(_text.AsSpan(first));
        return 2 * first;
    }
}
