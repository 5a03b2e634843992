using Fastbridge.Core.Config.Validation;

namespace Fastbridge.Tests.Core.Config;

public sealed class TopicFilterTests
{
    [Theory]
    [InlineData("#")]
    [InlineData("+")]
    [InlineData("/")]
    [InlineData("/+")]
    [InlineData("+/+/#")]
    [InlineData("a//b")]
    [InlineData("sport/tennis/player1/#")]
    [InlineData("$SYS/#")]
    [InlineData("$shared/x")]
    [InlineData("$share/g/#")]
    [InlineData("$share/g//")]
    [InlineData("$share/g/a/+/b")]
    [InlineData("grüße/🌡/ x")]
    public void Accepts_well_formed_filters(string filter) => Assert.Null(TopicFilter.Check(filter));

    [Theory]
    [InlineData("", "a filter has at least one character", "write \"#\" for all topics")] // [MQTT-4.7.3-1]
    [InlineData("a\0b", "must not contain U+0000", null)] // [MQTT-4.7.3-2]
    [InlineData("a/#/b", "'#' must be the last level", "write \"a/#\"")] // [MQTT-4.7.1-1]
    [InlineData("#/", "'#' must be the last level", "write \"#\"")]
    [InlineData("a/b#", "'#' must stand alone in its level", "write \"a/#\"")]
    [InlineData("a/#b", "'#' must stand alone in its level", "write \"a/#\"")]
    [InlineData("a/+b/c", "'+' must stand alone in its level", "write \"a/+/c\"")] // [MQTT-4.7.1-2]
    [InlineData("++", "'+' must stand alone in its level", "write \"+\"")]
    [InlineData("$share", "a shared subscription names a group", "write \"$share/GROUP/FILTER\"")]
    [InlineData("$share/", "a shared subscription names a group", "write \"$share/GROUP/FILTER\"")] // [MQTT-4.8.2-1]
    [InlineData("$share//a", "a shared subscription names a group", "write \"$share/GROUP/FILTER\"")]
    [InlineData("$share/+/a", "the group of a shared subscription has no + and #", "write \"$share/GROUP/FILTER\"")] // [MQTT-4.8.2-2]
    [InlineData("$share/g", "a shared subscription has a filter behind its group", "write \"$share/g/#\"")]
    [InlineData("$share/g/", "a shared subscription has a filter behind its group", "write \"$share/g/#\"")]
    [InlineData("$share/g/a/b+/c", "'+' must stand alone in its level", "write \"$share/g/a/+/c\"")]
    [InlineData("$share/g/a/#/c", "'#' must be the last level", "write \"$share/g/a/#\"")]
    public void Rejects_malformed_filters(string filter, string text, string? remedy) => Assert.Equal((text, remedy), TopicFilter.Check(filter));

    [Fact]
    public void Bounds_a_filter_at_65535_bytes() // [MQTT-4.7.3-3]
    {
        Assert.Null(TopicFilter.Check(new string('x', 65_535)));
        Assert.Equal("is longer than the 65535 bytes that MQTT can carry", TopicFilter.Check(new string('ü', 32_768))?.Text);
    }

    [Theory]
    [InlineData("\"topic_id\": [\"a\", 1],", "connectors[0].topic_id[1]: expected a text or a list of texts of 1 to 256 characters, found the number 1; write it in double quotes")]
    [InlineData("\"topic_id\": [\"a\", \"a\"],", "connectors[0].topic_id[1]: \"a\": the same filter as connectors[0].topic_id[0]; remove one")]
    [InlineData("\"topic_id\": [],", "connectors[0].topic_id: the list is empty; name a topic filter; \"status\": \"Stopped\" keeps a connector from running")]
    [InlineData("\"topic_id\": [\"a\", \"\"],", "connectors[0].topic_id[1]: \"\": must not be empty")]
    [InlineData("\"topic_id\": [\"a\", \"b+\"],", "connectors[0].topic_id[1]: \"b+\": '+' must stand alone in its level; write \"+\"")]
    public void Rejects_faulty_lists(string member, string fault) => Files.Rejects(Files.One(member), fault);
}
