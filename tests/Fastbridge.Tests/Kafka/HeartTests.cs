using Fastbridge.Core.Delivery;
using Fastbridge.Core.Live;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Mock;

namespace Fastbridge.Tests.Kafka;

/// <summary>A delivery thread that is held up is seen, and one that waits for Kafka is not taken for it.</summary>
public sealed class HeartTests : IDisposable
{
    private readonly MockKafka _kafka = new();

    public HeartTests() => _kafka.CreateTopic("t", 1);

    public void Dispose() => _kafka.Dispose();

    [Fact]
    public async Task a_delivery_thread_that_does_not_come_back_from_a_connector_is_stuck_until_it_does()
    {
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        Assert.Empty(factory.Hearts);
        using var listener = new Holding();
        await using IRecordSink sink = factory.Open(Sinks.Config(_kafka.BootstrapServers), listener);
        Heartbeat heart = Assert.Single(factory.Hearts);
        Assert.Contains(_kafka.BootstrapServers, heart.What, StringComparison.Ordinal);
        var watch = new HeartbeatWatch();
        Assert.Equal(ProduceStatus.Queued, sink.Produce(sink.GetTopic("t"), 1, "v"));
        await listener.Held.WaitAsync(RecordingListener.HangGuard, TestContext.Current.CancellationToken);
        Assert.All(Enumerable.Range(0, HeartbeatWatch.MostLooks), _ => Assert.Null(watch.Look(factory.Hearts)));
        Assert.EndsWith("has not come back for 60 s", watch.Look(factory.Hearts), StringComparison.Ordinal);
        listener.Release.Set();
        using var guard = new CancellationTokenSource(RecordingListener.HangGuard);
        while (!heart.Rests) await Task.Delay(5, guard.Token);
        Assert.Null(watch.Look(factory.Hearts));
    }

    private sealed class Holding : IDeliveryListener, IDisposable
    {
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Held => _held.Task;

        public ManualResetEventSlim Release { get; } = new();

        public void OnDelivered(ReadOnlySpan<int> slots)
        {
            _held.TrySetResult();
            Release.Wait(RecordingListener.HangGuard, CancellationToken.None);
        }

        public void OnFailed(in FailedRecord record)
        {
        }

        public void OnReportsEnd()
        {
        }

        public void OnRoom()
        {
        }

        public void OnTopicAnswer(DeliveryFault? fault)
        {
        }

        public void OnSinkState(string? fault)
        {
        }

        public void Dispose() => Release.Dispose();
    }
}
