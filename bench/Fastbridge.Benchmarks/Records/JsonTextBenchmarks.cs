using System.Text;
using System.Text.Encodings.Web;
using BenchmarkDotNet.Attributes;
using Fastbridge.Core.Records;

namespace Fastbridge.Benchmarks.Records;

/// <summary>Escaping a topic's text: ours, .NET's relaxed encoder, a plain copy.</summary>
[MemoryDiagnoser]
[MinColumn] // on a shared machine the least disturbed iteration says most
public class JsonTextBenchmarks
{
    private readonly ByteBuffer _output = new();
    private readonly byte[] _room = new byte[4096];
    private byte[] _text = [];

    [Params("sensor/plant-7/line-3/temperature", "größe/😀/\"quoted\"/back\\slash")]
    public string Text { get; set; } = "";

    [GlobalSetup]
    public void Setup() => _text = Encoding.UTF8.GetBytes(Text);

    [Benchmark(Baseline = true)]
    public void Copy() => _text.CopyTo(_room.AsSpan());

    [Benchmark]
    public int Ours()
    {
        _output.Clear();
        JsonText.Append(_output, _text);
        return _output.Length;
    }

    [Benchmark]
    public int Relaxed()
    {
        JavaScriptEncoder.UnsafeRelaxedJsonEscaping.EncodeUtf8(_text, _room, out _, out int written);
        return written;
    }
}
