using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Mock;

namespace Fastbridge.Tests.Kafka;

/// <summary>The hot path: no managed memory for a record on its way out or its report on the way back, and no waiting for linger.ms when in a hurry.</summary>
public class AllocationTests
{
    [Fact]
    public async Task two_hundred_thousand_records_and_their_reports_allocate_nothing()
    {
        const int Count = 200_000;
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 4);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new CountingListener();
        await using IRecordSink sink = factory.Open(Sinks.Config(kafka.BootstrapServers), listener);
        IRecordTopic topic = sink.GetTopic("t");

        // On a thread of their own, so that what other tests allocate meanwhile is not counted.
        long produced = 0;
        var thread = new Thread(() =>
        {
            Produce(sink, topic, 1000);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Produce(sink, topic, Count);
            produced = GC.GetAllocatedBytesForCurrentThread() - before;
        });
        thread.Start();
        thread.Join();
        await listener.Reached(Count + 1000);

        // The first reports compile the code that tells them; the later ones count.
        Assert.True(produced < Count, $"producing allocated {produced} bytes");
        Assert.True(listener.AllocatedAfterFirst < Count / 2, $"reporting allocated {listener.AllocatedAfterFirst} bytes");
    }

    [Fact]
    public async Task hurry_sends_what_is_queued_without_waiting_for_linger()
    {
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 4);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        var listener = new RecordingListener();

        // Longer than the hang guard: without Hurry nothing would arrive in time.
        await using IRecordSink sink = factory.Open(Sinks.Config(kafka.BootstrapServers) with { LingerMs = 300_000 }, listener);
        IRecordTopic topic = sink.GetTopic("t");

        // Until metadata is there a record is in no partition's queue, so the first may have to be hurried again.
        sink.Produce(topic, 0, "0", "k");
        using var guard = new CancellationTokenSource(RecordingListener.HangGuard);
        while (listener.Delivered.IsEmpty)
        {
            sink.Produce(topic, 1, "1", "k");
            sink.Hurry();
            await Task.Delay(20, guard.Token);
        }

        await listener.Until(l => ((Fastbridge.Kafka.Producing.KafkaRecordSink)sink).Outstanding == 0);
        int delivered = listener.Delivered.Length;
        for (int round = 0; round < 300; round++)
        {
            for (int i = 0; i < 20; i++)
                Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, i, $"{i}", $"k{i}"));
            sink.Hurry();
            delivered += 20;
            await listener.Until(l => l.Delivered.Length == delivered);
        }
    }

    private static void Produce(IRecordSink sink, IRecordTopic topic, int count)
    {
        Span<byte> value = stackalloc byte[256];
        for (int i = 0; i < count; i++)
        {
            if (sink.TryProduce(topic, new OutgoingRecord { Value = value, HasKey = true, Key = "key"u8 }, i & 0xFFFF) != ProduceStatus.Queued)
                throw new InvalidOperationException("not queued");
        }
    }

    private sealed class CountingListener : IDeliveryListener
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _target = long.MaxValue;
        private long _count;
        private long _start = -1;

        public long AllocatedAfterFirst { get; private set; }

        public void OnDelivered(ReadOnlySpan<int> slots) => Interlocked.Add(ref _count, slots.Length);

        public void OnFailed(in FailedRecord record) => _done.TrySetException(new InvalidOperationException(record.Reason));

        public void OnReportsEnd()
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            if (_start < 0)
                _start = allocated;
            AllocatedAfterFirst = allocated - _start;
            if (Interlocked.Read(ref _count) >= Interlocked.Read(ref _target))
                _done.TrySetResult();
        }

        public void OnRoom()
        {
        }

        public void OnSinkState(string? fault)
        {
        }

        public Task Reached(long target)
        {
            Interlocked.Exchange(ref _target, target);
            if (Interlocked.Read(ref _count) >= target)
                _done.TrySetResult();
            return _done.Task.WaitAsync(RecordingListener.HangGuard);
        }
    }
}
