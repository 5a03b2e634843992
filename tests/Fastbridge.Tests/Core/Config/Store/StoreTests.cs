using Fastbridge.Core.Config.Store;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Config.Store;

/// <summary>What the store answers: outcomes, lists, masks, revisions, and what it leaves alone.</summary>
public sealed class StoreTests
{
    private const string Two = """
        [{"connector_name": "a", "topic_id": "a", "config": {"bootstrap_servers": "k:1", "topic": "a", "properties": {"sasl.password": "hunter2", "ssl.key.password": "${env:SECRET}"}}},
         {"connector_name": "b", "topic_id": "b", "cluster_name": "plant", "config": "{\"bootstrap_servers\": \"k:1\", \"topic\": \"b\", \"properties\": {\"sasl.password\": \"hunter2\"}}"}]
        """;

    [Fact]
    public async Task a_first_create_makes_the_file_for_its_owner_alone()
    {
        using var fixture = new StoreFixture();
        Assert.Empty((await fixture.ListAsync()).Connectors);
        Assert.True((await fixture.CreateAsync("a")).IsDone);
        Assert.Equal("""
            {
              "connectors": [
                {
                  "cluster_name": "default",
                  "connector_name": "a",
                  "connector_type": "Kafka",
                  "config": "{\"bootstrap_servers\": \"k:9092\", \"topic\": \"new\"}",
                  "topic_id": "n/#",
                  "status": "Idle",
                  "broker_id": null,
                  "create_time": 1800000000,
                  "update_time": 1800000000
                }
              ]
            }

            """, fixture.Text);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(fixture.Path));
    }

    [Fact]
    public async Task lists_mask_secrets_and_show_references()
    {
        using var fixture = new StoreFixture("c.json", Two);
        StoreList list = await fixture.ListAsync();
        Assert.Equal("""{"bootstrap_servers":"k:1","topic":"a","properties":{"sasl.password":"******","ssl.key.password":"${env:SECRET}"}}""", list.Connectors[0].Config);
        Assert.Equal("""{"bootstrap_servers":"k:1","topic":"b","properties":{"sasl.password":"******"}}""", list.Connectors[1].Config);
        Assert.Equal(("plant", "Idle", "b"), (list.Connectors[1].ClusterName, list.Connectors[1].Status, list.Connectors[1].TopicIds[0]));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public async Task a_mask_in_an_update_keeps_the_secret(string name)
    {
        using var fixture = new StoreFixture("c.json", Two);
        StoreOutcome outcome = await fixture.UpdateAsync(new ConnectorDraft { Name = name, Config = """{"bootstrap_servers": "k:2", "topic": "z", "properties": {"sasl.password": "******"}}""" });
        Assert.Equal([], outcome.Faults);
        Assert.Contains("hunter2", fixture.Text.Split('\n')[name == "a" ? 0 : 1], StringComparison.Ordinal);
        Assert.DoesNotContain("******", fixture.Text, StringComparison.Ordinal);
        Assert.Contains("k:2", fixture.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_mask_without_a_stored_secret_is_refused()
    {
        using var fixture = new StoreFixture("c.json", Two);
        const string Config = """{"bootstrap_servers": "k:2", "topic": "z", "properties": {"ssl.key.pem": "******"}}""";
        const string Fault = "config.properties.ssl.key.pem: ****** stands for a secret that is stored, and none is; write it, or better ${env:NAME} or ${file:PATH}";
        StoreOutcome updated = await fixture.UpdateAsync(new ConnectorDraft { Name = "a", Config = Config });
        StoreOutcome created = await fixture.CreateAsync("n", Config);
        Assert.Equal((StoreResult.Invalid, Fault), (updated.Result, Assert.Single(updated.Faults)));
        Assert.Equal((StoreResult.Invalid, Fault), (created.Result, Assert.Single(created.Faults)));
        Assert.Equal(Two, fixture.Text);
    }

    [Fact]
    public async Task newer_robustmq_shape_is_taken_and_kept()
    {
        using var fixture = new StoreFixture();
        Assert.True((await fixture.CreateAsync("a", """{"Kafka": {"bootstrap_servers": "k:1", "topic": "t"}}""")).IsDone);
        Assert.True((await fixture.UpdateAsync(new ConnectorDraft { Name = "a", Config = """{"bootstrap_servers": "k:2", "topic": "t"}""" })).IsDone);
        Assert.Equal("""{"Kafka":{"bootstrap_servers":"k:2","topic":"t"}}""", (await fixture.ListAsync()).Connectors[0].Config);
    }

    [Theory]
    [InlineData("""{"bootstrap_servers": "k", "topic": "t"}""", "config.bootstrap_servers: \"k\": the port is missing; write host:9092")]
    [InlineData("""{"bootstrap_servers": "k:1", "topc": "t"}""", "config.topc: unknown key; did you mean \"topic\"?")]
    [InlineData("""{"bootstrap_servers": "k:1" """, "config: no valid JSON: at byte 29 the text ends too early; it was cut off, or a closing bracket or quote is missing")]
    [InlineData("[]", "config: expected an object, found a list")]
    [InlineData("", "config: no valid JSON: at byte 1 there is nothing in it; write {\"connectors\": []} or a connector")]
    public async Task a_config_that_is_wrong_is_one_line_and_changes_nothing(string config, string fault)
    {
        using var fixture = new StoreFixture("c.json", Two);
        foreach (StoreOutcome outcome in new[] { await fixture.CreateAsync("n", config), await fixture.UpdateAsync(new ConnectorDraft { Name = "b", Config = config }) })
            Assert.Equal((StoreResult.Invalid, fault), (outcome.Result, Assert.Single(outcome.Faults)));
        Assert.Equal(Two, fixture.Text);
    }

    [Fact]
    public async Task a_config_of_more_than_4096_characters_is_refused()
    {
        using var fixture = new StoreFixture();
        StoreOutcome outcome = await fixture.CreateAsync("a", $$"""{"bootstrap_servers": "k:1", "topic": "t", "key": "{{new string('x', 4_096)}}"}""");
        Assert.Equal("config: has 4149 characters, 4096 are the most; a longer one is written into the file by hand, as an object", Assert.Single(outcome.Faults));
        Assert.False(File.Exists(fixture.Path));
    }

    [Fact]
    public async Task names_of_128_characters_with_quotes_slashes_and_emoji_go_through_every_operation()
    {
        string name = string.Concat(Enumerable.Repeat("\"/\\'🌡 #:", 16));
        foreach (string file in (string[])["c.json", "c.yaml"])
        {
            using var fixture = new StoreFixture(file);
            Assert.Equal([], (await fixture.CreateAsync(name)).Faults);
            Assert.Equal(StoreResult.Exists, (await fixture.CreateAsync(name)).Result);
            Assert.True((await fixture.EnableAsync(name, false)).IsDone);
            Assert.Equal((name, "Stopped"), ((await fixture.ListAsync()).Connectors[0].Name, (await fixture.ListAsync()).Connectors[0].Status));
            Assert.True((await fixture.DeleteAsync(name)).IsDone);
            Assert.EndsWith(": has 129 characters, 128 are the most", (await fixture.CreateAsync(name + "x")).Faults[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task outcomes_name_what_is_there_and_what_is_not()
    {
        using var fixture = new StoreFixture("c.json", Two);
        Assert.Equal("there is a connector \"a\" already; update it, or choose another name", (await fixture.CreateAsync("a")).Faults[0]);
        Assert.Equal((StoreResult.NotFound, "there is no connector \"x\"; list shows what there is"), await OutcomeAsync(fixture.DeleteAsync("x")));
        Assert.Equal((StoreResult.NotFound, "there is no connector \"b\" in cluster \"default\"; it is in another cluster"), await OutcomeAsync(fixture.Store.DeleteAsync("default", "b", null, TestContext.Current.CancellationToken)));
        Assert.Equal(StoreResult.NotFound, (await fixture.UpdateAsync(new ConnectorDraft { Name = "x", TopicIds = ["y"] })).Result);
        Assert.Equal(StoreResult.NotFound, (await fixture.EnableAsync("x", true)).Result);
        Assert.Equal(Two, fixture.Text);
    }

    [Fact]
    public async Task a_revision_that_is_not_the_files_any_more_is_a_conflict()
    {
        using var fixture = new StoreFixture("c.json", Two);
        string revision = (await fixture.ListAsync()).Revision;
        Assert.True((await fixture.UpdateAsync(new ConnectorDraft { Name = "a", TopicIds = ["z"] }, revision)).IsDone);
        string text = fixture.Text;
        Assert.Equal(StoreResult.Conflict, (await fixture.DeleteAsync("a", revision)).Result);
        Assert.Equal(text, fixture.Text);
        Assert.True((await fixture.DeleteAsync("a", (await fixture.ListAsync()).Revision)).IsDone);
    }

    [Fact]
    public async Task what_is_so_already_is_done_without_a_write()
    {
        using var fixture = new StoreFixture("c.json", Two);
        Assert.True((await fixture.EnableAsync("a", true)).IsDone);
        Assert.True((await fixture.UpdateAsync(new ConnectorDraft { Name = "a", TopicIds = ["a"], Config = (await fixture.ListAsync()).Connectors[0].Config })).IsDone);
        Assert.Equal(Two, fixture.Text);
    }

    [Fact]
    public async Task a_file_with_faults_elsewhere_can_be_edited_where_the_edit_adds_none()
    {
        const string Faulty = """[{"connector_name": "x", "topc_id": "x", "config": {}}, {"connector_name": "a", "topic_id": "a", "config": {"bootstrap_servers": "k:1", "topic": "a"}}]""";
        using var fixture = new StoreFixture("c.json", Faulty);
        Assert.True((await fixture.EnableAsync("a", false)).IsDone);
        Assert.True((await fixture.CreateAsync("b")).IsDone);
        Assert.Equal(StoreResult.Invalid, (await fixture.UpdateAsync(new ConnectorDraft { Name = "x", Config = """{"bootstrap_servers": "k:1"}""" })).Result);
        Assert.True((await fixture.DeleteAsync("x")).IsDone);
        Assert.Equal(["a", "b"], (await fixture.ListAsync()).Connectors.Select(c => c.Name));
    }

    [Fact]
    public async Task a_client_id_that_another_connector_has_is_refused()
    {
        using var fixture = new StoreFixture("c.json", """{"mqtt": {"client_id": "g"}, "connectors": [{"connector_name": "a", "topic_id": "a", "config": {"bootstrap_servers": "k:1", "topic": "a"}, "mqtt": {"client_id": "g-n"}}]}""");
        StoreOutcome outcome = await fixture.CreateAsync("n");
        Assert.Equal((StoreResult.Invalid, "connector_name: \"n\": connectors[0] connects to the same server with the same client id; give each connector a client_id of its own, or leave it out"), (outcome.Result, outcome.Faults[0]));
    }

    [Fact]
    public async Task a_missing_variable_is_a_warning_for_a_command_and_a_fault_for_a_bridge()
    {
        const string Config = """{"bootstrap_servers": "k:1", "topic": "t", "properties": {"sasl.password": "${env:NONE}"}}""";
        using var fixture = new StoreFixture();
        StoreOutcome outcome = await fixture.CreateAsync("a", Config);
        Assert.True(outcome.IsDone);
        Assert.Contains("\"${env:NONE}\": there is no such environment variable here, so its value is not checked", Assert.Single(outcome.Warnings), StringComparison.Ordinal);
        StoreOutcome strict = await new ConnectorStore(fixture.Path, Files.Machine).CreateAsync(StoreFixture.Draft("b", Config), TestContext.Current.CancellationToken);
        Assert.Equal(StoreResult.Invalid, strict.Result);
    }

    [Fact]
    public async Task a_delete_tells_where_the_session_is_to_be_ended()
    {
        using var fixture = new StoreFixture("c.json", """{"state_dir": "here", "connectors": [{"tenant": "plant", "connector_name": "a", "topic_id": "a", "config": {"bootstrap_servers": "k:1", "topic": "a"}}]}""");
        List<(string, string, string)> told = [];
        var store = new ConnectorStore(fixture.Path, StoreFixture.Environment)
        {
            Deleted = (state, cluster, name) =>
            {
                told.Add((state, cluster, name));
                return null;
            },
        };
        Assert.Equal(StoreResult.NotFound, (await store.DeleteAsync(null, "b", null, TestContext.Current.CancellationToken)).Result);
        Assert.Empty(told);
        Assert.True((await store.DeleteAsync(null, "a", null, TestContext.Current.CancellationToken)).IsDone);
        Assert.Equal([(Path.Combine(fixture.Folder, "here"), "plant", "a")], told);
    }

    [Fact]
    public async Task a_pipe_is_refused_and_not_waited_for()
    {
        using var folder = new TempFolder("pipe");
        string pipe = folder.File("pipe.json");
        (int code, _, string error) = await ChildProcess.RunAsync("mkfifo", [pipe]);
        Assert.Equal((0, ""), (code, error));
        var e = await Assert.ThrowsAsync<StoreException>(() => new ConnectorStore(pipe).ListAsync(TestContext.Current.CancellationToken)).Guarded();
        Assert.Contains("is a pipe or a device", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_change_beside_older_faults_is_written_and_says_that_it_is_not_in_force()
    {
        using var fixture = new StoreFixture("c.json", """{"connectors": [{"connector_name": "a", "topic_id": "a", "oops": 1, "config": {"bootstrap_servers": "k:1", "topic": "a"}}]}""");
        StoreOutcome outcome = await new ConnectorStore(fixture.Path, StoreFixture.Environment).CreateAsync(
            new ConnectorDraft { Name = "b", Type = "kafka", TopicIds = ["b"], Config = """{"bootstrap_servers": "k:1", "topic": "b"}""" }, TestContext.Current.CancellationToken);
        Assert.True(outcome.IsDone);
        Assert.Contains(outcome.Warnings, w => w.Contains("not in force", StringComparison.Ordinal) && w.Contains("oops", StringComparison.Ordinal));
    }

    private static async Task<(StoreResult, string)> OutcomeAsync(Task<StoreOutcome> outcome) => ((await outcome).Result, Assert.Single((await outcome).Faults));
}
