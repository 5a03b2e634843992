using System.Collections.Concurrent;
using System.Text;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Mqtt;

namespace Fastbridge.Tests.Core.Delivery;

/// <summary>A report condemns a whole batch, also one of dead letters, and one of a replay: each is tried alone before it is given up.</summary>
public class SuspectLetterTests
{
    [Fact]
    public async Task of_a_refused_batch_of_letters_only_the_guilty_one_goes_to_the_file()
    {
        await using var bench = new DeliveryBench(with: c => c with { Failure = new FailureConfig { TopicName = "dlq" } });
        var attempts = new ConcurrentDictionary<int, int>();
        int guilty = -1;
        bench.OnProduce = payload => payload.StartsWith("big", StringComparison.Ordinal) ? ProduceStatus.TooLarge : ProduceStatus.Queued;
        bench.Queued = (slot, payload) => bench.Later(() =>
        {
            Interlocked.CompareExchange(ref guilty, slot, -1);
            if (attempts.AddOrUpdate(slot, 1, static (_, n) => n + 1) == 1 || slot == Volatile.Read(ref guilty))
                bench.Fail(payload, DeliveryFault.Refused);
            else
                bench.DeliverSlot(slot);
        });
        foreach (ushort id in (ushort[])[1, 2, 3, 4, 5])
            await bench.UntilAsync(() => bench.Publish($"big {id}", id).Outcome is PublishOutcome.Taken);
        await bench.UntilAsync(() => bench.Acked.Count == 5);
        Assert.Single(new DeadLetterBox(bench.DeadLetterPath).Read(out _));
        Assert.Equal(4, bench.Letters.Count(where => where == "Kafka topic \"dlq\""));
        Assert.Equal((5, 5), (bench.Alone, bench.Delivery.Counters.DeadLettered));
    }

    [Fact]
    public async Task a_replay_is_held_up_by_the_guilty_letter_alone()
    {
        await using var sink = new BatchSink();
        await using var replay = new DeadLetterReplay(sink, new KafkaConfig { BootstrapServers = "unused:1", Topic = "t" });
        DeadLetter[] letters = [.. Enumerable.Range(0, 5).Select(i => new DeadLetter { Id = $"file:{i}", Json = [], KafkaTopic = "t", Value = Encoding.UTF8.GetBytes(i == 2 ? "bad" : "good") })];
        for (int round = 0; round < 2; round++)
        {
            (IReadOnlyList<DeadLetter> delivered, IReadOnlyList<(DeadLetter Letter, string Reason)> failed) = await replay.SendAsync(letters, TestContext.Current.CancellationToken);
            Assert.Equal(["file:0", "file:1", "file:3", "file:4"], delivered.Select(l => l.Id));
            Assert.Equal(("file:2", "the batch is bad"), (Assert.Single(failed).Letter.Id, failed[0].Reason));
        }

        Assert.Equal(2, sink.AloneEnded);
    }

    /// <summary>Kafka as it judges batches: one bad record, and all of its batch come back.</summary>
    private sealed class BatchSink : IRecordSinkFactory, IRecordSink
    {
        private readonly List<(int Slot, bool IsBad)> _batch = [];
        private IDeliveryListener? _listener;

        public int AloneEnded { get; private set; }

        public IRecordSink Open(KafkaConfig config, IDeliveryListener listener)
        {
            _listener = listener;
            return this;
        }

        public IRecordTopic GetTopic(string name) => new Topic(name);

        public ProduceStatus TryProduce(IRecordTopic topic, in OutgoingRecord record, int slot)
        {
            _batch.Add((slot, record.Value.SequenceEqual("bad"u8)));
            return ProduceStatus.Queued;
        }

        public ProduceStatus TryProduceAlone(IRecordTopic topic, in OutgoingRecord record, int slot)
        {
            Assert.Empty(_batch);
            return TryProduce(topic, in record, slot);
        }

        public void EndAlone() => AloneEnded++;

        public void Hurry()
        {
            bool isBad = _batch.Exists(r => r.IsBad);
            foreach ((int slot, bool _) in _batch)
            {
                if (isBad)
                    _listener!.OnFailed(new FailedRecord { Slot = slot, Fault = DeliveryFault.Refused, Reason = "the batch is bad", Topic = new Topic("t") });
                else
                    _listener!.OnDelivered([slot]);
            }

            _batch.Clear();
            _listener!.OnReportsEnd();
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private sealed record Topic(string Name) : IRecordTopic;
    }
}
