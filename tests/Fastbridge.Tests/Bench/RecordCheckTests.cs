using System.Text;
using Fastbridge.Bench;

namespace Fastbridge.Tests.Bench;

/// <summary>What bench counts, from records as a bridge writes them.</summary>
public class RecordCheckTests
{
    [Fact]
    public void all_messages_once_are_no_fault()
    {
        RecordCheck check = Take(2, [.. All(0, 1000), .. All(1, 500)]);
        Assert.Equal((1500, 0, 0, 0, 0), Found(check, 1500));
    }

    [Fact]
    public void a_message_in_no_record_is_lost()
    {
        RecordCheck check = Take(1, [.. All(0, 1000).Where(m => m.Sequence is not (0 or 517 or 999))]);
        Assert.Equal((997, 3, 0, 0, 0), Found(check, 1000));
    }

    [Fact]
    public void a_message_in_two_records_is_repeated_and_hides_no_loss()
    {
        RecordCheck check = Take(1, [.. All(0, 100), (0, 7), (0, 7), (0, 99)]);
        Assert.Equal((100, 0, 3, 0, 0), Found(check, 100));
        Assert.Equal(1, check.Lost(101));
        Assert.Equal(3, check.Repeated(100));
    }

    [Fact]
    public void the_same_number_of_another_connector_is_another_message()
    {
        RecordCheck check = Take(2, [(0, 5), (1, 5)]);
        Assert.Equal((2, 0, 0, 0, 0), Found(check, 2));
    }

    /// <summary>Between topics there is no order: they are other keys.</summary>
    [Fact]
    public void a_message_behind_a_later_one_of_its_topic_is_out_of_order()
    {
        Assert.Equal((3, 0, 0, 1, 0), Found(Take(1, [(0, 0), (0, 2 * BenchPlan.Topics), (0, BenchPlan.Topics)]), 3));
        Assert.Equal((3, 0, 0, 0, 0), Found(Take(1, [(0, 2), (0, 1), (0, 0)]), 3));
    }

    [Fact]
    public void a_record_that_nobody_could_read_is_counted()
    {
        RecordCheck check = Take(1, [.. All(0, 10)]);
        check.Unread = 5;
        Assert.Equal((0, 0), (check.Lost(15), check.Repeated(15)));
        Assert.Equal((1, 0), (check.Lost(16), check.Repeated(16)));
        Assert.Equal((0, 2), (check.Lost(13), check.Repeated(13)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"payload\":\"AAAA\"}")]
    [InlineData("{\"payload\":\"!!!!!!!!!!!!!!!!\"}")]
    [InlineData("{\"payload\":\"/////////////////////\"}")]
    public void what_is_no_record_of_ours_is_strange_and_nothing_else(string value)
    {
        var check = new RecordCheck(1);
        check.Take(Encoding.UTF8.GetBytes(value));
        Assert.Equal(1, check.Strange);
        Assert.Equal((0, 3, 0, 0, 1), Found(check, 3));
    }

    [Fact]
    public void a_record_of_a_connector_that_there_is_not_is_strange() => Assert.Equal((0, 0, 0, 0, 1), Found(Take(1, [(1, 0)]), 0));

    private static IEnumerable<(int Connector, long Sequence)> All(int connector, long count)
    {
        for (long i = 0; i < count; i++)
            yield return (connector, i);
    }

    private static (long Distinct, long Lost, long Repeated, long OutOfOrder, long Strange) Found(RecordCheck check, long sent) =>
        (check.Distinct, check.Lost(sent), check.Again, check.OutOfOrder, check.Strange);

    private static RecordCheck Take(int connectors, (int Connector, long Sequence)[] messages)
    {
        var check = new RecordCheck(connectors);
        byte[] payload = new byte[40];
        foreach ((int connector, long sequence) in messages)
        {
            Stamp.Write(payload, connector, sequence);
            check.Take(Encoding.ASCII.GetBytes($"{{\"topic\":\"bench/{connector}/s00\",\"qos\":1,\"payload\":\"{Convert.ToBase64String(payload)}\"}}"));
        }

        return check;
    }
}
