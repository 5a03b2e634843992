using Confluent.Kafka;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Mock;
using Fastbridge.Kafka.Producing;
using Fastbridge.Kafka.Reading;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Kafka;

/// <summary>A fatal error of librdkafka ends its producer and not the bridge.</summary>
public sealed class FatalErrorTests : IDisposable
{
    private readonly MockKafka _kafka = new();
    private readonly RecordingListener _listener = new();

    public FatalErrorTests() => _kafka.CreateTopic("t", 1);

    public void Dispose() => _kafka.Dispose();

    [Fact]
    [Fault(23)]
    public async Task a_sequence_error_rebuilds_the_producer_and_nothing_is_lost_or_out_of_order()
    {
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        // The mock checks no sequences: a second request in flight would be taken, before the one that is refused is produced again.
        await using KafkaRecordSink sink = factory.OpenShare(Sinks.Config(_kafka.BootstrapServers, ("max.in.flight.requests.per.connection", "1")), _listener);
        IRecordTopic topic = sink.GetTopic("t");
        Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, 0, "0", "k"));
        await _listener.Until(l => l.Delivered.Length == 1);

        // Handed over in one go while the broker is slow to answer, so that one request is in flight and the rest is queued behind it.
        _kafka.SetRoundTripTime(1, 100);
        _kafka.FailProduce(ErrorCode.OutOfOrderSequenceNumber);
        const int Count = 50;
        var pending = new SortedSet<int>();
        for (int i = 1; i < Count; i++)
        {
            if (sink.Produce(topic, i, $"{i}", "k") != ProduceStatus.Queued)
                pending.Add(i);
        }

        await _listener.Until(l => l.Rooms > 0 && l.Delivered.Length + l.Failures.Length + pending.Count >= Count);
        Assert.NotEmpty(_listener.Failures);
        Assert.All(_listener.Failures, f => Assert.Equal(DeliveryFault.TryAgain, f.Fault));
        Assert.Contains(_listener.States, s => s is not null && s.StartsWith("producer is being rebuilt", StringComparison.Ordinal));

        // The core's part: what was not delivered is produced again in order, on the same topic handle.
        pending.UnionWith(_listener.Failures.Select(f => f.Slot));
        foreach (int slot in pending)
            Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, slot, $"{slot}", "k"));
        await _listener.Until(l => l.Delivered.Length == Count && l.States[^1] is null);

        List<KafkaRecord> read = await Sinks.ReadAll(_kafka.BootstrapServers, "t", Count);
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"{i}"), read.Select(r => r.Value.Text()));
        Assert.Equal(0, sink.Outstanding);
    }

    [Fact]
    public async Task every_share_hears_of_a_rebuild_while_threads_go_on_producing()
    {
        const int Shares = 4, Count = 5_000;
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listeners = new RecordingListener[Shares];
        var sinks = new KafkaRecordSink[Shares];
        for (int s = 0; s < Shares; s++)
            sinks[s] = factory.OpenShare(Sinks.Config(_kafka.BootstrapServers), listeners[s] = new RecordingListener());

        async Task Feed(int s)
        {
            IRecordTopic topic = sinks[s].GetTopic("t");
            for (int i = 0; i < Count;)
            {
                int rooms = listeners[s].Rooms;
                ProduceStatus status = sinks[s].Produce(topic, i, $"{s}:{i}", $"k{s}");
                if (status == ProduceStatus.Queued)
                    i++;
                else
                    await listeners[s].Until(l => l.Rooms > rooms);
                if (s == 0 && i is 1000 or 3000 && status == ProduceStatus.Queued)
                    await BreakAsync(sinks[0].Producer, rebuilds: i / 2000);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Shares).Select(s => Task.Run(() => Feed(s))));
        for (int s = 0; s < Shares; s++)
        {
            await listeners[s].Until(l => l.Rooms > 0 && l.Delivered.Length + l.Failures.Length >= Count);
            Assert.Equal(Count, listeners[s].Delivered.Concat(listeners[s].Failures.Select(f => f.Slot)).Distinct().Count());
            Assert.Equal(Count, listeners[s].Delivered.Length + listeners[s].Failures.Length);
            Assert.All(listeners[s].Failures, f => Assert.Equal(DeliveryFault.TryAgain, f.Fault));
        }

        foreach (KafkaRecordSink sink in sinks)
            await sink.DisposeAsync();
    }

    // As librdkafka's own tests do it. A producer that is being rebuilt must not be touched from here, or it may be freed memory: so the rebuild before is awaited.
    private static async Task BreakAsync(KafkaProducer producer, int rebuilds)
    {
        using var guard = new CancellationTokenSource(TestTools.Guard);
        while (producer.Rebuilds < rebuilds || producer.Native is null)
            await Task.Delay(1, guard.Token);
        if (producer.Native is { } native)
            _ = LibRdKafka.rd_kafka_test_fatal_error(native.Handle, (int)ErrorCode.OutOfOrderSequenceNumber, "made by a test");
    }
}
