using BenchmarkDotNet.Attributes;
using Fastbridge.Benchmarks.Records;
using Fastbridge.Core.Buffering;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Benchmarks.Buffering;

/// <summary>A batch of a thousand records of about 1 KB (256 bytes of payload as RobustMQ's JSON) to disk and back, against writing the same bytes to a file.</summary>
[MemoryDiagnoser]
[MinColumn]
public class DiskLogBenchmarks : IDisposable
{
    private const int Batch = 1_000;

    private readonly byte[] _body = new byte[1_000];
    private byte[] _plain = [];
    private string _folder = "";
    private DiskLog _log = null!;
    private MemoryPages _pages = null!;
    private SlotPlaces _places = null!;
    private FileStream _file = null!;

    [GlobalSetup]
    public void Setup()
    {
        _folder = Directory.CreateTempSubdirectory("fastbridge-bench-").FullName;
        _log = DiskLog.Open(Path.Combine(_folder, "buffer"), 1024L * 1024 * 1024, create: true);
        _pages = new MemoryPages(_log.Gate);
        _places = new SlotPlaces(_log.Gate);
        _file = new FileStream(Path.Combine(_folder, "plain"), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 0);
        _plain = Payloads.Random(Batch * 1_000);
        var record = new OutgoingRecord { Value = _plain.AsSpan(0, _body.Length - StoredRecord.FixedLength - 1) };
        StoredRecord.Write(_body, "t", in record, 42);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _log.Dispose();
        _file.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What the disk costs by itself: one write, one flush.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Batch)]
    public void PlainFile()
    {
        _file.Position = 0;
        _file.Write(_plain);
        _file.Flush(flushToDisk: true);
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public void ToDiskAndBack()
    {
        for (int i = 0; i < Batch; i++)
            _log.TryStage(_body, out _);
        _log.Sync();
        lock (_log.Gate)
            _log.Publish(default);
        while (_log.TryRead(out LogRecord record))
        {
            record.Segment.OnProduced();
            record.Segment.Settled++;
        }

        _log.Sweep();
    }

    /// <summary>What a buffer adds to each message while Kafka works.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public void CopyInMemory()
    {
        var record = new OutgoingRecord { Value = _body };
        for (int i = 0; i < Batch; i++)
            _pages.Append(i, produced: true, "t", in record, 42, _places);
        lock (_log.Gate)
        {
            for (int i = 0; i < Batch; i++)
                _pages.Settle((Page)_places[i].Holder!, (int)_places[i].At);
        }
    }
}
