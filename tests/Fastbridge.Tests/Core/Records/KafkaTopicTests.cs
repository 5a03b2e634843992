using Fastbridge.Core.Records;

namespace Fastbridge.Tests.Core.Records;

public class KafkaTopicTests
{
    [Theory]
    [InlineData("${topic}", "site/7/temp", "site.7.temp")]
    [InlineData("${topic}", "größe/😀 x", "gr__e.__x")]
    [InlineData("${topic}", "a-b_c.D9", "a-b_c.D9")]
    [InlineData("${topic}", "$SYS/a+b", "_SYS.a_b")]
    [InlineData("iot/${topic[1]}", "a/b", "iot.b")]
    [InlineData("t-${user_property.unit}", "a", "t-_C")]
    [InlineData("t-${qos}", "a", "t-1")]
    [InlineData("t-${client_id}", "a", "t-dev_1")]
    public void a_template_yields_a_legal_name(string template, string topic, string expected)
    {
        TestRecord record = Publish(topic).Encode(Encoders.RobustMq(topic: template));
        Assert.Equal(expected, record.Target.Name);
        Assert.Null(record.Target.Fault);
    }

    [Theory]
    [InlineData("${topic[5]}", "a/b", "", "is empty")]
    [InlineData("${user_property.none}", "a/b", "", "is empty")]
    [InlineData("${topic}", ".", ".", "is \".\", which Kafka forbids")]
    [InlineData("${topic}", "/", ".", "is \".\", which Kafka forbids")]
    [InlineData("${topic}", "//", "..", "is \"..\", which Kafka forbids")]
    public void what_replacing_cannot_mend_is_a_fault_of_that_record(string template, string topic, string name, string fault)
    {
        TestRecord record = Publish(topic).Encode(Encoders.RobustMq(topic: template));
        Assert.Equal(name, record.Target.Name);
        Assert.Contains(fault, record.Target.Fault, StringComparison.Ordinal);
        Assert.Contains(template, record.Target.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void a_name_may_have_249_characters_and_no_more()
    {
        IRecordEncoder encoder = Encoders.RobustMq(topic: "${topic}");
        Assert.Null(Publish(new string('a', 249)).Encode(encoder).Target.Fault);
        TestRecord record = Publish(new string('a', 250)).Encode(encoder);
        Assert.Contains("250 characters; 249 are the most", record.Target.Fault, StringComparison.Ordinal);
        Assert.Equal(249, record.Target.Name.Length);
        Assert.Contains("65535 characters", Publish(new string('a', 65_535)).Encode(encoder).Target.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void one_name_is_one_target()
    {
        IRecordEncoder encoder = Encoders.RobustMq(topic: "${topic[0]}");
        TopicTarget first = Publish("a/1").Encode(encoder).Target;
        Assert.Same(first, Publish("a/2").Encode(encoder).Target);
        Assert.Same(first, Publish("a/2").Encode(encoder).Target);
        Assert.NotSame(first, Publish("b/2").Encode(encoder).Target);

        encoder = Encoders.RobustMq(topic: "fixed");
        Assert.Same(Publish("a").Encode(encoder).Target, new TestPublish { Topic = "b" }.Encode(encoder).Target);
    }

    [Fact]
    public void names_that_templates_yield_are_bounded()
    {
        var targets = new TopicTargets(Template.Parse("${topic}", TemplateUse.KafkaTopic));
        var scratch = new ByteBuffer();
        for (int i = 0; i < 3 * TopicTargets.MaxNames; i++)
        {
            TopicTarget target = targets.Get(new TemplateInput { Topic = System.Text.Encoding.UTF8.GetBytes($"t{i}") }, scratch);
            Assert.Equal($"t{i}", target.Name);
            Assert.InRange(targets.Count, 1, TopicTargets.MaxNames);
        }
    }

    private static TestPublish Publish(string topic) =>
        new() { Topic = topic, UserProperties = [("unit", "°C"), ("client_id", "dev 1")] };
}
