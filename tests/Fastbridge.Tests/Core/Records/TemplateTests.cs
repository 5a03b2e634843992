using System.Text;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Tests.Core.Records;

public class TemplateTests
{
    [Theory]
    [InlineData("sensor_data", "sensor_data")]
    [InlineData("", "")]
    [InlineData("${topic}", "site/7/größe")]
    [InlineData("${topic[0]}", "site")]
    [InlineData("${topic[1]}", "7")]
    [InlineData("${topic[2]}", "größe")]
    [InlineData("${topic[3]}", "")]
    [InlineData("${topic[65535]}", "")]
    [InlineData("${client_id}/${username}", "dev-1/ann")]
    [InlineData("q${qos}", "q1")]
    [InlineData("${user_property.unit}", "°C")]
    [InlineData("${user_property.a.b}", "dotted")]
    [InlineData("${user_property.none}", "")]
    [InlineData("<${topic[1]}${topic[0]}>", "<7site>")]
    [InlineData("$${topic}", "${topic}")]
    [InlineData("$$${topic}", "$${topic}")]
    [InlineData("a$b $ {} } $", "a$b $ {} } $")]
    public void renders(string text, string expected)
    {
        Template template = Template.Parse(text, TemplateUse.Key);
        Assert.Equal(expected, Render(template));
        Assert.Equal(text, template.Text);
    }

    [Theory]
    [InlineData("/a", 0, "")]
    [InlineData("/a", 1, "a")]
    [InlineData("a/", 1, "")]
    [InlineData("a//b", 1, "")]
    [InlineData("a//b", 2, "b")]
    [InlineData("a", 0, "a")]
    public void levels_are_counted_from_0_and_may_be_empty(string topic, int level, string expected) =>
        Assert.Equal(expected, Render(Template.Parse($"${{topic[{level}]}}", TemplateUse.Key), topic));

    [Theory]
    [InlineData("x${topc}", TemplateUse.Key, "\"${topc}\" at character 2 is no placeholder; did you mean ${topic}? Allowed: ${topic}, ${topic[N]}, ${client_id}, ${username}, ${qos}, ${user_property.NAME}")]
    [InlineData("${Topic}", TemplateUse.Key, "did you mean ${topic}?")]
    [InlineData("${clientid}", TemplateUse.Header, "did you mean ${client_id}?")]
    [InlineData("${user_propertie.unit}", TemplateUse.Key, "did you mean ${user_property.unit}?")]
    [InlineData("${topic.2}", TemplateUse.Key, "did you mean ${topic[N]}?")]
    [InlineData("${zzzzzzzz}", TemplateUse.Key, "is no placeholder; Allowed: ")]
    [InlineData("${}", TemplateUse.Key, "\"${}\" at character 1 is no placeholder")]
    [InlineData("ab${topic", TemplateUse.Key, "\"${topic\" at character 3 has no closing brace; write \"$${\" where the text ${ is meant")]
    [InlineData("${topic[-1]}", TemplateUse.Key, "needs a level from 0 (the first) to 65535")]
    [InlineData("${topic[]}", TemplateUse.Key, "needs a level from 0")]
    [InlineData("${topic[x]}", TemplateUse.Key, "needs a level from 0")]
    [InlineData("${topic[ 1]}", TemplateUse.Key, "needs a level from 0")]
    [InlineData("${topic[65536]}", TemplateUse.Key, "needs a level from 0")]
    [InlineData("${topic[99999999999]}", TemplateUse.Key, "needs a level from 0")]
    [InlineData("${user_property.}", TemplateUse.Key, "names no User Property")]
    [InlineData("${client_id}", TemplateUse.ClientId, "cannot stand in client_id, which defines it; allowed: ${topic}, ${topic[N]}, ${qos}, ${user_property.NAME}")]
    [InlineData("${username}", TemplateUse.Username, "cannot stand in username")]
    [InlineData("", TemplateUse.KafkaTopic, "the Kafka topic is empty")]
    [InlineData("sensor/data", TemplateUse.KafkaTopic, "\"sensor/data\" cannot be a Kafka topic: \"/\" at character 7; use letters, digits, '.', '_' and '-'")]
    [InlineData("..", TemplateUse.KafkaTopic, "\"..\" cannot be a Kafka topic")]
    [InlineData("a😀", TemplateUse.KafkaTopic, "\"😀\" at character 2")]
    [InlineData("$${topic}", TemplateUse.KafkaTopic, "\"$\" at character 1")]
    public void faults_are_named(string text, TemplateUse use, string expected)
    {
        Assert.False(Template.TryParse(text, use, out Template? template, out string? fault));
        Assert.Null(template);
        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault);
        Assert.Equal(fault, Assert.Throws<ArgumentException>(() => Template.Parse(text, use)).Message.Replace(" (Parameter 'text')", "", StringComparison.Ordinal));
    }

    [Fact]
    public void a_fixed_kafka_topic_may_have_249_characters_and_no_more()
    {
        Assert.True(Template.TryParse(new string('a', 249), TemplateUse.KafkaTopic, out _, out _));
        Assert.False(Template.TryParse(new string('a', 250), TemplateUse.KafkaTopic, out _, out string? fault));
        Assert.Contains("250 characters, 249 are the most", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void a_kafka_topic_with_a_placeholder_may_hold_characters_that_are_replaced() =>
        Assert.True(Template.TryParse("iot/${topic[0]}", TemplateUse.KafkaTopic, out _, out _));

    [Fact]
    public void a_constant_is_known_as_such()
    {
        Assert.True(Template.Parse("a$${b}", TemplateUse.Key).IsConstant);
        Assert.True(Template.Parse("", TemplateUse.Key).IsConstant);
        Assert.False(Template.Parse("a${qos}", TemplateUse.Key).IsConstant);
    }

    [Fact]
    public void of_user_properties_with_one_name_the_first_counts() =>
        Assert.Equal("°C", Render(Template.Parse("${user_property.unit}", TemplateUse.Header)));

    private static string Render(Template template, string topic = "site/7/größe")
    {
        var publish = new TestPublish { UserProperties = [("unit", "°C"), ("a.b", "dotted"), ("unit", "K")], ContentType = "x" };
        var output = new ByteBuffer();
        template.Render(
            new TemplateInput
            {
                Topic = Encoding.UTF8.GetBytes(topic),
                ClientId = "dev-1"u8,
                Username = "ann"u8,
                QoS = 1,
                Properties = new PublishProperties { Raw = publish.Wire() },
            },
            output);
        return Encoding.UTF8.GetString(output.Written);
    }
}
