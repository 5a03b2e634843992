using System.Text;
using Fastbridge.Core.Config;

namespace Fastbridge.Tests.Core.Config;

/// <summary>The connectors file as YAML: the same meaning, the same faults with their places, and nothing that could grow without end.</summary>
public sealed class YamlTests
{
    private const string Whole = """
        # the plant
        mqtt:
          server: mqtt://h:1884
          protocol_version: 5.0
          client_id: g-17
          password: ${env:SECRET}
          clean_start: false
        connectors:
          - connector_name: a
            topic_id: s/#
            config: {bootstrap_servers: "k:9092", topic: t, acks: 1}
          - connector_name: "grün 🌡"   # the second
            topic_id:
            - x/+
            - 'y'
            status: Stopped
            create_time: 2022-01-01 00:00:00
            config: |
              {"bootstrap_servers": "k:9092",
               "topic": "u"}
        """;

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Reads_what_json_can_say(string lineBreak)
    {
        BridgeConfig bridge = Valid(Whole.ReplaceLineEndings(lineBreak));
        Assert.Equal(["a", "grün 🌡"], bridge.Connectors.Select(c => c.Name));
        Assert.Equal("h", bridge.Connectors[0].Mqtt.Host);
        Assert.Equal(1, bridge.Connectors[0].Kafka.Acks);
        Assert.Equal(["x/+", "y"], bridge.Connectors[1].Mqtt.Subscriptions.Select(s => s.Filter));
        Assert.Equal("u", bridge.Connectors[1].Kafka.Topic);
        Assert.False(bridge.Connectors[1].Enabled);
        Assert.Equal(1640995200, bridge.Connectors[1].CreateTime!.Value.ToUnixTimeSeconds());
    }

    [Theory]
    [InlineData("- connector_name: a\n  topic_id: s\n  config: {bootstrap_servers: 'k:1', topic: t}\n")]
    [InlineData("connector_name: a\ntopic_id: s\nconfig: {bootstrap_servers: 'k:1', topic: t}\n")]
    [InlineData("\uFEFF---\nconnectors: [{connector_name: a, topic_id: s, config: {bootstrap_servers: 'k:1', topic: t}}]\n...\n")]
    [InlineData("{\"connectors\": [{\"connector_name\": \"a\", \"topic_id\": \"s\", \"config\": {\"bootstrap_servers\": \"k:1\", \"topic\": \"t\"}}]}")]
    [InlineData("%YAML 1.2\n---\nconnectors:\n- {connector_name: !!str a, topic_id: ! s, config: !!map {bootstrap_servers: 'k:1', topic: t}}\n")]
    public void Reads_every_shape_and_style(string yaml) => Assert.Equal("a", Assert.Single(Valid(yaml).Connectors).Name);

    [Fact]
    public void Reads_aliases_and_merge_keys_as_copies()
    {
        BridgeConfig bridge = Valid("""
            connectors:
              - &base
                connector_name: a
                topic_id: &topics [s/#, t]
                config: &kafka {bootstrap_servers: "k:1", topic: t, acks: "1"}
              - <<: *base
                connector_name: b
                config:
                  <<: *kafka
                  topic: u
              - connector_name: c
                topic_id: *topics
                config: *kafka
            """);
        Assert.Equal(["a", "b", "c"], bridge.Connectors.Select(c => c.Name));
        Assert.Equal(["t", "u", "t"], bridge.Connectors.Select(c => c.Kafka.Topic));
        Assert.All(bridge.Connectors, c => Assert.Equal((1, 2), (c.Kafka.Acks, c.Mqtt.Subscriptions.Length)));
    }

    [Theory]
    [InlineData("", ":1:1: there is nothing in it; write connectors: [] or a connector")]
    [InlineData("# only a comment\n", ":1:1: there is nothing in it; write connectors: [] or a connector")]
    [InlineData("connectors: [", ":1:14: no valid YAML: while parsing a node, did not find expected node content")]
    [InlineData("connectors: []\nmqtt: {qos: 3}", ":2:8: mqtt.qos: 3: expected a whole number from 0 to 2")]
    [InlineData("conectors: []", ":1:1: conectors: unknown key; did you mean \"connectors\"?")]
    [InlineData("connectors: []\nconnectors: []", ":2:1: connectors: the key stands twice in this object (first in line 1); remove one")]
    [InlineData("connectors: []\n---\nconnectors: []", ":2:1: a second document begins here; keep one, or write the connectors into one list")]
    [InlineData("connectors: *none", ":1:13: there is no anchor \"none\" before this alias; write the value out")]
    [InlineData("connectors: &a [*a]", ":1:17: the alias \"a\" stands inside its own value; write the value out")]
    [InlineData("connectors: !python/object []", ":1:13: a tag of an application is not read; remove it")]
    [InlineData("connectors: []\nmqtt: {qos: !!int x}", ":2:13: the value is not what its tag says; remove the tag")]
    [InlineData("? [a]\n: b", ":1:3: a name is a text, not an object or a list; write name: value")]
    [InlineData("<<: 5\nconnectors: []", ":1:1: a merge key takes an object, or a list of objects; write <<: *anchor")]
    [InlineData("connectors: []\nmqtt: {clean_start: yes}", ":2:8: mqtt.clean_start: expected true or false, found the text \"yes\"")]
    [InlineData("connectors: []\nmqtt: {username: 5}", ":2:8: mqtt.username: expected a text of 0 to 65535 characters, found the number 5; write it in double quotes")]
    [InlineData("a: 'x\n", ":1:4: no valid YAML: while scanning a quoted scalar, found unexpected end of stream")]
    public void Names_what_is_wrong_and_where(string yaml, string fault) =>
        Assert.Equal("/nowhere/c.yaml" + fault, Assert.Single(Parse(yaml).Faults).ToString());

    [Fact]
    public void Rejects_deep_nesting_and_aliases_that_grow_without_end()
    {
        Assert.Contains("more than 64 deep", Assert.Single(Parse(new string('[', 100_000)).Faults).ToString(), StringComparison.Ordinal);
        var laughs = new StringBuilder("a0: &a0 [lol]\n");
        for (int i = 1; i < 30; i++)
            laughs.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]\n");
        Assert.Contains("stand for more than 50000 values", Assert.Single(Parse(laughs.ToString()).Faults).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0x1F", 31)]
    [InlineData("0o17", 15)]
    [InlineData("+5", 5)]
    [InlineData("007", 7)]
    [InlineData("6e1", 60)]
    [InlineData("60.", 60)]
    public void Reads_numbers_as_the_core_schema_has_them(string number, int seconds) =>
        Assert.Equal(seconds, Assert.Single(Valid($"mqtt: {{keep_alive: {number}}}\nconnectors: [{{connector_name: a, topic_id: s, config: {{bootstrap_servers: 'k:1', topic: t}}}}]").Connectors).Mqtt.KeepAlive);

    [Fact]
    public void Every_half_of_a_file_ends_with_a_configuration_or_faults_of_one_line()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Whole);
        for (int length = 0; length < whole.Length; length++)
            AssertSound(whole.AsMemory(0, length));
    }

    [Fact]
    public void Mutations_never_throw()
    {
        string[] tokens = ["{", "}", "[", "]", ",", ": ", "- ", "\"", "'", "&a ", "*a", "<<: ", "!!str ", "|\n", ">-\n", "#", "\n", "\t", "? ", "---\n", "...\n", "%YAML 9\n", "\0", "\uFEFF", "🌡", "@", "`"];
        var random = new Random(20_261_121);
        byte[] whole = Encoding.UTF8.GetBytes(Whole);
        for (int i = 0; i < 2_000; i++)
        {
            List<byte> bytes = [.. whole];
            for (int edits = random.Next(1, 5); edits > 0; edits--)
            {
                int at = random.Next(bytes.Count);
                if (random.Next(3) == 0)
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 30), bytes.Count - at));
                else
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(tokens[random.Next(tokens.Length)]));
                if (bytes.Count == 0)
                    break;
            }

            AssertSound(bytes.ToArray());
        }
    }

    private static void AssertSound(ReadOnlyMemory<byte> yaml)
    {
        LoadResult result = ConnectorsFile.Parse(yaml, "/nowhere/c.yaml", Files.Machine);
        Assert.Equal(result.Config is null, result.Faults.Length > 0);
        Assert.All(result.Faults, f => Assert.False(f.ToString().AsSpan().ContainsAnyInRange('\0', '\u001f'), f.ToString()));
        Assert.All(result.Faults, f => Assert.DoesNotContain("hunter2", f.ToString(), StringComparison.Ordinal));
    }

    private static LoadResult Parse(string yaml) => ConnectorsFile.Parse(Encoding.UTF8.GetBytes(yaml), "/nowhere/c.yaml", Files.Machine);

    private static BridgeConfig Valid(string yaml)
    {
        LoadResult result = Parse(yaml);
        Assert.Equal([], result.Faults.Select(f => f.ToString()));
        return result.Config!;
    }
}
