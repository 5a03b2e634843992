using Confluent.Kafka;
using Fastbridge.Kafka.Reading;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Kafka;

/// <summary>Our change to librdkafka: Produce requests that wait to be sent leave as one, and each partition gets its own part of the answer.</summary>
public sealed class JoinedRequestTests(Lab lab) : RawProducerTest
{
    [Theory]
    [InlineData("true", 1)]
    [InlineData("false", 1)]
    [InlineData("true", 2_000)] // Larger parts go by reference.
    public async Task records_for_many_partitions_leave_in_one_request(string idempotence, int bytes)
    {
        Open("60000", idempotence);
        nint topic = Topic("t");
        Assert.InRange(ProduceUntilHurried(topic, bytes), 1, Partitions / 2);
        Assert.Equal(Enumerable.Range(0, Records + 1).Select(i => (i, 0)), Reports.Order());

        List<KafkaRecord> read = await Sinks.ReadAll(Mock.BootstrapServers, "t", Records + 1);
        Assert.Equal(Enumerable.Range(0, Records + 1), read.Select(RecordOf).Order());
        Assert.Equal(Partitions, read.Select(r => r.Partition).Distinct().Count());
        foreach (IGrouping<int, KafkaRecord> partition in read.GroupBy(r => r.Partition))
        {
            int[] records = [.. partition.OrderBy(r => r.Offset).Select(RecordOf)];
            Assert.Equal(records.Order(), records);
            Assert.All(partition, r => Assert.Equal(bytes, r.Value!.Length - r.Value.AsSpan().IndexOf((byte)' ') - 1));
        }
    }

    [Fact]
    public void a_kafka_older_than_the_flexible_requests_gets_one_for_each_partition()
    {
        Mock.SetApiVersion(0, 0, 8);
        Open("60000", "true");
        Assert.InRange(ProduceUntilHurried(Topic("t"), 1), Partitions, 2 * Partitions);
        Assert.Equal(Enumerable.Range(0, Records + 1).Select(i => (i, 0)), Reports.Order());
    }

    [Fact]
    public void switched_off_each_partition_has_requests_of_its_own()
    {
        Open("60000", "true", null, ("produce.requests.join", "false"));
        Assert.InRange(ProduceUntilHurried(Topic("t"), 1), Partitions, 2 * Partitions);
        Assert.Equal(Enumerable.Range(0, Records + 1).Select(i => (i, 0)), Reports.Order());
    }

    [Fact]
    public void a_request_holds_no_more_than_a_megabyte()
    {
        Open("60000", "true");
        Assert.InRange(ProduceUntilHurried(Topic("t"), 40_000), Partitions, 2 * Partitions);
        Assert.Equal(Enumerable.Range(0, Records + 1).Select(i => (i, 0)), Reports.Order());
    }

    [Fact]
    public void records_that_have_lingered_for_a_while_go_along_with_others()
    {
        Open("4000", "true");
        nint topic = Topic("t");
        Produce(topic, 0, 1);
        Serve(1);
        int before = Requests();
        for (int i = 0; i < Records; i += Records / 20)
        {
            Produce(topic, i, 1);
            _ = Requests(); // Two reports of statistics later: each partition's linger ends at another time.
        }

        Serve(20);
        Assert.InRange(Requests() - before, 1, Partitions / 2);
    }

    [Fact]
    public async Task of_several_topics_in_a_request_each_gets_its_own_answer()
    {
        Open("200", "true");
        string[] names = ["a", "b", "c"];
        nint[] topics = [.. names.Select(Topic)];
        for (int i = 0; i < topics.Length; i++)
            Produce(topics[i], i, 1);
        Serve(topics.Length);

        // The client learns of it by the answer: those of b are sent once more, and only they.
        for (int partition = 0; partition < Partitions; partition++)
            Mock.SetLeader("b", partition, 2);
        for (int i = 3; i < Records; i++)
            Produce(topics[i % 3], i, 1);
        Serve(Records - 3);
        Assert.Equal(Enumerable.Range(0, Records).Select(i => (i, 0)), Reports.Order());
        for (int i = 0; i < topics.Length; i++)
        {
            List<KafkaRecord> read = await Sinks.ReadAll(Mock.BootstrapServers, names[i], Records / 3);
            Assert.Equal(Enumerable.Range(0, Records).Where(n => n % 3 == i), read.Select(RecordOf).Order());
        }
    }

    [Fact]
    public async Task without_idempotence_a_partitions_next_request_waits_for_what_the_answer_calls_for_again()
    {
        Open("5", "false", null, ("max.in.flight", "1"));
        nint topic = Topic("t");
        Produce(topic, 0, 1);
        Serve(1);
        int before = Requests();
        Mock.SetRoundTripTime(1, 1_000);
        Mock.FailProduce(ErrorCode.NotEnoughReplicas);
        Produce(topic, 1, 1);
        while (Requests() == before)
        {
        }

        Produce(topic, 2, 1); // The same key.
        Serve(2);
        List<KafkaRecord> read = await Sinks.ReadAll(Mock.BootstrapServers, "t", 3);
        Assert.Equal([0, 1, 2], read.OrderBy(r => r.Offset).Select(RecordOf));
        Assert.Single(read.Select(r => r.Partition).Distinct());
    }

    [Fact]
    public async Task a_topic_that_refuses_its_records_refuses_no_others_of_the_request()
    {
        string kafka = await lab.KafkaAsync();
        string[] names = [await KafkaTopics.CreateAsync(kafka, "joined", 4), await KafkaTopics.CreateAsync(kafka, "joined", 4, ("max.message.bytes", "1000")), await KafkaTopics.CreateAsync(kafka, "joined", 4)];
        Open("200", "true", kafka);
        nint[] topics = [.. names.Select(Handle)];
        for (int i = 0; i < topics.Length; i++)
            Produce(topics[i], i, 1);
        Serve(topics.Length);

        int before = Requests();
        for (int i = 3; i < Records; i++)
            Produce(topics[i % 3], i, 2_000);
        Serve(Records - 3);
        Assert.InRange(Requests() - before, 1, Partitions / 2);
        Assert.Equal(Enumerable.Range(0, Records).Select(i => (i, i is > 2 && i % 3 == 1 ? (int)ErrorCode.MsgSizeTooLarge : 0)), Reports.Order());
        foreach (int i in (int[])[0, 2])
        {
            List<KafkaRecord> read = await Sinks.ReadAll(kafka, names[i], Records / 3);
            Assert.Equal(Enumerable.Range(0, Records).Where(n => n % 3 == i), read.Select(RecordOf).Order());
        }
    }
}
