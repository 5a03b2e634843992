using System.Text;
using Fastbridge.Bench;
using Fastbridge.Core.Config;

namespace Fastbridge.Tests.Bench;

/// <summary>What the plan becomes: shares, and a connectors file that the bridge takes.</summary>
public class BenchPlanTests
{
    [Theory]
    [InlineData(10, 1)]
    [InlineData(10, 3)]
    [InlineData(1000, 7)]
    [InlineData(5, 5)]
    public void the_shares_are_all_messages_and_differ_by_one_at_most(long messages, int connectors)
    {
        BenchPlan plan = Plan(messages, connectors);
        List<long> shares = [.. Enumerable.Range(0, connectors).Select(plan.ShareOf)];
        Assert.Equal(messages, shares.Sum());
        Assert.InRange(shares.Max() - shares.Min(), 0, 1);
    }

    [Fact]
    public void without_a_count_no_share_ends() => Assert.Equal(long.MaxValue, Plan(null, 3).ShareOf(2));

    [Fact]
    public void two_plans_never_write_to_the_same_topic() => Assert.NotEqual(Plan(1, 1).Topic, Plan(1, 1).Topic);

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void the_connectors_file_is_one_that_the_bridge_takes(int qos, bool v5)
    {
        BenchPlan plan = Plan(1, 3) with { QoS = qos, IsV5 = v5 };
        LoadResult read = ConnectorsFile.Parse(BenchFile.Text(plan, 1883, "127.0.0.1:9092", "/tmp/a \"b\""), "bench");
        Assert.Empty(read.Faults);
        // A broker keeps no QoS 0 messages for a bridge that is away; the bench's is not away.
        Assert.Equal(qos == 0 ? 1 : 0, read.Warnings.Length);
        Assert.Equal(["bench/0/#", "bench/1/#", "bench/2/#"], read.Config!.Connectors.Select(c => c.Mqtt.Subscriptions[0].Filter));
        Assert.All(read.Config.Connectors, c => Assert.Equal(plan.Topic, c.Kafka.Topic));
        Assert.Equal("/tmp/a \"b\"/state", read.Config.StateDir);
    }

    /// <summary>The bridge takes apart what the load source writes: a packet is whole, and the stamp is where it is looked for.</summary>
    [Theory]
    [InlineData(0, true, 12)]
    [InlineData(1, true, 256)]
    [InlineData(2, false, 70_000)]
    public void a_packet_holds_its_length_its_topic_its_identifier_and_its_stamp(int qos, bool v5, int size)
    {
        var template = new LoadTemplate(Plan(1, 20) with { QoS = qos, IsV5 = v5, Size = size }, connector: 17);
        byte[] packet = new byte[template.Length];
        template.Write(packet, sequence: 64 * 3 + 42, id: 0x1234);
        Assert.Equal(0x30 | qos << 1, packet[0]);
        int at = 1, length = 0;
        for (int shift = 0; ; shift += 7)
        {
            length |= (packet[at] & 127) << shift;
            if ((packet[at++] & 128) == 0)
                break;
        }

        Assert.Equal(packet.Length, at + length);
        Assert.Equal("bench/17/s42", Encoding.ASCII.GetString(packet, at + 2, packet[at + 1]));
        at += 2 + packet[at + 1];
        if (qos > 0)
        {
            Assert.Equal(0x1234, packet[at] << 8 | packet[at + 1]);
            at += 2;
        }

        if (v5)
            Assert.Equal(0, packet[at++]);
        Assert.Equal(size, packet.Length - at);
        var check = new RecordCheck(20);
        check.Take(Encoding.ASCII.GetBytes($"{{\"payload\":\"{Convert.ToBase64String(packet.AsSpan(at))}\"}}"));
        Assert.Equal((1, 0), (check.Distinct, check.Strange));
    }

    private static BenchPlan Plan(long? messages, int connectors) => new("127.0.0.1:9092", false, 1, 256, 0, 10_000, 10, messages, connectors, true);
}
