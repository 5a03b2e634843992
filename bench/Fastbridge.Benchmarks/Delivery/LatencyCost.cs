using BenchmarkDotNet.Attributes;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Mqtt;

namespace Fastbridge.Benchmarks.Delivery;

/// <summary>
/// What measuring latency adds to a message: a window that takes messages and settles them in batches of 100, without a meter, and with one. A message's whole way
/// costs about 1.4 us of CPU, so 2 % of it are 28 ns.
/// </summary>
[MinColumn]
public class LatencyCost
{
    private const int Messages = 100_000;
    private const int Batch = 100;

    private readonly int[] _slots = new int[Batch];
    private readonly Receipt[] _acks = new Receipt[Batch];
    private InflightWindow _window = null!;
    private int _sequence;

    [Params(false, true)]
    public bool Measured { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _window = new InflightWindow(new WindowConfig(), () => new Receipt(1, _sequence), Measured ? new LatencyMeter(TimeProvider.System) : null);
        _window.BeginConnection(1, false, 0);
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public void TakeAndSettle()
    {
        for (int i = 0; i < Messages / Batch; i++)
        {
            for (int n = 0; n < Batch; n++, _sequence++)
                _slots[n] = _window.Take(new Receipt(1, _sequence), (ushort)(_sequence % 60_000 + 1), 0, 300);
            _window.Complete(_slots, _acks, reported: true);
            _window.ForgetAcknowledged();
        }
    }
}
