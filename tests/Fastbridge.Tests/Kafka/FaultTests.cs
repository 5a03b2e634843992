using System.Text;
using Confluent.Kafka;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Mock;
using Fastbridge.Kafka.Reading;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Kafka;

/// <summary>What Kafka does wrong, and what a connector hears of it (delivery.md B).</summary>
public sealed class FaultTests : IDisposable
{
    private readonly MockKafka _kafka = new(3);
    private readonly RecordingListener _listener = new();

    public void Dispose() => _kafka.Dispose();

    [Fact]
    [Fault(22)]
    public async Task leader_moves_cut_connections_and_retriable_errors_are_silent()
    {
        _kafka.CreateTopic("t", 1);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using IRecordSink sink = factory.Open(Sinks.Config(_kafka.BootstrapServers), _listener);
        IRecordTopic topic = sink.GetTopic("t");
        for (int i = 0; i < 200; i++)
        {
            if (i == 50)
                _kafka.SetLeader("t", 0, 2);
            if (i == 100)
                _kafka.FailProduce(ErrorCode.Local_Transport, ErrorCode.Local_Transport);
            if (i == 150)
                _kafka.SetLeader("t", 0, 3);
            Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, i, $"{i}", "k"));

            // One at a time: the mock does not check sequences (see MockKafka.FailProduce).
            await _listener.Until(l => l.Delivered.Length == i + 1);
        }

        Assert.Empty(_listener.Failures);
        List<KafkaRecord> read = await Sinks.ReadAll(_kafka.BootstrapServers, "t", 200);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), read.Select(r => r.Value.Text()));
    }

    [Fact]
    public async Task kafka_away_is_said_once_held_and_over_when_it_is_back()
    {
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 1);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using IRecordSink sink = factory.Open(Sinks.Config(kafka.BootstrapServers, ("reconnect.backoff.max.ms", "200")), _listener);
        IRecordTopic topic = sink.GetTopic("t");
        sink.Produce(topic, 0, "0", "k");
        await _listener.Until(l => l.Delivered.Length == 1);

        kafka.SetBrokerDown();
        sink.Produce(topic, 1, "1", "k");
        await _listener.Until(l => l.States.LastOrDefault() is { } s && s.Contains(": ", StringComparison.Ordinal));
        Assert.StartsWith("no Kafka broker can be reached", _listener.States[0], StringComparison.Ordinal);
        Assert.Single(_listener.Delivered);

        kafka.SetBrokerUp();
        await _listener.Until(l => l.Delivered.Length == 2 && l.States.LastOrDefault() is null);
        Assert.Empty(_listener.Failures);
    }

    [Fact]
    public async Task kafka_that_comes_back_is_seen_without_a_record_on_its_way()
    {
        using var kafka = new MockKafka();
        kafka.SetBrokerDown();
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using IRecordSink sink = factory.Open(Sinks.Config(kafka.BootstrapServers, ("reconnect.backoff.max.ms", "200")), _listener);
        await _listener.Until(l => l.States.Length > 0);

        var newcomer = new RecordingListener();
        await using IRecordSink second = factory.Open(Sinks.Config(kafka.BootstrapServers, ("reconnect.backoff.max.ms", "200")), newcomer);
        await newcomer.Until(l => l.States.Length > 0);
        Assert.NotNull(newcomer.States[0]);

        kafka.SetBrokerUp();
        await _listener.Until(l => l.States[^1] is null);
        await newcomer.Until(l => l.States[^1] is null);
    }

    [Fact]
    public async Task a_name_that_does_not_resolve_is_named()
    {
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using IRecordSink sink = factory.Open(Sinks.Config("no-such-host.invalid:9092"), _listener);
        await _listener.Until(l => l.States.Any(s => s is not null && s.Contains("no-such-host.invalid", StringComparison.Ordinal)));
        Assert.Contains("check bootstrap_servers", _listener.States[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_partition_without_leader_does_not_hold_up_the_others()
    {
        _kafka.CreateTopic("t", 2);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using IRecordSink sink = factory.Open(Sinks.Config(_kafka.BootstrapServers) with { Key = "" }, _listener);
        IRecordTopic topic = sink.GetTopic("t");
        ProduceStatus ToPartition(int partition, int slot)
            => sink.TryProduce(topic, new OutgoingRecord { Value = Encoding.UTF8.GetBytes($"{slot}"), PartitionHash = partition }, slot);

        ToPartition(0, 0);
        await _listener.Until(l => l.Delivered.Length == 1);
        _kafka.SetLeader("t", 0, null);
        for (int i = 1; i <= 20_000; i++)
            Assert.Equal(ProduceStatus.Queued, ToPartition(0, i));
        for (int i = 20_001; i <= 21_000; i++)
            Assert.Equal(ProduceStatus.Queued, ToPartition(1, i));
        await _listener.Until(l => l.Delivered.Count(s => s > 20_000) == 1000);

        _kafka.SetLeader("t", 0, 1);
        await _listener.Until(l => l.Delivered.Length == 21_001);
        Assert.Empty(_listener.Failures);
    }

    [Theory]
    [InlineData(ErrorCode.MsgSizeTooLarge, DeliveryFault.Refused)]
    [InlineData(ErrorCode.InvalidRecord, DeliveryFault.Refused)]
    [InlineData(ErrorCode.PolicyViolation, DeliveryFault.Refused)]
    [InlineData(ErrorCode.TopicAuthorizationFailed, DeliveryFault.NotAuthorized)]
    public async Task a_refused_batch_comes_back_whole(ErrorCode error, DeliveryFault fault)
    {
        _kafka.CreateTopic("t", 1);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using IRecordSink sink = factory.Open(Sinks.Config(_kafka.BootstrapServers), _listener);
        IRecordTopic topic = sink.GetTopic("t");
        _kafka.FailProduce(error);
        byte[] headers = Sinks.Headers(("a", "1"), ("b", ""), ("a", new string('x', 3000)));
        var record = new OutgoingRecord { Value = "value"u8, HasKey = true, Key = "key"u8, PartitionHash = 77, TimestampMs = 1234, Headers = headers };
        Assert.Equal(ProduceStatus.Queued, sink.TryProduce(topic, record, 99));

        await _listener.Until(l => l.Failures.Length == 1);
        Failure failure = _listener.Failures[0];
        Assert.Equal((99, fault, "t", true, 77, 1234L), (failure.Slot, failure.Fault, failure.Topic, failure.HasKey, failure.PartitionHash, failure.TimestampMs));
        Assert.Equal("value", failure.Value.Text());
        Assert.Equal("key", failure.Key.Text());
        Assert.Equal(headers, failure.Headers);
        Assert.False(failure.PossiblyPersisted);
        Assert.DoesNotContain('\n', failure.Reason);

        // A denied topic is refused for a while even at the door.
        if (fault == DeliveryFault.NotAuthorized)
            return;

        // Alone and later it passes, from what came back.
        var again = new OutgoingRecord
        {
            Value = failure.Value,
            HasKey = failure.HasKey,
            Key = failure.Key,
            PartitionHash = failure.PartitionHash,
            TimestampMs = failure.TimestampMs,
            Headers = failure.Headers,
        };
        Assert.Equal(ProduceStatus.Queued, sink.TryProduce(topic, again, 100));
        await _listener.Until(l => l.Delivered.Length == 1);
        KafkaRecord read = Assert.Single(await Sinks.ReadAll(_kafka.BootstrapServers, "t", 1));
        Assert.Equal(1234, read.TimestampMs);
        Assert.Equal(3, read.Headers.Length);
    }

    [Fact]
    [Fault(21)]
    public async Task an_answer_slower_than_a_message_timeout_is_possibly_persisted()
    {
        _kafka.CreateTopic("t", 1);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using IRecordSink sink = factory.Open(
            Sinks.Config(_kafka.BootstrapServers, ("message.timeout.ms", "2000"), ("socket.timeout.ms", "1000")), _listener);
        IRecordTopic topic = sink.GetTopic("t");

        // On a busy machine a record may time out before it is sent: again, until one has arrived, and until one was sent and got no answer.
        using var guard = new CancellationTokenSource(TestTools.Guard);
        for (int slot = 0; _listener.Delivered.IsEmpty; slot++)
            await OutcomeOfAsync(slot);
        for (int broker = 1; broker <= 3; broker++)
            _kafka.SetRoundTripTime(broker, 30_000);
        for (int slot = 1000; !_listener.Failures.Any(f => f.Slot >= 1000 && f.PossiblyPersisted); slot++)
            await OutcomeOfAsync(slot);
        Assert.All(_listener.Failures, f => Assert.Equal(DeliveryFault.Failed, f.Fault));
        Assert.DoesNotContain(_listener.Delivered, slot => slot >= 1000);

        async Task OutcomeOfAsync(int slot)
        {
            Assert.False(guard.IsCancellationRequested, "no record was sent in two minutes");
            Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, slot, $"{slot}", "k"));
            await _listener.Until(l => l.Delivered.Contains(slot) || l.Failures.Any(f => f.Slot == slot));
        }
    }

    [Fact]
    public async Task an_unknown_topic_is_reported_and_then_refused_for_a_while()
    {
        _kafka.SetTopicError("missing", ErrorCode.UnknownTopicOrPart);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using IRecordSink sink = factory.Open(
            Sinks.Config(_kafka.BootstrapServers, ("topic.metadata.propagation.max.ms", "500"), ("topic.metadata.refresh.fast.interval.ms", "100")), _listener);
        IRecordTopic topic = sink.GetTopic("missing");
        Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, 0, "0", "k"));
        await _listener.Until(l => l.Failures.Length == 1);
        Assert.Equal(DeliveryFault.TopicUnknown, _listener.Failures[0].Fault);

        Assert.Equal(ProduceStatus.TopicUnavailable, sink.Produce(topic, 1, "1", "k"));
    }

    [Fact]
    public async Task a_record_too_large_is_known_at_once_with_and_without_headers()
    {
        _kafka.CreateTopic("t", 1);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using IRecordSink sink = factory.Open(Sinks.Config(_kafka.BootstrapServers) with { MessageMaxBytes = 2000 }, _listener);
        IRecordTopic topic = sink.GetTopic("t");
        Assert.Equal(ProduceStatus.TooLarge, sink.Produce(topic, 0, new string('x', 2001), "k"));
        var record = new OutgoingRecord { Value = new byte[100], Headers = Sinks.Headers(("h", new string('x', 2000))), HasKey = true };
        Assert.Equal(ProduceStatus.TooLarge, sink.TryProduce(topic, record, 1));
        Assert.Equal(ProduceStatus.Queued, sink.Produce(topic, 2, new string('x', 1000), "k"));
        await _listener.Until(l => l.Delivered.SequenceEqual([2]));
    }

    [Fact]
    [Fault(26)]
    public async Task a_full_queue_says_when_there_is_room()
    {
        _kafka.CreateTopic("t", 1);
        await using KafkaSinkFactory factory = Sinks.NewFactory();
        await using IRecordSink sink = factory.Open(Sinks.Config(_kafka.BootstrapServers, ("queue.buffering.max.messages", "10")), _listener);
        IRecordTopic topic = sink.GetTopic("t");
        for (int i = 0; i < 1000;)
        {
            int roomsBefore = _listener.Rooms;
            ProduceStatus status = sink.Produce(topic, i, $"{i}", "k");
            if (status == ProduceStatus.Queued)
            {
                i++;
                continue;
            }

            Assert.Equal(ProduceStatus.QueueFull, status);
            await _listener.Until(l => l.Rooms > roomsBefore);
        }

        await _listener.Until(l => l.Delivered.Length == 1000);
        Assert.True(_listener.Rooms > 0);
    }
}
