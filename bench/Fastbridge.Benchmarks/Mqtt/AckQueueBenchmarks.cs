using BenchmarkDotNet.Attributes;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Session;
using Fastbridge.Mqtt.Transport;

namespace Fastbridge.Benchmarks.Mqtt;

/// <summary>
/// The way of an ack: a place in the ring, marked done in batches of 500, drained into the outbound queue. The baseline writes the same bytes of acks without any queue.
/// </summary>
[MemoryDiagnoser]
[ShortRunJob]
public class AckQueueBenchmarks
{
    private const int Messages = 10_000;
    private const int Batch = 500;

    private readonly OutboundQueue _outbound = new(Stream.Null, TimeProvider.System);
    private readonly Receipt[] _receipts = new Receipt[Batch];
    private AckQueue _queue = null!;

    [GlobalSetup]
    public void Setup() => _queue = new AckQueue(1, 10_000, _outbound);

    [Benchmark(Baseline = true, OperationsPerInvoke = Messages)]
    public void BytesOnly()
    {
        for (int i = 0; i < Messages; i += Batch)
        {
            lock (_outbound.Gate)
            {
                _outbound.GetSpan(Batch * 4)[..(Batch * 4)].Fill(0x40);
                _outbound.Advance(Batch * 4);
            }

            _outbound.Flush();
        }
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public void AddMarkDrainInOrder() => Run(reverse: false);

    [Benchmark(OperationsPerInvoke = Messages)]
    public void AddMarkDrainReversedInEachBatch() => Run(reverse: true);

    private void Run(bool reverse)
    {
        for (int i = 0; i < Messages; i += Batch)
        {
            for (int j = 0; j < Batch; j++)
                _queue.Add((ushort)(i + j + 1), QoS.AtLeastOnce, again: false, out _receipts[reverse ? Batch - 1 - j : j]);
            if (_queue.Acknowledge(_receipts))
                _outbound.Flush();
        }
    }
}
