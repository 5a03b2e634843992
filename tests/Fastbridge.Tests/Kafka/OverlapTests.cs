using Confluent.Kafka;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Reading;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Kafka;

/// <summary>Our change to librdkafka: several Produce requests of a partition are on their way, once the connection has accepted one.</summary>
public sealed class OverlapTests(Lab lab) : RawProducerTest
{
    /// <summary>Above librdkafka's own limit, which counts messages: five.</summary>
    private const int PerRequest = 10;

    private int _produced;

    [Fact]
    public void five_requests_of_a_partition_are_on_their_way_and_no_more()
    {
        nint topic = OpenAndAccept();
        Mock.SetRoundTripTime(1, 60_000);
        for (int sent = 1; sent <= 5; sent++)
            Send(topic, sent);
        ProduceOneRequest(topic);
        Assert.Equal(1 + 5, Requests(withReports: true));
        Assert.Single(Reports); // What the first was accepted with: none of the five has an answer yet.
    }

    [Theory]
    [InlineData("max.in.flight", "2", 2)]
    [InlineData("produce.requests.overlap", "false", 1)]
    public void a_setting_allows_fewer(string name, string value, int most)
    {
        nint topic = OpenAndAccept((name, value));
        Mock.SetRoundTripTime(1, 5_000); // So long the machine may stand still until these are seen to be sent.
        for (int sent = 1; sent <= most; sent++)
            Send(topic, sent);
        Assert.Single(Reports);
        Send(topic, most + 1);
        Assert.InRange(Reports.Count, 1 + PerRequest, int.MaxValue);
    }

    [Theory]
    [InlineData(PerRequest)]
    [InlineData(1)] // By librdkafka's own limit five.
    public void before_the_first_is_accepted_the_next_waits(int records)
    {
        Open("60000", "true", null, ("produce.requests.overlap", "true"));
        nint topic = Topic("t");
        Mock.SetRoundTripTime(1, 1_000);
        ProduceOneRequest(topic, records);
        while (Requests(withReports: true) == 0)
            _ = LibRdKafka.rd_kafka_topic_hurry(topic); // It has no partition until the topic is known.
        ProduceOneRequest(topic, records);
        UntilSent(2);
        Assert.InRange(Reports.Count, records, 2 * records);
    }

    [Fact]
    public void behind_an_error_the_next_waits_until_what_failed_is_accepted()
    {
        nint topic = OpenAndAccept();
        Mock.SetRoundTripTime(1, 1_000);
        Mock.FailProduce(ErrorCode.NotEnoughReplicas);
        Send(topic, 1);
        UntilSent(1 + 2); // Refused, and sent again.
        ProduceOneRequest(topic);
        UntilSent(1 + 3);
        Assert.InRange(Reports.Count, 1 + PerRequest, 1 + 2 * PerRequest);
        Assert.All(Reports, r => Assert.Equal(0, r.Error));
    }

    [Fact]
    public async Task what_is_on_its_way_behind_a_refused_request_arrives_once_and_in_order()
    {
        string kafka = await lab.KafkaAsync();
        string name = await KafkaTopics.CreateAsync(kafka, "overlap", 2, ("max.message.bytes", "1000"));
        Open("60000", "true", kafka, ("produce.requests.overlap", "true"));
        nint topic = Handle(name);
        ProduceOneRequest(topic);
        HurryUntilReported(topic, PerRequest);
        var refused = new HashSet<int>();
        for (int round = 0; round < 50; round++)
        {
            refused.Add(_produced);
            Produce(topic, _produced++, 2_000, "key");
            _ = LibRdKafka.rd_kafka_topic_hurry(topic);
            for (int behind = 0; behind < 3; behind++)
                ProduceOneRequest(topic);
            Serve(_produced - Reports.Count - (round % 2 * PerRequest)); // Every other time some are left on their way.
        }

        Serve(_produced - Reports.Count);
        Assert.Equal(Enumerable.Range(0, _produced), Reports.Select(r => r.Record).Order());
        Assert.All(Reports, r => Assert.Equal(refused.Contains(r.Record) || r.Error != 0 ? (int)ErrorCode.MsgSizeTooLarge : 0, r.Error)); // Those that left in one request with a large one, too.
        int[] accepted = [.. Reports.Where(r => r.Error == 0).Select(r => r.Record).Order()];
        Assert.InRange(accepted.Length, PerRequest, _produced - refused.Count);
        List<KafkaRecord> read = await Sinks.ReadAll(kafka, name, accepted.Length);
        Assert.Equal(accepted, read.OrderBy(r => r.Offset).Select(RecordOf));
    }

    /// <summary>The first request of the partition has been accepted, with one record.</summary>
    private nint OpenAndAccept(params (string, string)[] more)
    {
        Open("60000", "true", null, [("produce.requests.overlap", "true"), .. more]);
        nint topic = Topic("t");
        Produce(topic, _produced++, 1, "key");
        HurryUntilReported(topic, 1);
        Assert.Equal(1, Requests());
        return topic;
    }

    private void ProduceOneRequest(nint topic, int records = PerRequest)
    {
        for (int i = 0; i < records; i++)
            Produce(topic, _produced++, 1, "key");
        _ = LibRdKafka.rd_kafka_topic_hurry(topic);
    }

    /// <summary>One more request, seen to be sent.</summary>
    /// <param name="sent">Behind the first.</param>
    private void Send(nint topic, int sent)
    {
        ProduceOneRequest(topic);
        UntilSent(1 + sent);
    }

    private void UntilSent(int requests)
    {
        while (Requests(withReports: true) < requests)
        {
        }
    }
}
